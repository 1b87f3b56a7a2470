import { interleave } from "../interleave.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "fanout",
  about: "one room, 100 members (--members), 32 messages in flight (--in-flight)",
  reps: 5,
  run(bench) {
    const members = bench.settings.members ?? 100;
    const senders = Math.min(members, bench.settings.inFlight ?? 32);
    return interleave(
      "fanout",
      {
        rooms: 1,
        members,
        senders,
        loop: "each",
        metrics: [
          ["deliveries", `deliveries to ${members} members, ${senders} in flight`],
          ["perFrame", "messages in a frame"],
          ["p50", "until the acknowledgement, p50"],
        ],
      },
      bench,
    );
  },
};
