import { interleave } from "../interleave.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "echo",
  about: "two members answer each other: the time from a message to its answer, two messages",
  reps: 7,
  run: (bench) =>
    interleave(
      "echo",
      {
        rooms: 1,
        members: 2,
        senders: 1,
        loop: "turns",
        metrics: [
          ["p50", "round trip, p50"],
          ["p99", "round trip, p99"],
        ],
      },
      bench,
    ),
};
