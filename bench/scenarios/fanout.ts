import { interleave } from "../interleave.ts";
import type { LoopPlan } from "../plan.ts";
import type { Sample } from "../results.ts";
import type { Scenario } from "../scenario.ts";
import { targetsFor } from "../target.ts";

/** Members of the room, where the command line does not say. */
const MEMBERS = [100, 1_000];
/** More than this are a crowd, for which variants of targets are left out: it takes long to gather. */
const CROWD = 500;

export const scenario: Scenario = {
  name: "fanout",
  about:
    "one room of 100, and one of 1,000 members (--members), 32 messages in flight (--in-flight)",
  reps: 4,
  takes: ["members", "in-flight"],
  async run(bench) {
    const samples: Sample[] = [];
    const { members: asked, inFlight = 32 } = bench.settings;
    for (const members of asked === undefined ? MEMBERS : [asked]) {
      const senders = Math.min(members, inFlight);
      const found = await interleave<LoopPlan>(
        `fanout-${members}`,
        {
          plan: { kind: "loop", members, senders, loop: "each", ...bench.times },
          rooms: 1,
          metrics: [
            ["deliveries", "deliveries"],
            ["perFrame", "messages in a frame"],
            ["p50", "until the acknowledgement, p50"],
          ],
          unit: "a message",
        },
        bench,
        {
          fleet: bench.fleet,
          targets: members > CROWD ? targetsFor("crowd", bench.targets) : bench.targets,
        },
      );
      const label = `${members} members, ${senders} in flight`;
      samples.push(...found.map((each) => ({ ...each, metric: `${label}: ${each.metric}` })));
    }
    return samples;
  },
};
