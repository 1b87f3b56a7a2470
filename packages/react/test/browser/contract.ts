import { contract } from "@greenroom/client";
import * as v from "valibot";

const Line = v.object({ from: v.string(), text: v.string() });

export const chat = contract({
  name: "chat",
  messages: { say: Line },
  events: { said: Line },
  presence: v.object({ x: v.number() }),
});
