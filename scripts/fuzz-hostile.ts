/**
 * `npm run -s fuzz:hostile`: hostile frames, handshakes and requests against a live room in real
 * workerd, with honest clients beside them. Exits 1 with what went wrong.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { createTestHarness } from "wrangler";

import { besiegedConfig } from "../packages/server/test/node/siege-config.ts";
import { FRAMES, siege } from "../packages/server/test/node/siege.ts";

const HELP = `npm run -s fuzz:hostile -- [--seeds N] [--from N] [--json]

  --seeds N   hostile connections; each sends ${FRAMES} frames, with 2 requests and 1 handshake beside (default 2,000)
  --from N    the first seed (default 1); a seed says what is sent
  --json      print the report as JSON`;

const ROOT = join(import.meta.dirname, "..");

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];

if (values.help) console.log(HELP);
else if (!Number.isSafeInteger(seeds) || !Number.isSafeInteger(from) || seeds < 1) {
  console.error(HELP);
  process.exitCode = 2;
} else await main();

async function main(): Promise<void> {
  process.loadEnvFile(join(ROOT, "wrangler.env"));
  const server = createTestHarness({
    root: join(ROOT, "packages/server/test/node"),
    workers: [{ config: besiegedConfig }],
  });
  try {
    const { url } = await server.listen();
    const began = performance.now();
    const progress = (line: string): void => console.error(line);
    const report = await siege({ url, seeds, from, progress });
    const seconds = Math.round((performance.now() - began) / 1_000);
    const { faults, ...counts } = report;
    const told = { seeds, from, ...counts, seconds, faults: faults.length };
    console.log(values.json ? JSON.stringify(told) : JSON.stringify(told, null, 2));
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await server.close();
  }
}
