// A client core against a room core in memory, through whatever a network and a machine do.
import { expect, test } from "vitest";

import { runWorld, type Verdict } from "./world.ts";

// The long form is `npm run -s fuzz -- --seeds 10000`.
const SEEDS = 120;

test("[Q3] [Q11] [Q12] [Q13] [Q14] [Q15] [Q16] [Q22] [S1] [S3] [S2] [S4] [S9] [H6] [H7] [H8] [L8] [D9] [D10] [D12] [E2] [E5] [E6] [E7] [E8] [E13] no seed loses, doubles or reorders anything, or tells wrongly who is there", async () => {
  const total: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const verdict = await replayable(seed);
    for (const [what, times] of Object.entries({ ...verdict.resumes, ...verdict.faults })) {
      total[what] = (total[what] ?? 0) + times;
    }
  }
  // A fuzz that never meets a fault proves nothing.
  for (const what of [
    "joined",
    "resumed",
    "snapshot",
    "reset",
    "crash",
    "sleep",
    "drop",
    "half-open",
    "repeat",
    "purge",
    "reload",
    "slow",
    "lag",
    "dropped marks",
    "bye",
    "haste",
  ]) {
    expect(total[what] ?? 0, what).toBeGreaterThan(0);
  }
}, 120_000);

async function replayable(seed: number): Promise<Verdict> {
  try {
    return await runWorld(seed);
  } catch (fault) {
    throw new Error(
      `seed ${seed}: ${String(fault)}; replay it with npm run -s fuzz -- --seed ${seed}`,
      { cause: fault },
    );
  }
}
