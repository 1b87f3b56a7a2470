/**
 * Every error of Greenroom: one frozen table of codes, one class, one frame for the wire.
 *
 * `docs/errors.md` is generated from the table. A client of a room never sees more of a
 * fault than its code and id; what a handler refuses on purpose carries its own reason.
 */

/** Where the page of all codes is published. */
const ERRORS_PAGE = "docs/errors.md";

/** What a message, a call or a connection can fail with. */
export type WireCode =
  | "invalid"
  | "refused"
  | "limited"
  | "expired"
  | "timeout"
  | "closed"
  | "failed"
  | "aborted"
  | "outcome-unknown"
  | "outbox-full"
  | "too-large"
  | "unknown"
  | "malformed"
  | "unsupported"
  | "not-found"
  | "bad-name"
  | "bad-host"
  | "token";

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
  | "state-too-large"
  | "bad-tag"
  | "alarm-in-transaction";

/** The name of an error; the table is on the errors page. */
export type ErrorCode = WireCode | MisuseCode;

/** A message and a hint. */
export type ErrorText = readonly [message: string, hint: string];

/** Every error of the wire with its message and its hint. */
export const ERRORS: Readonly<Record<WireCode, ErrorText>> = Object.freeze({
  // A message or a call came back with one of these.
  invalid: [
    "The value does not match the contract.",
    "Compare `issues` with the schema in the contract.",
  ],
  refused: [
    "The room refused it.",
    "The handler called `refuse(reason)`: show the reason to the person.",
  ],
  limited: ["Too much, too fast.", "Wait for `retryAfter` milliseconds, then send again."],
  expired: [
    "The room has expired.",
    "Call `reconnect()` to start the room again; its log begins anew.",
  ],
  timeout: [
    "No answer came in time.",
    "It may still be carried out: raise `timeout`, or send something that can be repeated.",
  ],
  closed: [
    "The connection to the room is closed for good.",
    "Look at `status.reason`; call `reconnect()` to try again.",
  ],
  failed: [
    "The room failed while handling it; nothing was changed.",
    "Search the room's log for the error's id.",
  ],
  aborted: [
    "The caller's AbortSignal fired.",
    "Nothing to mend: the room may still carry it out if it was sent.",
  ],
  "outcome-unknown": [
    "Nobody can tell any more whether the room carried it out.",
    "The room expired, or keeps the answer no longer. Read the room's state, then decide.",
  ],
  "outbox-full": [
    "Too many messages wait to be sent.",
    "Wait for `send` to resolve before sending more, or raise `outbox`.",
  ],
  "too-large": [
    "It is larger than the limit.",
    "Send less at once, or store it elsewhere and send a link.",
  ],
  unknown: [
    "The contract has no message or call of this name.",
    "Deploy both ends from the same contract.",
  ],
  malformed: [
    "The frame cannot be read.",
    "Speak the frames of SPEC.md, or use the client package.",
  ],
  unsupported: [
    "The room does not speak this version of the protocol.",
    "Update the client package to the room's version.",
  ],

  // The way in.
  "not-found": ["There is no such room here.", "Add the room's class to `rooms` of `routeRooms`."],
  "bad-name": [
    "This cannot be a room's name.",
    "Use 1 to 128 well-formed characters, other than `.` and `..`.",
  ],
  "bad-host": [
    "This cannot be a host.",
    "Pass `host` as `example.com`, `localhost:8787` or a full URL.",
  ],
  token: [
    "The token provider failed or took too long.",
    "Return a token within `tokenTimeout`, or null for none.",
  ],
});

/** The one mistake that a client's bundle may have to name, too; the others are in misuse.ts. */
export const BAD_CONTRACT: ErrorText = [
  "The contract cannot be used.",
  "Use synchronous Standard Schemas and names that are not reserved.",
];

/** Whether a text is the name of an error of the wire. */
export function isWireCode(text: unknown): text is WireCode {
  return typeof text === "string" && Object.hasOwn(ERRORS, text);
}

/** What an error may carry beside its code. */
export interface ErrorDetails {
  /** What happened, with the actual values. @default the table's message */
  readonly message?: string;
  /** What to do about it. @default the table's hint */
  readonly hint?: string;
  /** The id under which the room logged the fault. */
  readonly id?: string;
  /** Why a handler refused, in the app's own words. */
  readonly reason?: string;
  /** What does not match the contract, at most 8 of them. */
  readonly issues?: readonly Issue[];
  /** Milliseconds to wait before trying again. */
  readonly retryAfter?: number;
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
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string;
  /** The place of the code on the errors page. */
  readonly url: string;
  readonly id: string | undefined;
  readonly reason: string | undefined;
  readonly issues: readonly Issue[];
  /** In milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const [message, hint] = isWireCode(code) ? ERRORS[code] : ["", ""];
    const url = `${ERRORS_PAGE}#${code}`;
    const texts = [details.message ?? message, details.hint ?? hint, `(${url})`];
    super(texts.filter(Boolean).join(" "), { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? hint;
    this.url = url;
    this.id = details.id;
    this.reason = details.reason;
    this.issues = details.issues ?? [];
    this.retryAfter = details.retryAfter;
  }
}
