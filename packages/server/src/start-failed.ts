/** What is answered where a room could not be started: a code and an id, and in development the text. */
import type { Fault, RoomError } from "@greenroom/protocol";

import { errorResponse, idWords, isUpgrade, turnedAway } from "./accept.ts";
import { detailed, wantsDetails } from "./details.ts";

/** When clients of a room whose start failed come back, in ms. */
export const RETRY_START = 1_000;

/** The answer to whoever came; `fault` is what the start has thrown. */
export function startFailed(request: Request, fault: unknown): Response {
  const { code, id, cause } = fault as RoomError; // SAFETY: the start throws nothing else
  if (isUpgrade(request)) return turnedAway(request, "failed", RETRY_START, idWords(id));
  // SAFETY: a misuse is told by its code over HTTP, as those of the wire are.
  const known = { code, id } as Fault;
  const { code: told, ...rest } = detailed(known, cause, wantsDetails(request));
  return errorResponse(500, told, rest);
}
