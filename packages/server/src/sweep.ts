/**
 * Sockets that have to go when the alarm rings: those whose claims have ended, and those that have
 * fallen silent.
 *
 * Only the first set an alarm. When the first of them ends is read from the sockets themselves,
 * once per wake; they carry a tag, so that a room without any looks at none. A socket that is
 * dead and not known to be keeps a place in the room until the next alarm, whatever sets that.
 */
import { CLOSE_CODES, closeReason } from "@greenroom/protocol";

import { hasEnded, type Who } from "./claims.ts";
import { attachmentOf, markGone, openSockets } from "./connection.ts";
import { closeWith } from "./members.ts";
import { waitAtMost } from "./patience.ts";

/**
 * A client asks at least once a minute, or every two in a page that sleeps; who has asked once and
 * then not for so long, in ms, is gone.
 */
const SILENCE = 5 * 60_000;
/** A room whose alarm rings often looks at all of its sockets no more often than this, in ms. */
const EVERY = 60_000;
/** How long the alarm waits for the hooks of those who are gone, in ms. */
const PATIENCE = 500;

/** What the sweep asks of its room. */
export interface SweepContext {
  readonly ctx: DurableObjectState;
  /** Tells the room that a connection has ended. */
  left(socket: WebSocket, code: number, reason: string): Promise<void>;
}

/** The sweep of one room. */
export class Sweep {
  readonly #context: SweepContext;
  /** When the first claims end; `undefined` when that is not known. */
  #next: number | null | undefined;
  #looked = 0;
  readonly #leaving = new WeakSet<WebSocket>();

  constructor(context: SweepContext) {
    this.#context = context;
  }

  /** When the first claims of an open connection end, in ms since 1970; null when none do. */
  next(): number | null {
    if (this.#next !== undefined) return this.#next;
    let next: number | null = null;
    for (const socket of openSockets(this.#context.ctx, "ending")) {
      const until = attachmentOf(socket)?.who?.until;
      if (until !== undefined && (next === null || until < next)) next = until;
    }
    return (this.#next = next);
  }

  /** A connection has come; says whether its claims are the first to end. */
  came(who: Who | undefined): boolean {
    const until = who?.until;
    if (until === undefined || (this.next() ?? Infinity) < until) return false;
    this.#next = until;
    return true;
  }

  /** A connection has gone. */
  went(who: Who | undefined): void {
    if (who?.until === this.#next) this.#next = undefined;
  }

  /** The room was purged, and its connections closed. */
  forget(): void {
    this.#next = undefined;
  }

  /** Whether a socket has left already, so that its close is only completed. */
  hasLeft(socket: WebSocket): boolean {
    return this.#leaving.has(socket);
  }

  /**
   * Closes whom it has to, and says whether anybody had fallen silent; resolves when those have
   * left, or soon. Never throws.
   */
  async run(now: number): Promise<boolean> {
    const { ctx, left } = this.#context;
    for (const socket of openSockets(ctx, "ending")) {
      if (hasEnded(attachmentOf(socket)?.who, now)) closeWith(socket, "unauthenticated");
    }
    this.#next = undefined;
    // The platform's own clock, by which it stamps its answers: tests move the other one.
    const stamped = performance.timeOrigin + performance.now();
    if (stamped < this.#looked + EVERY) return false;
    this.#looked = stamped;
    const gone = openSockets(ctx).filter((socket) => {
      const asked = ctx.getWebSocketAutoResponseTimestamp(socket);
      return asked !== null && stamped - asked.getTime() > SILENCE && attachmentOf(socket);
    });
    if (gone.length === 0) return false;
    const reason = closeReason("silent");
    // Nobody is there to answer the close: they leave now, and once.
    const leaving = gone.map(async (socket) => {
      this.#leaving.add(socket);
      socket.close(CLOSE_CODES.silent, reason);
      await left(socket, CLOSE_CODES.silent, reason);
      markGone(socket);
    });
    await waitAtMost(PATIENCE, Promise.all(leaving));
    return true;
  }
}
