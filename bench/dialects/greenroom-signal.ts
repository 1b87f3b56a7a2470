/** Greenroom's frames where the room signals what it is told: an item a signal. */
import type { Dialect } from "../dialect.ts";
import { dialect as greenroom } from "./greenroom.ts";
import { counter } from "./repeated.ts";

const count = counter('["s","said",');

export const dialect: Dialect = {
  ...greenroom,
  scan(bytes, from, to, speaker) {
    greenroom.scan(bytes, from, to, speaker);
    return count(bytes, from, to);
  },
  texts: (frame) =>
    (JSON.parse(frame.toString()) as [string, string, { text: string }][])
      .filter(([kind]) => kind === "s")
      .map(([, , { text }]) => text),
};
