// What the room and the page tell each other. Both ends import this file and infer from it.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));
const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000));
const said = v.object({ from: v.string(), name, text });

/** How many older messages come at once. */
export const PAGE = 50;

export const chat = contract({
  name: "chat",
  // The page asks for this...
  messages: { say: v.object({ name, text }) },
  // ...the room answers with this, and keeps it...
  events: { said },
  // ...and tells how it is doing; `expiresAt` is null while the room is empty.
  signals: { pulse: v.object({ messages: v.number(), expiresAt: v.nullable(v.number()) }) },
  // What was said before that can be asked for, page by page.
  calls: {
    history: {
      input: v.object({ before: v.number() }),
      output: v.array(v.object({ seq: v.number(), at: v.number(), ...said.entries })),
    },
  },
  // Who is here, and who is about to say something: it passes, and costs no row.
  presence: v.object({ name, isTyping: v.boolean() }),
});

export type Said = v.InferOutput<typeof said>;
