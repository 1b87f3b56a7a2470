/** The size of what a room stores and sends. */
import { encodeItem } from "@greenroom/protocol";

import { byteLength } from "./accept.ts";
import type { Route } from "./jobs.ts";
import { meant } from "./report.ts";

/** The largest message, event or answer, in bytes of JSON: no row of the log may near the platform's 2 MB. */
export const LARGEST: number = 1024 * 1024;

/** A text that is within the limit; throws `too-large`. */
export function bounded(text: string, what: string): string {
  if (text.length > LARGEST / 3 && byteLength(text) > LARGEST) {
    throw meant("too-large", { message: `${what} is over ${LARGEST} bytes of JSON.` });
  }
  return text;
}

/** The answer to a call, validated and as it will be sent; `undefined` for a message. */
export function answerItem(route: Route, n: number, result: unknown): string | undefined {
  if (route.kind === "message") return undefined;
  route.output(result);
  return bounded(encodeItem(["v", n, result]), "The answer");
}
