import { interleave } from "../interleave.ts";
import type { LoopPlan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";

const ROOMS = 50;

export const scenario: Scenario = {
  name: "rooms",
  about: "50 rooms (--rooms), 4 members each (--members), everyone with one message in flight",
  reps: 4,
  takes: ["rooms", "members"],
  run(bench) {
    const members = bench.settings.members ?? 4;
    return interleave<LoopPlan>(
      "rooms",
      {
        plan: { kind: "loop", members, senders: members, loop: "each", ...bench.times },
        rooms: bench.settings.rooms ?? ROOMS,
        metrics: [
          ["acknowledged", "acknowledged messages"],
          ["perFrame", "messages in a frame"],
          ["p50", "until the acknowledgement, p50"],
        ],
        unit: "a message",
      },
      bench,
    );
  },
};
