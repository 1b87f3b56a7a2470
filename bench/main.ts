// `npm run -s bench -- <scenario>`: measures targets side by side in one run.
import { parseArgs } from "node:util";

import { profile } from "./profile.ts";
import { BASELINE, loadScenarios, loadTargets } from "./registry.ts";
import { type Result, summarize } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { tables } from "./table.ts";
import type { Target } from "./target.ts";
import { startWorkerd } from "./workerd.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    targets: { type: "string" },
    reps: { type: "string" },
    seconds: { type: "string", default: "2" },
    calm: { type: "string", default: "0" },
    members: { type: "string" },
    "in-flight": { type: "string" },
    size: { type: "string", default: "100" },
    profile: { type: "string" },
    json: { type: "boolean" },
    list: { type: "boolean" },
    help: { type: "boolean" },
  },
});

const warnings = new Set<string>();
const scenarios = await loadScenarios();
const targets = await loadTargets();
if (values.help || (positionals.length === 0 && !values.list)) console.log(help());
else if (values.list) console.log(list());
else await main(positionals.map((name) => byName(scenarios, name, "scenario")));

async function main(chosen: Scenario[]): Promise<void> {
  const names = values.targets?.split(",") ?? targets.map(({ name }) => name);
  const some = names.map((name) => byName(targets, name, "target"));
  const baseline = (some.find(({ name }) => name === BASELINE) ?? some[0]!).name;
  const server = await startWorkerd(some, { inspect: values.profile !== undefined });
  const results: Result[] = [];
  try {
    const stopProfile = values.profile && (await profile(server, values.profile));
    for (const scenario of chosen) {
      const settings = {
        reps: count("reps") ?? scenario.reps,
        seconds: Number(values.seconds),
        calm: Number(values.calm),
        members: count("members"),
        inFlight: count("in-flight"),
        size: count("size")!,
      };
      const bench = { settings, server, targets: some, progress, warn };
      results.push(...summarize(scenario.name, await scenario.run(bench), baseline));
    }
    if (stopProfile) await stopProfile();
  } finally {
    await server.stop();
  }
  console.log(values.json ? JSON.stringify(results, null, 2) : tables(results));
  for (const line of warnings) console.error(`warning: ${line}`);
}

function warn(line: string): void {
  warnings.add(line);
}

function progress(line: string): void {
  console.error(line);
}

function count(name: "reps" | "members" | "in-flight" | "size"): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    fail(`--${name} is ${text}; it takes a whole number from 1.`);
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
    all.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join("\n");
  return `scenarios\n${lines(scenarios)}\n\ntargets\n${lines(targets)}`;
}

function help(): string {
  return `npm run -s bench -- <scenario ...> [options]

  --targets a,b     only these; the baseline is "${BASELINE}", or the first where it is left out
  --reps N          repetitions, interleaved over the targets
  --seconds S       how long one repetition measures one target (2)
  --calm S          before each repetition, wait up to S seconds until nothing else uses the machine (0)
  --members N       members of a room (fanout, rooms)
  --in-flight N     messages in flight (fanout)
  --size N          characters of a message's text (100)
  --json            [{ scenario, target, metric, unit, median, min, max, ratio, baseline }]
  --profile FILE    writes a V8 profile of the server; its times are not comparable
  --list            scenarios and targets
  --help

${list()}`;
}
