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
  "8 clients and 160 messages come through a kill and 8 cuts",
  { timeout: 120_000 },
  async () => {
    const report = await chaos(
      "--clients 8 --messages 160 --rate 60 --kills 1 --cuts 8 --blackouts 0",
    );
    expect(report).toMatchObject({
      sent: 160,
      taken: 160,
      delivered: 1_280,
      lost: 0,
      duplicated: 0,
      reordered: 0,
      kills: 1,
      cuts: 8,
      resets: 0,
    });
    expect(report["resumed"]).toBeGreaterThan(8);
  },
);
