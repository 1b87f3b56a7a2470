// `npm run -s goals`: what was set out to be reached, and what the committed run, or another, says of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { askedOf, round, type Run, verdictsOn } from "./reached.ts";

const HELP = `npm run -s goals -- [FILE] [options]

Tells which goals a run of the bench reaches (docs/results/bench.json, if no other is named).

  --json            [{ scenario, metric, target, to, least | most, ratio, isReached }]
  --help`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const file = positionals[0] ?? join(import.meta.dirname, "../docs/results/bench.json");
const verdicts = verdictsOn(JSON.parse(readFileSync(file, "utf8")) as Run);
if (values.json) console.log(JSON.stringify(verdicts, null, 2));
else {
  for (const each of verdicts) {
    const { scenario, metric, target, to, ratio, isReached } = each;
    const words = [isReached ? "ok  " : "MISS", round(ratio).padStart(6), askedOf(each).padEnd(14)];
    console.log(`${words.join("  ")} ${target} to ${to}, ${scenario}: ${metric}`);
  }
}
