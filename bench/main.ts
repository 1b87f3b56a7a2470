// `npm run -s bench -- <scenario>`: measures targets side by side in one run.
import { writeFileSync } from "node:fs";

import {
  type Bounds,
  causeOf,
  commandLine,
  fail,
  failed as quit,
  numberIn,
  writable,
} from "./command-line.ts";
import { Fleet } from "./fleet.ts";
import type { Repeated } from "./paired.ts";
import { shareLines, sharesOf } from "./profile-shares.ts";
import { profile } from "./profile.ts";
import { BASELINE, loadScenarios, loadTargets } from "./registry.ts";
import { repeatedOf, type Result, type Sample, summarize } from "./results.ts";
import { fileOf, runReport } from "./run-report.ts";
import type { Scenario } from "./scenario.ts";
import { tables } from "./table.ts";
import { inWorkerd, type Target } from "./target.ts";

/** Functions of a profile that are told. */
const FUNCTIONS = 15;

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

/** More than this, some rooms refuse: their contract has a bound, as contracts should. */
const MOST_CHARACTERS = 2_000;
/** A timer takes no more than 24 days, and nobody waits for an hour. */
const SECONDS: Bounds = { whole: false, of: "seconds", most: 3_600 };

const { values, positionals } = commandLine({ allowPositionals: true, options: OPTIONS });
const warnings = new Set<string>();
/** Why targets could not be measured, by their names. */
const failed = new Map<string, Set<string>>();
const began = performance.now();
const scenarios = await loadScenarios();
const targets = await loadTargets();
if (values.help || process.argv.length === 2) console.log(help());
else if (values.list) console.log(values.json ? JSON.stringify(named(), null, 2) : list());
else if (positionals.length === 0) fail("Which scenario? One that `--list` names, or `all`.");
else {
  const named = [...new Set(positionals)].filter((name) => name !== "all");
  const chosen = named.map((name) => byName(scenarios, name, "scenario"));
  await main(positionals.includes("all") ? scenarios : chosen).catch(quit);
}

async function main(chosen: readonly Scenario[]): Promise<void> {
  const asked = values.targets?.split(",").map((name) => name.trim());
  const names = new Set(asked ?? targets.map(({ name }) => name));
  const some = [...names].map((name) => byName(targets, name, "target"));
  const baselines = [...new Set(names.has(BASELINE) ? [BASELINE, ...names] : names)];
  // Before anything is started: what is wrong is said at once.
  const settings = {
    reps: count("reps"),
    seconds: seconds("seconds", { ...SECONDS, above: 0 }),
    limit: seconds("limit"),
    calm: seconds("calm"),
    members: count("members"),
    inFlight: count("in-flight"),
    entries: count("entries"),
    rooms: count("rooms"),
    size: count("size", MOST_CHARACTERS)!,
  };
  const times = { warmUp: seconds("warm-up") * 1_000, measure: settings.seconds * 1_000 };
  writable("out", values.out);
  writable("profile", values.profile);
  const profiled = some.find(inWorkerd);
  if (values.profile !== undefined && !profiled)
    fail("--profile is of workerd, and none of the targets runs in it.");
  for (const option of ["members", "in-flight", "rooms", "entries"] as const) {
    if (values[option] !== undefined && !chosen.some(({ takes }) => takes?.includes(option)))
      warn(`--${option} has no effect on ${chosen.map(({ name }) => name).join(", ")}.`);
  }
  const fleet = await Fleet.start(some, { inspect: values.profile !== undefined });
  const results: Result[] = [];
  const repeated: Repeated[] = [];
  try {
    const stopProfile =
      values.profile && profiled && (await profile(fleet.workerdOf(profiled), values.profile));
    for (const scenario of chosen) {
      const reps = settings.reps ?? scenario.reps;
      const bench = {
        settings: { ...settings, reps },
        fleet,
        targets: some,
        times,
        progress,
        warn,
        failed: noteFailed,
      };
      const samples = await scenario.run(bench).catch((wrong: unknown): Sample[] => {
        noteFailed("", `${scenario.name} has no figures: ${causeOf(wrong)}.`);
        return [];
      });
      if (values.targets) tellWhoIsMissing(scenario, some, samples);
      results.push(...summarize(scenario.name, samples, baselinesOf(scenario, samples, baselines)));
      repeated.push(...repeatedOf(scenario.name, samples));
    }
    if (stopProfile) {
      console.error(
        `${profiled.name}: its functions, by their own time while workerd was not idle`,
      );
      for (const line of shareLines(sharesOf(await stopProfile(), FUNCTIONS))) console.error(line);
    }
  } finally {
    await fleet.stop();
  }
  console.log(values.json ? JSON.stringify(results, null, 2) : tables(results, repeated));
  for (const line of warnings) console.error(`warning: ${line}`);
  const failures = [...failed.values()].flatMap((lines) => [...lines]);
  for (const line of failures) console.error(`failed: ${line}`);
  if (failures.length > 0) process.exitCode = 1;
  progress("done");
  if (values.out) {
    const took = Math.round((performance.now() - began) / 1_000);
    const said = [...warnings, ...failures];
    const report = runReport({ seconds: took, warnings: said, results });
    writeFileSync(values.out, fileOf(report, repeated));
  }
}

