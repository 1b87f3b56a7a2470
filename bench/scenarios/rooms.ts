import { interleave } from "../interleave.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  name: "rooms",
  about: "50 rooms, 4 members each (--members), everyone with one message in flight",
  reps: 5,
  run(bench) {
    const members = bench.settings.members ?? 4;
    return interleave(
      "rooms",
      {
        rooms: 50,
        members,
        senders: members,
        loop: "each",
        metrics: [
          ["acknowledged", `acknowledged messages, 50 rooms of ${members}`],
          ["perFrame", "messages in a frame"],
          ["p50", "until the acknowledgement, p50"],
        ],
      },
      bench,
    );
  },
};
