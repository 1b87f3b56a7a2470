/**
 * Every error of Greenroom: one frozen table of codes, one class, one frame for the wire.
 *
 * `docs/errors.md` is generated from the table. A client of a room never sees more of a
 * fault than its code and id; what a handler refuses on purpose carries its own reason.
 */

/** Where the page of all codes is published. */
const ERRORS_PAGE = "docs/errors.md";

/** What a message, a call or a connection can fail with, at both ends. */
export type WireCode =
  | "invalid"
  | "refused"
  | "limited"
  | "expired"
  | "timeout"
  | "closed"
  | "failed"
  | "outcome-unknown"
  | "too-large"
  | "unknown"
  | "malformed"
  | "bad-name";

/** What a client's own side can fail with; `own-errors.ts` has the texts. */
export type OwnCode = "aborted" | "outbox-full" | "bad-host" | "token";

/** Why the way in stays closed, as `denials.ts` has it. */
export type DenialCode = "unauthenticated" | "banned" | "locked" | "not-found" | "unsupported";

/** What is wrong in a room's code or configuration; `misuse.ts` has the texts. */
export type MisuseCode =
  | "bad-contract"
  | "bad-option"
  | "bad-handler"
  | "thenable"
  | "applied-twice"
  | "hibernate-off"
  | "not-sqlite"
  | "compatibility-date"
  | "no-name"
  | "bad-claims"
  | "state-too-large"
  | "bad-tag"
  | "alarm-in-transaction"
  | "migration-failed"
  | "schema-newer";

/** The name of an error; the table is on the errors page. */
export type ErrorCode = WireCode | OwnCode | DenialCode | MisuseCode;

/** A message and a hint. */
export type ErrorText = readonly [message: string, hint: string];

/** Every error of the wire with its message and its hint: terse, for they are in every client. */
export const ERRORS: Readonly<Record<WireCode, ErrorText>> = Object.freeze({
  // A message or a call came back with one of these.
  invalid: ["The value does not match the contract.", "Compare `issues` with the contract."],
  refused: ["The room refused it.", "Show the `reason` to the person."],
  limited: ["Too much, too fast.", "Wait `retryAfter` ms, then send again."],
  expired: ["The room has expired.", "Call `reconnect()` to begin a new one."],
  timeout: ["No answer came in time.", "It may still be carried out. Raise `timeout`."],
  closed: ["The connection is closed.", "Look at `status`; call `reconnect()`."],
  failed: ["The room failed and changed nothing.", "Search the room's log for the `id`."],
  "outcome-unknown": [
    "The room cannot tell whether it was carried out.",
    "Read the room's state, then decide.",
  ],
  "too-large": ["It is over the limit.", "Send less, or raise `limits.message`."],
  unknown: ["The contract has no such name.", "Deploy both ends from one contract."],
  malformed: ["The frame cannot be read.", "Use the client package."],

  // The way in.
  "bad-name": ["This cannot be a room's name.", "Use 1 to 128 characters."],
});

/** Whether a text is the name of an error of the wire. */
export function isWireCode(text: unknown): text is WireCode {
  return typeof text === "string" && Object.hasOwn(ERRORS, text);
}

/** What an error may carry beside its code. */
export interface ErrorDetails {
  /** What happened, with the actual values. @default the table's message */
  readonly message?: string | undefined;
  /** What to do about it. @default the table's hint */
  readonly hint?: string | undefined;
  /** The id under which the room logged the fault. */
  readonly id?: string | undefined;
  /** Why a handler refused, in the app's own words. */
  readonly reason?: string | undefined;
  /** What does not match the contract, at most 8 of them. */
  readonly issues?: readonly Issue[] | undefined;
  /** Milliseconds to wait before trying again. */
  readonly retryAfter?: number | undefined;
  /** The error behind this one; it never leaves its own side of the wire. */
  readonly cause?: unknown;
}

/** One place where a value does not match its schema. */
export interface Issue {
  readonly message: string;
  /** Keys from the top of the value to the place, joined by dots. */
  readonly path: string;
}

/** Every error that Greenroom throws or rejects with. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  declare readonly code: ErrorCode;
  /** What to do about it. */
  declare readonly hint: string;
  /** The place of the code on the errors page. */
  declare readonly url: string;
  declare readonly id: string | undefined;
  declare readonly reason: string | undefined;
  declare readonly issues: readonly Issue[];
  /** In milliseconds. */
  declare readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const [text, advice] = isWireCode(code) ? ERRORS[code] : [];
    const { message = text, hint = advice ?? "", issues = [], id, reason, retryAfter } = details;
    const url = `${ERRORS_PAGE}#${code}`;
    super([message, hint, `(${url})`].filter(Boolean).join(" "), { cause: details.cause });
    Object.assign(this, { code, hint, url, issues, id, reason, retryAfter });
  }
}
