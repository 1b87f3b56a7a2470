/**
 * `npm run -s fuzz -- --seeds 10000`: the long form of the fuzz of a client core against a room
 * core in memory. `--seed N` replays one world. Exits 1 with the seed of the first that fails.
 */
import { parseArgs } from "node:util";

import { runWorld } from "../packages/server/test/node/world.ts";

const HELP = `npm run -s fuzz -- [--seeds N] [--from N] [--seed N] [--json]

  --seeds N   how many worlds to run (default 10,000)
  --from N    the first seed (default 1)
  --seed N    run one world, and print what it came to
  --json      print the totals as JSON`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else
  process.exitCode = await main(
    Number(values.seed ?? values.from),
    values.seed ? 1 : Number(values.seeds),
  );

async function main(from: number, count: number): Promise<number> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(count) || count < 1) {
    console.error(HELP);
    return 2;
  }
  const totals: Record<string, number> = { seeds: 0, steps: 0, sent: 0 };
  for (let seed = from; seed < from + count; seed++) {
    try {
      const { steps, sent, resumes, faults } = await runWorld(seed);
      for (const [what, times] of Object.entries({
        seeds: 1,
        steps,
        sent,
        ...resumes,
        ...faults,
      })) {
        totals[what] = (totals[what] ?? 0) + times;
      }
    } catch (fault) {
      console.error(`seed ${seed} fails; replay it with npm run -s fuzz -- --seed ${seed}`);
      console.error(fault);
      return 1;
    }
    if ((seed - from + 1) % 1_000 === 0) console.error(`${seed - from + 1} of ${count}`);
  }
  if (values.json) console.log(JSON.stringify(totals));
  else console.table(totals);
  return 0;
}
