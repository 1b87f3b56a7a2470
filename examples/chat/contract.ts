// What the room and the page tell each other. Both ends import this file and infer from it.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));
const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000));

export const chat = contract({
  name: "chat",
  // The page asks for this...
  messages: { say: v.object({ name, text }) },
  // ...the room answers with this, and keeps it...
  events: { said: v.object({ from: v.string(), name, text }) },
  // ...and tells how it is doing; `expiresAt` is null while the room is empty.
  signals: { pulse: v.object({ messages: v.number(), expiresAt: v.nullable(v.number()) }) },
});
