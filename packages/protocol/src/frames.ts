/**
 * Frames: what travels over the socket, as JSON text, in both directions.
 *
 * A frame of a client is one item; a frame of a room is an array of items, everything that one
 * burst has for one member. Encoding and decoding are pure; what cannot be read is a value.
 */
import { type Issue, isWireCode, type WireCode } from "./errors.ts";
import { isCount } from "./hello.ts";

/** The text a client sends to see whether the room is there; the platform answers without waking it. */
export const PING = "greenroom:ping";
export const PONG = "greenroom:pong";

/** One entry of the log: the event's name, its value, and when it was published (ms since 1970). */
export type Entry = readonly [event: string, value: unknown, at: number];

/** What went wrong, as a client may know it. */
export interface Fault {
  readonly code: WireCode;
  readonly id?: string | undefined;
  /** The text of the exception: in development, to a page that has asked for it, and never else. */
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly issues?: readonly Issue[] | undefined;
  readonly retryAfter?: number | undefined;
}

/** Client to room. `n` is the session's own number, from 1 upwards. */
export type ClientFrame =
  | readonly ["m", n: number, name: string, value: unknown]
  | readonly ["c", n: number, name: string, value: unknown]
  | readonly ["r", id: number, value: unknown]
  | readonly ["f", id: number, reason: string]
  | readonly ["k", seq: number];

/** How the room answers the position in a hello. */
export type ResumeKind = "joined" | "resumed" | "snapshot" | "reset";

/** The first item of every connection. */
export interface Welcome {
  /** The member's public id. */
  readonly id: string;
  /** The room's epoch, null while nothing was ever kept. */
  readonly epoch: string | null;
  readonly resume: ResumeKind;
  /** The entries that follow begin after this one. */
  readonly seq: number;
  /** The newest entry of the room; the last of those that follow. */
  readonly head: number;
  /** Every number up to this one has been handled; a new one is larger. */
  readonly n: number;
  /** When to come back if this connection breaks: within so many milliseconds, drawn by chance. */
  readonly slot: number;
  /** After every so many characters the client says how far it has come; not there where the room can see it. */
  readonly ack?: number | undefined;
  /** The app's snapshot, where `resume` is `snapshot` and the room makes one. */
  readonly snapshot?: unknown;
}

/** Room to client. */
export type RoomItem =
  | readonly ["w", welcome: Welcome]
  | readonly ["n", epoch: string]
  | readonly ["e", seq: number, ...entries: Entry[]]
  | readonly ["s", event: string, value: unknown]
  | readonly ["a", n: number]
  | readonly ["v", n: number, value: unknown]
  | readonly ["x", n: number, fault: Fault]
  | readonly ["q", id: number, name: string, value: unknown]
  /** Presence: read by `readPresence`, in clients that use it. */
  | readonly ["p", ...told: unknown[]]
  /** A page of the log: read by `readPage`, in clients that use it. */
  | readonly ["b", ...told: unknown[]];

/** A frame that was read, or what is wrong with it. */
export type Decoded<T> =
  | { readonly ok: true; readonly frame: T }
  | { readonly ok: false; readonly why: string };

/** A room says of it that it is malformed, and no more. */
const NO_FRAME = { ok: false, why: "it is no frame of a client" } as const;

/** Reads a frame of a client; what is wrong with it is a value. */
export function decodeClientFrame(text: string): Decoded<ClientFrame> {
  const value = parse(text);
  const parts: unknown[] = Array.isArray(value) ? value : [];
  const [kind, n, third, fourth] = parts;
  // What may hold objects is never turned into text: a hostile `toString` or depth would throw.
  if (isCount(n)) {
    if (kind === "k") return { ok: true, frame: [kind, n] };
    if (n === 0) return NO_FRAME;
    if ((kind === "m" || kind === "c") && typeof third === "string" && parts.length <= 4) {
      return { ok: true, frame: [kind, n, third, fourth] };
    }
    if (kind === "r") return { ok: true, frame: [kind, n, third] };
    if (kind === "f") {
      return { ok: true, frame: [kind, n, typeof third === "string" ? third.slice(0, 200) : ""] };
    }
  }
  return NO_FRAME;
}

