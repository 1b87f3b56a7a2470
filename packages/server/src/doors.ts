/**
 * The room's side of the door: who comes, and why somebody stays outside.
 *
 * Who comes is known from the request alone and asked before the room starts, so that what is
 * turned away for that wakes no hook and stores nothing. Bans, the lock and the number of
 * connections are asked in the very turn in which a socket is accepted.
 */
import type { Schema } from "@greenroom/protocol";

import type { Denial } from "./accept.ts";
import type { Access, BanOptions } from "./access.ts";
import { claimsOf, hasEnded, type Who, whoHas } from "./claims.ts";
import { attachmentOf, openSockets } from "./connection.ts";
import type { Headcount } from "./headcount.ts";
import type { Limits } from "./limits.ts";
import { closeWith } from "./members.ts";
import { isRefusal } from "./report.ts";

/** When clients that found a full room come back, in ms. */
const RETRY_FULL = 10_000;

/** What a room can do to keep people out: own fields of its object. */
export interface DoorCommands {
  /**
   * Shuts a user out, durably, and closes the user's connections with 4006. A user is the `sub` of
   * the claims; a member without one is known by its `id`.
   */
  readonly ban: (user: string, options?: BanOptions) => void;
  readonly unban: (user: string) => void;
  /** Lets nobody in any more with 4007, except who is in now: those may come back. */
  readonly lock: (reason?: string) => void;
  readonly unlock: () => void;
}

/** The doors of one room. */
export class Doors {
  /** The contract's, where it has one for claims. */
  schema: Schema | undefined;
  /** Only a room with commands has it. */
  #access: Access | undefined;
  readonly #ctx: DurableObjectState;
  readonly #limits: Limits;
  readonly #headcount: Headcount;
  readonly #report: (fault: unknown, where: string) => string;

  constructor(
    ctx: DurableObjectState,
    limits: Limits,
    headcount: Headcount,
    report: (fault: unknown, where: string) => string,
  ) {
    this.#ctx = ctx;
    this.#limits = limits;
    this.#headcount = headcount;
    this.#report = report;
  }

  /** Who sends a request, by the claims that came with it. */
  whoSends(request: Request): { readonly who?: Who | undefined } | { readonly denial: Denial } {
    try {
      const who = whoHas(claimsOf(request), this.schema);
      return hasEnded(who, Date.now()) ? { denial: { code: "unauthenticated" } } : { who };
    } catch (fault) {
      // It is the Worker and the contract that do not fit: the client can do nothing about it.
      return { denial: { code: "refused", id: this.#report(fault, "the claims") } };
    }
  }

  /** Why a request over HTTP is turned away. */
  denialOfRequest(who: Who | undefined): Denial | undefined {
    if (who?.user === undefined) return undefined;
    const denial = this.#access?.denial(who.user, Date.now());
    return denial?.code === "banned" ? denial : undefined;
  }

  /** Why a connection is turned away; whoever is let in must be accepted in the same turn. */
  denial(id: string, who: Who | undefined): Denial | undefined {
    const shut = this.#access?.denial(who?.user ?? id, Date.now());
    if (shut) return shut;
    const { connections, connectionsPerUser } = this.#limits;
    // The headcount is no less than what is open: in most rooms that is all there is to ask.
    const { count } = this.#headcount;
    const user = who?.user;
    const mayBeFull = count >= connections || (user !== undefined && count >= connectionsPerUser);
    if (!mayBeFull) return undefined;
    // A session's older connection makes place for its newer one.
    const others = openSockets(this.#ctx)
      .map(attachmentOf)
      .filter((kept) => kept !== undefined && kept.id !== id);
    const ofUser = (): number => others.filter((kept) => kept?.who?.user === user).length;
    const isFull =
      others.length >= connections || (user !== undefined && ofUser() >= connectionsPerUser);
    return isFull ? { code: "limited", retryAfter: RETRY_FULL } : undefined;
  }

  #closeBanned(user: string): void {
    const ban = this.#access?.denial(user, Date.now());
    if (ban?.code !== "banned") return;
    for (const socket of openSockets(this.#ctx)) {
      if (personOn(socket) === user) closeWith(socket, "banned", undefined, ban.reason);
    }
  }

  /** What the room's code can do, as functions that need no `this`; from here on bans and the lock count. */
  commands(access: Access): DoorCommands {
    this.#access = access;
    return {
      ban: (user, options = {}) => {
        access.ban(user, Date.now(), options);
        // When the turn is over: where the handler was rolled back, nobody is banned.
        queueMicrotask(() => this.#closeBanned(user));
      },
      unban: (user) => access.unban(user),
      lock: (reason = "") => access.lock(openSockets(this.#ctx).map(personOn), reason),
      unlock: () => access.unlock(),
    };
  }
}

/** Who is on a socket: the user, or where there is none the member. */
export function personOn(socket: WebSocket): string {
  const kept = attachmentOf(socket);
  return kept?.who?.user ?? kept?.id ?? "";
}

/** What becomes of a connection whose `onConnect` threw: it was refused, or the room has failed. */
export function denialOfFault(fault: unknown, report: (fault: unknown) => string): Denial {
  if (isRefusal(fault)) return { code: "refused", reason: fault.reason || undefined };
  return { code: "failed", retryAfter: 1_000, id: report(fault) };
}
