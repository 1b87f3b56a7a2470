// The contract of a small room, as a user would write it.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

export const chat = contract({
  name: "chat",
  messages: { say: v.object({ text: v.pipe(v.string(), v.maxLength(2000)) }) },
  events: { said: v.object({ from: v.string(), text: v.string() }) },
});
