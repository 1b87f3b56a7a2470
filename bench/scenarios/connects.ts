import { interleave } from "../interleave.ts";
import type { ConnectsPlan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "connects",
  about: "300 members (--members) come to one room, 20 at a time: connects a second",
  reps: 8,
  takes: ["members"],
  run(bench) {
    const members = bench.settings.members ?? 300;
    return interleave<ConnectsPlan>(
      "connects",
      {
        plan: { kind: "connects", members, atOnce: 20 },
        rooms: 1,
        metrics: [
          ["connects", "connects"],
          ["p50", "until it is in, p50"],
          ["p99", "until it is in, p99"],
        ],
        unit: "a connect",
      },
      bench,
    );
  },
};
