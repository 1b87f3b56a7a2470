/**
 * A connection: the platform's own WebSocket with what partyserver's users expect of it.
 *
 * What must survive sleep is in the socket's attachment: the public id, the tags and the user's
 * state. The URL of the handshake is never kept: tokens travel in it.
 */
import { misuse } from "@greenroom/protocol";

import type { Who } from "./claims.ts";
import type { Connection, ConnectionState } from "./party.ts";
import type { Spent } from "./rates.ts";

/** What we keep on a sleeping socket. The platform allows 16,384 bytes with its header. */
export interface Attachment {
  /** The member's public id. */
  readonly id: string;
  /** When the connection was accepted, in ms since 1970. */
  readonly at: number;
  readonly tags: readonly string[];
  readonly state: unknown;
  /** Which dial of its client this is, where the client says so. */
  readonly dial?: readonly [life: number, count: number];
  /** Whether its page has asked for the texts of exceptions, in development. */
  readonly debug?: true;
  /** Its rate's buckets, where they are low. */
  readonly spent?: Spent;
  /** What extensions keep, by name. */
  readonly parts?: Readonly<Record<string, unknown>>;
  /** Who is there, where the Worker says so. */
  readonly who?: Who;
  /** The entry behind which its member lags, where it does. */
  readonly behind?: number | undefined;
  /** Whether the room has closed it: nothing that it sends is heard any more. */
  readonly closed?: true;
}

/** Tags are prefixed, so that nothing a user chooses can be taken for an id (`[A3]`). */
const ID_TAG = "id:";
const USER_TAG = "t:";
/** Of connections whose claims end. */
const ENDING_TAG = "w:ending";

/** Stands in for the attachment of a socket that the room has done with. */
const GONE = "greenroom:gone";

const cache = new WeakMap<WebSocket, Attachment>();
/** What the room has cost, on the one socket that carries it. */
const bills = new WeakMap<WebSocket, string>();

/** The attachment of a socket; `undefined` when it is not ours or the room has done with it. */
export function attachmentOf(socket: WebSocket): Attachment | undefined {
  const cached = cache.get(socket);
  if (cached) return cached;
  const kept = WebSocket.prototype.deserializeAttachment.call(socket) as {
    g?: Attachment;
    b?: string;
  } | null;
  if (!kept?.g) return undefined;
  cache.set(socket, kept.g);
  if (kept.b !== undefined) bills.set(socket, kept.b);
  return kept.g;
}

/** The room's bill, where this socket carries it. */
export function billOn(socket: WebSocket): string | undefined {
  return attachmentOf(socket) && bills.get(socket);
}

/** Lets a socket carry the room's bill, beside its attachment; where that is full, it does not. */
export function keepBill(socket: WebSocket, bill: string): void {
  const attachment = attachmentOf(socket);
  if (!attachment) return;
  bills.set(socket, bill);
  try {
    write(socket, attachment);
  } catch {
    bills.delete(socket); // full with notes that memory alone keeps
  }
}

/** Keeps an attachment on a socket; throws `state-too-large` and changes nothing when it does not fit. */
export function attach(socket: WebSocket, attachment: Attachment): void {
  try {
    write(socket, attachment);
  } catch (cause) {
    throw misuse(
      "state-too-large",
      "A connection's state and claims exceed what a sleeping socket can keep.",
      { cause },
    );
  }
  cache.set(socket, attachment);
}

/**
 * Notes something of ours on a socket. Where the user's state leaves no room for it, only memory
 * keeps it: after a sleep the room then knows less of this connection, and that is no fault.
 */
export function amend(socket: WebSocket, note: Partial<Attachment>): void {
  const attachment = attachmentOf(socket);
  if (!attachment) return;
  const noted = { ...attachment, ...note };
  try {
    attach(socket, noted);
  } catch {
    cache.set(socket, noted);
  }
}

function write(socket: WebSocket, g: Attachment): void {
  const b = bills.get(socket);
  const serialize = WebSocket.prototype.serializeAttachment;
  if (b !== undefined) {
    try {
      serialize.call(socket, { g, b });
      return;
    } catch {
      bills.delete(socket); // what is the user's comes first
    }
  }
  serialize.call(socket, { g });
}

/** Marks a socket as done with: its later events reach no hook, also after sleep. */
export function markGone(socket: WebSocket): void {
  cache.delete(socket);
  bills.delete(socket);
  WebSocket.prototype.serializeAttachment.call(socket, GONE);
}

