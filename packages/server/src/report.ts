/** Reporting faults: one line in the log, with the room's name and an id that a client may see. */
import { type ErrorDetails, type Fault, HINTS, RoomError } from "@greenroom/protocol";

import { tellOf } from "./observe.ts";

/** Eight hexadecimal digits: enough to find one line in a day's log. */
export function faultId(): string {
  return crypto.randomUUID().slice(0, 8);
}

/** Logs a fault, and tells whoever listens of it. `where` is the hook or step that failed. */
export function logFault(
  kind: string,
  room: string,
  where: string,
  id: string,
  fault: unknown,
): void {
  const code = fault instanceof RoomError ? fault.code : "failed";
  tellOf(kind, room)("error", () => ({ id, where, code }));
  // oxlint-disable-next-line no-console -- the one place where the package writes to the log
  console.error(`[greenroom] ${kind}/${room}: ${where} failed (id ${id})`, fault);
}

const NO_START = "The room does not start.";

/** What a start throws: the code and hint of a misuse, or `failed`; with the id under which it was logged. */
export function startFault(fault: unknown, id: string): RoomError {
  return fault instanceof RoomError && fault.code in HINTS
    ? new RoomError(fault.code, { message: NO_START, hint: fault.hint, id, cause: fault })
    : new RoomError("failed", { id, cause: fault });
}

/** Codes that a handler may throw for its client; everything else is `failed`, but for `meant`. */
const MEANT = new Set(["refused", "limited"]);
/** Errors about what came from the client, or would go to it: a timer's `invalid` is none of them. */
const OF_CLIENT = new WeakSet<RoomError>();

/** An error of ours that is an answer to the client whose value is handled. */
export function meant(code: "invalid" | "too-large", details: ErrorDetails): RoomError {
  const fault = new RoomError(code, details);
  OF_CLIENT.add(fault);
  return fault;
}

/** Whether a fault is an answer to the client, not a bug of the room. */
export function isMeant(fault: unknown): fault is RoomError {
  return fault instanceof RoomError && (MEANT.has(fault.code) || OF_CLIENT.has(fault));
}

/** Whether a hook keeps somebody out on purpose, which is no fault of the room. */
export function isRefusal(fault: unknown): fault is RoomError {
  return fault instanceof RoomError && fault.code === "refused";
}

/** What a client may know of a fault that a handler threw on purpose. */
export function meantFault({ code, reason, issues, retryAfter }: RoomError): Fault {
  return {
    code: code as Fault["code"], // SAFETY: isMeant has checked it, and every code that it lets pass is of the wire
    reason,
    issues: issues.length > 0 ? issues : undefined,
    retryAfter,
  };
}

/**
 * The error with which a handler refuses a message or call: `throw refuse("not your turn")`.
 *
 * Everything the handler did is rolled back, and its sender's promise rejects with code
 * `refused` and this reason. It is an answer, not a fault: nothing is logged.
 *
 * @param reason what the sender may read, at most 200 characters
 */
export function refuse(reason: string): RoomError {
  return new RoomError("refused", {
    message: `The room refused it: ${reason}.`,
    reason: reason.slice(0, 200),
  });
}