/** A scenario's own baseline, where it was measured; or else the run's, in the order in which they were asked for. */
function baselinesOf(
  { baseline }: Scenario,
  samples: readonly Sample[],
  baselines: readonly string[],
): readonly string[] {
  const isThere = baseline !== undefined && samples.some(({ target }) => target === baseline);
  return isThere ? [baseline] : baselines;
}

/** A target that was asked for and has no part in a scenario would else be missing without a word. */
function tellWhoIsMissing(
  { name }: Scenario,
  asked: readonly Target[],
  samples: readonly Sample[],
): void {
  const there = new Set(samples.map(({ target }) => target));
  if (there.size > 0 && !targets.some((target) => there.has(target.name))) {
    progress(`${name}: what it compares is its own, whatever --targets says.`);
    return;
  }
  const missing = asked
    .map((target) => target.name)
    .filter((each) => !there.has(each) && !failed.has(each));
  if (missing.length > 0) warn(`${name}: ${missing.join(", ")} has no part in it.`);
}

function warn(line: string): void {
  warnings.add(line);
}

function noteFailed(target: string, line: string): void {
  failed.set(target, (failed.get(target) ?? new Set()).add(line));
}

function progress(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.error(`${String(seconds).padStart(4)} s  ${line}`);
}

function count(
  name: "reps" | "members" | "in-flight" | "entries" | "rooms" | "size",
  most?: number,
): number | undefined {
  return numberIn(name, values[name], { least: 1, ...(most !== undefined && { most }) });
}

function seconds(name: "seconds" | "warm-up" | "limit" | "calm", bounds: Bounds = SECONDS): number {
  return numberIn(name, values[name], bounds)!;
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

/** The same for machines. */
function named(): object {
  const each = (all: readonly (Scenario | Target)[]): object[] =>
    all.map(({ name, about }) => ({ name, about }));
  return { scenarios: each(scenarios), targets: each(targets) };
}

function list(): string {
  const lines = (all: readonly (Scenario | Target)[]): string =>
    all.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join("\n");
  return `scenarios\n${lines(scenarios)}\n  ${"all".padEnd(18)} each of them: about 12 minutes\n\ntargets\n${lines(targets)}`;
}

function help(): string {
  return `npm run -s bench -- <scenario ...> [options]

  --targets a,b     only these; the baseline is "${BASELINE}", or the first of them that has a part
  --reps N          repetitions, interleaved over the targets
  --seconds S       how long one repetition measures one target (1.2)
  --warm-up S       how long it goes on before that (0.3)
  --limit S         no further repetition of a load begins that would end after so many seconds (120)
  --calm S          before each repetition, wait up to S seconds until nothing else uses the machine (0)
  --members N       members of a room (connects, fanout, memory, presence, resume, rooms)
  --in-flight N     messages in flight (fanout)
  --rooms N         rooms (rooms)
  --entries N       messages that are kept (wake), that are sent alone (cost), of the contract (types)
  --size N          characters of a message's text (100, at most ${MOST_CHARACTERS.toLocaleString("en-US")})
  --json            [{ scenario, target, metric, unit, median, min, max, ratio, baseline }]
  --out FILE        writes the same to a file, with the date, the versions, the machine and each repetition
  --profile FILE    writes a V8 profile of the first target's workerd, and tells what takes most; its times are not comparable
  --list            scenarios and targets
  --help

${list()}`;
}