/** Whether the room has done with a socket. */
export function isGone(socket: WebSocket): boolean {
  if (attachmentOf(socket)) return false; // and its attachment is read for what follows
  return WebSocket.prototype.deserializeAttachment.call(socket) === GONE;
}

/** The platform's tags for a connection, ten at most; throws `bad-tag`. */
export function platformTags(id: string, tags: readonly string[], who?: Who): string[] {
  const unique = [...new Set(tags)];
  const bad = unique.find((tag) => typeof tag !== "string" || tag === "" || tag.length > 250);
  if (bad !== undefined || unique.length > 8) {
    const found =
      bad === undefined ? `${unique.length} tags` : `the tag ${JSON.stringify(bad).slice(0, 80)}`;
    throw misuse("bad-tag", `getConnectionTags returned ${found}.`);
  }
  const ending = who?.until === undefined ? [] : [ENDING_TAG];
  return [ID_TAG + id, ...ending, ...unique.map((tag) => USER_TAG + tag)];
}

/** Whether a socket is open. After our own close() it stays listed, until its peer answers, and is not. */
export function isOpen({ readyState }: { readonly readyState: number }): boolean {
  return readyState === 1;
}

/**
 * Whether it was the peer that has closed a socket, and not the room, which has yet to hear of it:
 * the state is that of the last frame that has come, and those before it may still be on their way.
 */
export function isHangingUp(socket: WebSocket): boolean {
  if (socket.readyState !== 2) return false;
  const attachment = attachmentOf(socket);
  return attachment !== undefined && attachment.closed !== true;
}

/** Whether what a socket sends is heard. */
export function isHeard(socket: WebSocket): boolean {
  return isOpen(socket) || isHangingUp(socket);
}

/** Closes a socket, and notes that it was the room that did, across sleep. */
export function closeByRoom(socket: WebSocket, code?: number, reason?: string): void {
  if (!attachmentOf(socket)?.closed) amend(socket, { closed: true });
  WebSocket.prototype.close.call(socket, code, reason);
}

/** Notes that the room has heard of a socket's close, for as long as it is awake. */
export function heardOfClose(socket: WebSocket): void {
  const attachment = attachmentOf(socket);
  if (attachment) cache.set(socket, { ...attachment, closed: true });
}

/** The open sockets of a room; of one id or tag when given, or those whose claims end. */
export function openSockets(
  ctx: DurableObjectState,
  by?: { id: string } | { tag: string } | "ending",
): WebSocket[] {
  const tag =
    by && (by === "ending" ? ENDING_TAG : "id" in by ? ID_TAG + by.id : USER_TAG + by.tag);
  return ctx.getWebSockets(tag).filter(isOpen);
}

const NOTHING: Attachment = Object.freeze({ id: "", at: 0, tags: [], state: null });

/** What all dressed sockets share: a connection holds nothing of its own but the room's name. */
let dress: object | undefined;

/** Dresses a socket with partyserver's properties; the same object every time. */
export function connectionOf(socket: WebSocket, room: string): Connection {
  // SAFETY: what the dress has completes the socket to a Connection.
  const connection = socket as unknown as Connection;
  dress ??= Object.create(WebSocket.prototype, DRESS) as object;
  if (Object.getPrototypeOf(socket) === dress) return connection;
  Object.defineProperty(socket, "server", { configurable: true, value: room });
  return Object.setPrototypeOf(connection, dress) as Connection;
}

function setState(this: WebSocket, next: unknown): ConnectionState<unknown> {
  const before = attachmentOf(this) ?? NOTHING;
  const state =
    typeof next === "function" ? (next as (state: unknown) => unknown)(before.state) : next;
  attach(this, { ...before, state: state ?? null });
  return state ?? null;
}

/** A property that is read from the attachment. */
function kept(read: (attachment: Attachment) => unknown): PropertyDescriptor {
  return {
    get(this: WebSocket) {
      return read(attachmentOf(this) ?? NOTHING);
    },
  };
}

const DRESS: PropertyDescriptorMap = {
  id: kept(({ id }) => id),
  uri: { value: null },
  tags: kept(({ id, tags }) => [id, ...tags]),
  state: kept(({ state }) => state),
  claims: kept(({ who }) => who?.claims),
  setState: { value: setState },
  close: {
    value(this: WebSocket, code?: number, reason?: string) {
      closeByRoom(this, code, reason);
    },
  },
  serializeAttachment: { value: setState },
  deserializeAttachment: kept(
    ({ state }) =>
      () =>
        state,
  ),
};
