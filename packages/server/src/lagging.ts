/**
 * Members that read more slowly than the room publishes, so that one of them costs the room a
 * bounded memory, and the others nothing.
 *
 *   live ---- more than `lag` unread ----> lagging ---- has got all of the log ----> live
 *
 * A lagging member gets its own answers, and the log from where it stopped, a chunk at a time as
 * it reads; no live entries and no signals. Where the log was trimmed past it, it is welcomed anew,
 * as a resume would welcome it. It is never closed for being slow. Its place is kept with its
 * socket, too, and so survives sleep.
 *
 * How much is unread the platform tells (`bufferedAmount`, workerd of 2026-11); where it does not,
 * the client is asked to tell each time it has read a quarter of `lag`.
 */
import { encodeEntries, encodeItem, encodeRoomFrame, type Welcome } from "@greenroom/protocol";

import type { After } from "./handler-time.ts";
import type { Log } from "./log.ts";
import type { Socket } from "./members.ts";

/** The largest chunk, in characters; one entry may be larger. */
export const CHUNK: number = 256 * 1024;
/** What a member may have unread beyond `lag`: more than all the answers that a session's mark keeps. */
const ANSWERS = 1024 * 1024;
/** How soon the room looks whether a member has read, in ms; each time that it has not, half as soon. */
const SOONEST = 10;
const LATEST = 1_000;
/** After so many looks in vain the room looks only when it has something to send: it may sleep. */
const PATIENCE = 100;

/** What is asked of the room for those who lag. */
export interface LaggingContext<S> {
  readonly log: Log;
  /** Bytes that may be unread. */
  readonly lag: number;
  readonly after: After;
  /** Where a member's place outlives the instance. */
  readonly places: {
    read(socket: S): number | undefined;
    write(socket: S, after: number | undefined): void;
  };
  /** Welcomes a member anew, whose next entry is gone; `undefined` where it had to be closed. */
  again(socket: S, after: number): Welcome | undefined;
}

/** Those who lag in one room. */
export class Lagging<S extends Socket> {
  readonly #context: LaggingContext<S>;
  /** After which entry each goes on. */
  readonly #places = new Map<S, number>();
  /** Characters sent and not acknowledged, where the platform does not tell. */
  readonly #unread = new WeakMap<S, number>();
  /** Characters sent to everybody since the room last looked at what is unread. */
  #sent = 0;
  #isAwake = false;
  /** Whether the clients must tell what they have read, because the platform does not; known with the first socket. */
  #isTold: boolean | undefined;
  #isSet = false;
  #looks = 0;

  constructor(context: LaggingContext<S>) {
    this.#context = context;
  }

  /** Whether a member lags. */
  has(socket: S): boolean {
    return this.#places.size > 0 && this.#places.has(socket);
  }

  /** Whether so much is unread that its member must not ask for more. */
  isChoked(socket: S): boolean {
    return this.#unreadOf(socket) > this.#context.lag + ANSWERS;
  }

  /** Every how many characters a client shall say that it has read them; `undefined` where the platform does. */
  acknowledgeEvery(socket: S): number | undefined {
    this.#isTold ??= socket.bufferedAmount === undefined;
    return this.#isTold && this.#context.lag !== Infinity ? this.#quarter : undefined;
  }

  /** Notes what is sent to a socket, where the platform does not. */
  sending(socket: S, size: number): void {
    this.#isTold ??= socket.bufferedAmount === undefined;
    if (this.#isTold) this.#unread.set(socket, (this.#unread.get(socket) ?? 0) + size);
  }

  /** A client has read as much as it was asked to acknowledge; `false` where nothing was to be acknowledged. */
  acknowledged(socket: S): boolean {
    const unread = this.#unread.get(socket) ?? 0;
    if (unread === 0) return false;
    this.#unread.set(socket, Math.max(0, unread - this.#quarter));
    if (this.has(socket)) this.#look();
    return true;
  }

  /**
   * About to send `size` characters to each of these: who has too much unread lags from here on,
   * behind entry `after`. Looks only once in a quarter of `lag`, so that it costs next to nothing.
   */
  before(sockets: readonly S[], after: number, size: number): void {
    this.#wake(sockets);
    if (this.#sent + size >= this.#quarter) {
      this.#sent = 0;
      for (const socket of sockets) {
        if (this.#unreadOf(socket) > this.#context.lag && !this.has(socket))
          this.begin(socket, after);
      }
    }
    this.#sent += size;
    if (this.#places.size > 0 && !this.#isSet) this.#set(LATEST);
  }

  /** From here on a member lags, behind entry `after`. */
  begin(socket: S, after: number): void {
    this.#places.set(socket, after);
    this.#context.places.write(socket, after);
    this.#looks = 0;
    this.#set(SOONEST);
  }

  get #quarter(): number {
    return Math.max(1, Math.floor(this.#context.lag / 4));
  }

  #unreadOf(socket: S): number {
    return socket.bufferedAmount ?? this.#unread.get(socket) ?? 0;
  }

  /** Finds those who lagged when the room fell asleep, once in each wake. */
  #wake(sockets: readonly S[]): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    for (const socket of sockets) {
      const after = this.#context.places.read(socket);
      if (after !== undefined) this.begin(socket, after);
    }
  }

  #set(ms: number): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#context.after(ms, () => {
      this.#isSet = false;
      this.#look();
    });
  }

  /** Sends to each what it has room for. */
  #look(): void {
    let hasMoved = false;
    for (const [socket, after] of this.#places) {
      if (socket.readyState !== 1) this.#places.delete(socket);
      else if (this.#drain(socket, after)) hasMoved = true;
    }
    this.#looks = hasMoved ? 0 : this.#looks + 1;
    if (this.#places.size > 0 && this.#looks < PATIENCE)
      this.#set(Math.min(LATEST, SOONEST * 2 ** this.#looks));
  }

  /** Sends a member the next of what it missed; `false` where it has no room for it yet. */
  #drain(socket: S, place: number): boolean {
    const { log, lag } = this.#context;
    let room = lag / 2 - this.#unreadOf(socket);
    if (room < 0) return false;
    let after = place;
    const { tail, head, epoch } = log.span();
    let items: string[] = [];
    if (after + 1 < tail) {
      const again = this.#context.again(socket, after);
      if (!again) return true; // closed: its client comes back
      after = again.seq;
      items.push(encodeItem(["w", again]));
    } else if (after === 0 && epoch !== null) items.push(encodeItem(["n", epoch]));
    while (after < head && room >= 0) {
      for (const { seq, count, entries } of log.pieces(after, Math.min(CHUNK, this.#quarter))) {
        items.push(encodeEntries(seq, entries));
        after = seq + count - 1;
      }
      room -= this.#send(socket, items);
      items = [];
    }
    if (items.length > 0) this.#send(socket, items);
    if (after >= head) this.#places.delete(socket);
    else this.#places.set(socket, after);
    this.#context.places.write(socket, after >= head ? undefined : after);
    return true;
  }

  #send(socket: S, items: readonly string[]): number {
    const frame = encodeRoomFrame(items);
    this.sending(socket, frame.length);
    socket.send(frame);
    return frame.length;
  }
}
