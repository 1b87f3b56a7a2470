import { interleave } from "../interleave.ts";
import type { LoopPlan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "echo",
  about: "two members answer each other: the time from a message to its answer, two messages",
  reps: 5,
  run: (bench) =>
    interleave<LoopPlan>(
      "echo",
      {
        plan: { kind: "loop", members: 2, senders: 1, loop: "turns", ...bench.times },
        rooms: 1,
        metrics: [
          ["p50", "round trip, p50"],
          ["p99", "round trip, p99"],
        ],
        unit: "a message",
      },
      bench,
    ),
};
