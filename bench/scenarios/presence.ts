import { Fleet } from "../fleet.ts";
import { interleave } from "../interleave.ts";
import type { PresencePlan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { targetsFor } from "../target.ts";

const RATE = 20;

export const scenario: Scenario = {
  name: "presence",
  about: "50 members (--members) who each move 20 times a second, and see everyone move",
  reps: 3,
  takes: ["members"],
  async run(bench) {
    const members = bench.settings.members ?? 50;
    const targets = targetsFor("presence", bench.targets);
    const fleet = await Fleet.start(targets, { beside: bench.fleet });
    try {
      return await interleave<PresencePlan>(
        "presence",
        {
          plan: { kind: "presence", members, rate: RATE, ...bench.times },
          rooms: 1,
          metrics: [
            ["seen", "moves that a member sees"],
            ["frames", "frames that a member gets"],
            ["bytes", "what a member gets"],
            ["p50", "until others see it, p50"],
            ["p99", "until others see it, p99"],
          ],
          unit: "a move",
        },
        bench,
        { targets, fleet },
      );
    } finally {
      await fleet.stop();
    }
  },
};