/** Writes a frame of a client. `undefined` as a value leaves its place out. */
export function encodeClientFrame(frame: ClientFrame): string {
  return JSON.stringify(frame.at(-1) === undefined ? frame.slice(0, -1) : frame);
}

/** Writes a message or a call whose value is JSON text already, or `undefined` for none. */
export function encodeMessage(
  kind: "m" | "c",
  n: number,
  name: string,
  json: string | undefined,
): string {
  return `["${kind}",${n},${JSON.stringify(name)}${json === undefined ? "" : `,${json}`}]`;
}

/** Reads a frame of a room: its items. An item of a kind from a later version is passed over. */
export function decodeRoomFrame(text: string): Decoded<RoomItem[]> {
  const value = parse(text);
  if (!Array.isArray(value)) return { ok: false, why: "not a JSON array" };
  const items: RoomItem[] = [];
  for (const item of value as unknown[]) {
    const shaped = Array.isArray(item) && isShaped(item as unknown[]);
    if (shaped === undefined) continue;
    if (!shaped) return { ok: false, why: "an item has the wrong shape" };
    if (item[0] === "x") item[2] = knownFault(item[2] as Fault);
    // SAFETY: its shape was checked.
    items.push(item as unknown as RoomItem);
  }
  return { ok: true, frame: items };
}

/** Writes a frame of a room from items that are JSON text already. */
export function encodeRoomFrame(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

/** Writes one item. A value of `undefined` is left out. */
export function encodeItem(item: RoomItem): string {
  return JSON.stringify(item.at(-1) === undefined ? item.slice(0, -1) : item);
}

/** Writes the item of entries that are JSON text already, joined by commas. */
export function encodeEntries(seq: number, entries: string): string {
  return `["e",${seq},${entries}]`;
}

/** Whether an item has the shape of its kind; `undefined` for a kind of a later version. */
function isShaped([kind, first, second, ...rest]: unknown[]): boolean | undefined {
  switch (kind) {
    case "w":
      return isWelcome(first);
    case "n":
    case "s":
      return typeof first === "string";
    case "e":
      return isCount(first) && first > 0 && [second, ...rest].every(isEntry);
    case "a":
    case "v":
      return isCount(first);
    case "x":
      return isCount(first) && isFault(second);
    case "q":
      return isCount(first) && typeof second === "string";
    case "p":
    case "b":
      return true;
    default:
      return undefined;
  }
}

/** Whether a value has the shape of an entry. */
export function isEntry(entry: unknown): entry is Entry {
  return Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[2] === "number";
}

const KINDS: readonly unknown[] = ["joined", "resumed", "snapshot", "reset"] satisfies ResumeKind[];

function isWelcome(value: unknown): value is Welcome {
  if (typeof value !== "object" || value === null) return false;
  const {
    id,
    epoch,
    resume,
    seq,
    head,
    n,
    slot,
    ack = 0,
  } = value as Partial<Record<keyof Welcome, unknown>>;
  return (
    typeof id === "string" &&
    (epoch === null || typeof epoch === "string") &&
    KINDS.includes(resume) &&
    [seq, head, n, slot, ack].every(isCount)
  );
}

/** Whether a value has the shape of a fault; its code may be of a later version. */
export function isFault(value: unknown): value is Fault {
  if (typeof value !== "object" || value === null) return false;
  const {
    code,
    id = "",
    reason = "",
    issues = [],
    retryAfter = 0,
  } = value as Partial<Record<keyof Fault, unknown>>;
  return (
    [code, id, reason].every((text) => typeof text === "string") &&
    typeof retryAfter === "number" &&
    Array.isArray(issues)
  );
}

/** A code from a later version must not cost its whole frame: it is a rejection like any other. */
export function knownFault(fault: Fault): Fault {
  return isWireCode(fault.code) ? fault : { ...fault, code: "failed" };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: reported as a value by the caller
  }
}
