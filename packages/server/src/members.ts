/** The members of a contract room: who is in, and how a frame reaches them. */
import { CLOSE_CODES, closeReason, type CloseName } from "@greenroom/protocol";

import { attachmentOf, closeByRoom, isHangingUp, isOpen, openSockets } from "./connection.ts";
import type { Headcount } from "./headcount.ts";

/** The part of a socket that delivery needs. */
export interface Socket {
  readonly readyState: number;
  /** Bytes that were sent and have not left yet, where the platform tells. */
  readonly bufferedAmount?: number | undefined;
  send(frame: string): void;
  close(code?: number, reason?: string): void;
  /** Of the platform's own sockets. */
  readonly serializeAttachment?: unknown;
}

/** Who is in a room. Delivery knows sockets and ids through this alone. */
export interface Members<S extends Socket = Socket> {
  /** The open sockets that have been let in. */
  all(): S[];
  /** How many there are about: those that are closing, or not yet let in, may be among them. */
  count(): number;
  /** The open socket of a member, let in or not; where it has none, the one that is just hanging up. */
  of(id: string): S | undefined;
  idOf(socket: S): string;
  /** Whether what a socket has sent is carried out: not where the room has closed it. */
  isHeard(socket: S): boolean;
  /** Lets a socket in: from now on it is seen. */
  admit(socket: S): void;
  isPending(socket: S): boolean;
  /** Whether a socket's member may send nothing, and ask only what reads. */
  isReadOnly(socket: S): boolean;
}

/** The members of a Durable Object: its hibernatable sockets, less those not yet let in. */
export class SocketMembers implements Members<WebSocket> {
  readonly #ctx: DurableObjectState;
  readonly #pending: WeakSet<WebSocket>;
  readonly #headcount: Headcount;
  /** By id, those that have closed and whose last messages are heard: the platform lists them no more. */
  readonly #hangingUp = new Map<string, WebSocket>();

  constructor(ctx: DurableObjectState, pending: WeakSet<WebSocket>, headcount: Headcount) {
    this.#ctx = ctx;
    this.#pending = pending;
    this.#headcount = headcount;
  }

  all(): WebSocket[] {
    const pending = this.#pending;
    return this.#ctx.getWebSockets().filter((socket) => isOpen(socket) && !pending.has(socket));
  }

  count(): number {
    return this.#headcount.count;
  }

  of(id: string): WebSocket | undefined {
    const open = openSockets(this.#ctx, { id }).at(-1);
    if (open || this.#hangingUp.size === 0) return open;
    const last = this.#hangingUp.get(id);
    return last && isHangingUp(last) ? last : undefined;
  }

  isHeard(socket: WebSocket): boolean {
    if (isOpen(socket)) return true;
    if (!isHangingUp(socket)) return false;
    this.#hangingUp.set(this.idOf(socket), socket);
    return true;
  }

  /** A member has left. */
  left(id: string): void {
    this.#hangingUp.delete(id);
  }

  idOf(socket: WebSocket): string {
    return attachmentOf(socket)?.id ?? "";
  }

  admit(socket: WebSocket): void {
    this.#pending.delete(socket);
  }

  isPending(socket: WebSocket): boolean {
    return this.#pending.has(socket);
  }

  isReadOnly(socket: WebSocket): boolean {
    return attachmentOf(socket)?.who?.readOnly === true;
  }
}

/** Closes a socket with one of our codes. */
export function closeWith(
  socket: Socket,
  name: CloseName,
  retryAfter?: number,
  words?: string,
): void {
  const [code, reason] = [CLOSE_CODES[name], closeReason(name, retryAfter, words)];
  // SAFETY: only the platform's own have it.
  if ("serializeAttachment" in socket) closeByRoom(socket as unknown as WebSocket, code, reason);
  else socket.close(code, reason);
}

/** So many times `lag` may wait for a connection that has no log to get it from later. */
const BACKLOG = 8;

/** Closes a connection of a room without a contract that has left too much unread; says whether it did. */
export function closeStuck(socket: Socket, lag: number): boolean {
  if (!((socket.bufferedAmount ?? 0) > BACKLOG * lag)) return false;
  closeWith(socket, "limited", 1_000);
  return true;
}

/** Closes the older connections of a session: a reconnect meets its own half-open ghost. */
export function supersede(older: readonly WebSocket[]): void {
  for (const socket of older) closeWith(socket, "superseded");
}
