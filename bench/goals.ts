// `npm run -s goals`: what was set out to be reached, and what the committed run, or another, says of it.
import { join } from "node:path";

import { commandLine, fail, jsonIn } from "./command-line.ts";
import { askedOf, round, type Run, verdictsOn } from "./reached.ts";

const HELP = `npm run -s goals -- [FILE] [options]

Tells which goals a run of the bench reaches (docs/results/bench.json, if no other is named): MISS where one
is missed, and where the run has not measured it. Ends with 0 in any case.

  --json            [{ scenario, metric, target, to, least | most, ratio, isReached }]
  --help`;

const { values, positionals } = commandLine({
  allowPositionals: true,
  options: { json: { type: "boolean" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const file = positionals[0] ?? join(import.meta.dirname, "../docs/results/bench.json");
if (positionals.length > 1) fail(`One FILE at a time; these are ${positionals.length}.`);
const read = jsonIn(file) as Partial<Run> | Run["results"] | null;
// What --json printed has no repetitions: it is read by its medians.
const run = Array.isArray(read) ? { results: read } : (read as Partial<Run> | null);
if (!isRun(run)) fail(`${file} is no run of the bench, as --out or --json writes it.`);
const verdicts = verdictsOn(run);
if (values.json) console.log(JSON.stringify(verdicts, null, 2));
else {
  for (const each of verdicts) {
    const { scenario, metric, target, to, ratio, isReached } = each;
    const words = [isReached ? "ok  " : "MISS", round(ratio).padStart(6), askedOf(each).padEnd(14)];
    console.log(`${words.join("  ")} ${target} to ${to}, ${scenario}: ${metric}`);
  }
}

/** Whether a file has results of the bench; those of other commands are called the same. */
function isRun(read: Partial<Run> | null): read is Run {
  return Array.isArray(read?.results) && read.results.some((each) => each?.scenario !== undefined);
}
