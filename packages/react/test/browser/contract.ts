import { contract } from "@greenroom/client";
import * as v from "valibot";

const Line = v.object({ from: v.string(), text: v.string() });

export const chat = contract({
  name: "chat",
  messages: { say: Line },
  events: { said: Line },
  calls: {
    history: {
      input: v.object({ before: v.number(), limit: v.number() }),
      output: v.array(
        v.object({ seq: v.number(), event: v.literal("said"), value: Line, at: v.number() }),
      ),
    },
  },
});
