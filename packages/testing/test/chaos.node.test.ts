// The command as a whole, in its short form: real workerd, killed and cut off.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const COMMAND = join(import.meta.dirname, "../../../bench/chaos/main.ts");

async function chaos(flags: string): Promise<Record<string, number>> {
  const args = [COMMAND, "--json", ...flags.split(" ")];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Record<string, number>;
}

test(
  "8 clients and 320 messages come through 2 kills and 10 cuts",
  { timeout: 60_000 },
  async () => {
    const report = await chaos(
      "--clients 8 --messages 320 --rate 60 --kills 2 --cuts 10 --blackouts 0",
    );
    expect(report).toMatchObject({
      sent: 320,
      taken: 320,
      delivered: 2_560,
      lost: 0,
      duplicated: 0,
      reordered: 0,
      kills: 2,
      cuts: 10,
      resets: 0,
    });
    expect(report["resumed"]).toBeGreaterThan(10);
  },
);
