// `npm run -s bench -- <scenario>`: measures targets side by side in one run.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { Fleet } from "./fleet.ts";
import type { Repeated } from "./paired.ts";
import { LoadFault } from "./plan.ts";
import { profile } from "./profile.ts";
import { BASELINE, loadScenarios, loadTargets } from "./registry.ts";
import { repeatedOf, type Result, type Sample, summarize } from "./results.ts";
import { fileOf, runReport } from "./run-report.ts";
import type { Scenario } from "./scenario.ts";
import { tables } from "./table.ts";
import type { Target } from "./target.ts";

const OPTIONS = {
  targets: { type: "string" },
  reps: { type: "string" },
  seconds: { type: "string", default: "1.2" },
  "warm-up": { type: "string", default: "0.3" },
  limit: { type: "string", default: "120" },
  calm: { type: "string", default: "0" },
  members: { type: "string" },
  "in-flight": { type: "string" },
  entries: { type: "string" },
  rooms: { type: "string" },
  size: { type: "string", default: "100" },
  profile: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean" },
  list: { type: "boolean" },
  help: { type: "boolean" },
} as const;

const { values, positionals } = options();
const warnings = new Set<string>();
const began = performance.now();
const scenarios = await loadScenarios();
const targets = await loadTargets();
if (values.help || process.argv.length === 2) console.log(help());
else if (values.list) console.log(list());
else if (positionals.length === 0) fail("Which scenario? One that `--list` names, or `all`.");
else {
  const named = [...new Set(positionals)].filter((name) => name !== "all");
  const chosen = named.map((name) => byName(scenarios, name, "scenario"));
  await main(positionals.includes("all") ? scenarios : chosen).catch((fault: unknown) => {
    if (!(fault instanceof LoadFault)) throw fault;
    fail(`The load failed (${fault.message}). With many members: is \`ulimit -n\` large enough?`);
  });
}

async function main(chosen: readonly Scenario[]): Promise<void> {
  const names = new Set(values.targets?.split(",") ?? targets.map(({ name }) => name));
  const some = [...names].map((name) => byName(targets, name, "target"));
  const baseline = (some.find(({ name }) => name === BASELINE) ?? some[0]!).name;
  // Before anything is started: what is wrong is said at once.
  const settings = {
    reps: count("reps"),
    seconds: number("seconds"),
    limit: number("limit"),
    calm: number("calm"),
    members: count("members"),
    inFlight: count("in-flight"),
    entries: count("entries"),
    rooms: count("rooms"),
    size: count("size")!,
  };
  const times = { warmUp: number("warm-up") * 1_000, measure: settings.seconds * 1_000 };
  const fleet = await Fleet.start(some, { inspect: values.profile !== undefined });
  const results: Result[] = [];
  const repeated: Repeated[] = [];
  try {
    const stopProfile = values.profile && (await profile(fleet.workerd, values.profile));
    for (const scenario of chosen) {
      const reps = settings.reps ?? scenario.reps;
      const bench = {
        settings: { ...settings, reps },
        fleet,
        targets: some,
        times,
        progress,
        warn,
      };
      const samples = await scenario.run(bench);
      if (values.targets) tellWhoIsMissing(scenario, some, samples);
      results.push(...summarize(scenario.name, samples, scenario.baseline ?? baseline));
      repeated.push(...repeatedOf(scenario.name, samples));
    }
    if (stopProfile) await stopProfile();
  } finally {
    await fleet.stop();
  }
  console.log(values.json ? JSON.stringify(results, null, 2) : tables(results, repeated));
  for (const line of warnings) console.error(`warning: ${line}`);
  const seconds = Math.round((performance.now() - began) / 1_000);
  progress("done");
  if (values.out) {
    const report = runReport({ seconds, warnings: [...warnings], results });
    writeFileSync(values.out, fileOf(report, repeated));
  }
}

/** Reads the command line; what is wrong with it is said in a line. */
function options(): ReturnType<typeof parsed> {
  try {
    return parsed();
  } catch (wrong) {
    return fail(`${(wrong as Error).message.split(". ")[0]}. See --help.`);
  }
}

function parsed() {
  return parseArgs({ allowPositionals: true, options: OPTIONS });
}

/** A target that was asked for and has no part in a scenario would else be missing without a word. */
function tellWhoIsMissing(
  { name, baseline }: Scenario,
  asked: readonly Target[],
  samples: readonly Sample[],
): void {
  if (baseline !== undefined) return; // what it compares is its own
  const there = new Set(samples.map(({ target }) => target));
  const missing = asked.filter((target) => !there.has(target.name)).map((target) => target.name);
  if (missing.length > 0) warn(`${name}: ${missing.join(", ")} has no part in it.`);
}

function warn(line: string): void {
  warnings.add(line);
}

function progress(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.error(`${String(seconds).padStart(4)} s  ${line}`);
}

function count(
  name: "reps" | "members" | "in-flight" | "entries" | "rooms" | "size",
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    fail(`--${name} is ${text}; it takes a whole number from 1.`);
  return number;
}

function number(name: "seconds" | "warm-up" | "limit" | "calm"): number {
  const number = Number(values[name]);
  if (!(number >= 0)) fail(`--${name} is ${values[name]}; it takes a number of seconds.`);
  return number;
}

function byName<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
  what: string,
): Named {
  const found = all.find((each) => each.name === name);
  if (found) return found;
  return fail(
    `There is no ${what} "${name}"; there are ${all.map((each) => each.name).join(", ")}.`,
  );
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}

function list(): string {
  const lines = (all: readonly (Scenario | Target)[]): string =>
    all.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join("\n");
  return `scenarios\n${lines(scenarios)}\n  ${"all".padEnd(18)} each of them: about 12 minutes\n\ntargets\n${lines(targets)}`;
}

function help(): string {
  return `npm run -s bench -- <scenario ...> [options]

  --targets a,b     only these; the baseline is "${BASELINE}", or the first where it is left out
  --reps N          repetitions, interleaved over the targets
  --seconds S       how long one repetition measures one target (1.2)
  --warm-up S       how long it goes on before that (0.3)
  --limit S         no further repetition of a load begins that would end after so many seconds (120)
  --calm S          before each repetition, wait up to S seconds until nothing else uses the machine (0)
  --members N       members of a room (connects, fanout, memory, presence, resume, rooms)
  --in-flight N     messages in flight (fanout)
  --rooms N         rooms (rooms)
  --entries N       messages that are kept (wake), that are sent alone (cost), of the contract (types)
  --size N          characters of a message's text (100)
  --json            [{ scenario, target, metric, unit, median, min, max, ratio, baseline }]
  --out FILE        writes the same to a file, with the date, the versions, the machine and each repetition
  --profile FILE    writes a V8 profile of workerd; its times are not comparable
  --list            scenarios and targets
  --help

${list()}`;
}
