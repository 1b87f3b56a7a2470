import { Fleet } from "../fleet.ts";
import { interleave } from "../interleave.ts";
import type { ResumePlan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { targetsFor } from "../target.ts";

const MISSED = 100;

export const scenario: Scenario = {
  name: "resume",
  about: "1,000 members (--members) come back at once, each to the 100 messages that it missed",
  reps: 3,
  takes: ["members"],
  async run(bench) {
    const members = bench.settings.members ?? 1_000;
    const targets = targetsFor("resume", bench.targets);
    const fleet = await Fleet.start(targets, { beside: bench.fleet });
    try {
      return await interleave<ResumePlan>(
        "resume",
        {
          plan: { kind: "resume", members, missed: MISSED, atOnce: 50 },
          rooms: 1,
          metrics: [
            ["all", "until everyone has everything"],
            ["p50", "from dialing to having everything, p50"],
            ["p99", "from dialing to having everything, p99"],
          ],
          unit: "a member",
        },
        bench,
        { targets, fleet },
      );
    } finally {
      await fleet.stop();
    }
  },
};
