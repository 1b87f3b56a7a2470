/**
 * What the layers of one room share, kept beside the object and not on it: a method on the
 * prototype could be called over RPC by whoever holds the binding.
 */
import type { CloseName, Offer } from "@greenroom/protocol";

import type { Who } from "./claims.ts";
import type { Doors } from "./doors.ts";
import type { Headcount } from "./headcount.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Limits } from "./limits.ts";
import type { Tell } from "./observe.ts";
import type { Rates } from "./rates.ts";
import type { Sweep } from "./sweep.ts";

/** What a room does with its sockets: raw rooms and contract rooms each have a driver. */
export interface SocketDriver {
  /** Reads what an upgrade request offers, before the room starts. */
  read(request: Request): Handshake;
  /** Answers an upgrade request that is not unwanted, after the start. */
  accept(request: Request, handshake: Handshake, who: Who | undefined): Promise<Response>;
  /** Handles one frame. */
  message(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> | void;
  /** Handles what a connection has sent that is still heard; resolves when that is done. */
  finish(socket: WebSocket): Promise<void>;
  /** Tells the room that a connection has ended; completing the close is done by the caller. */
  closed(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> | void;
  /** Drops what was cached of a room that was purged. */
  forget(): void;
}

/** What an upgrade request offers. */
export interface Handshake {
  /** With what it is turned away, if it is. */
  readonly unwanted?: CloseName;
  /** Where the room speaks a contract. */
  readonly offer?: Offer;
}

/** The inside of one room. */
export interface Inside {
  /** Set by a contract; of another room it is made when it is first needed. */
  driver?: SocketDriver;
  /** How much the room takes, as `static limits` says. */
  readonly limits: Limits;
  /** Who sends too much. */
  readonly rates: Rates<WebSocket>;
  readonly doors: Doors;
  readonly sweep: Sweep;
  readonly headcount: Headcount;
  /** Sockets that were accepted and not yet let in; admission cannot outlive the instance. */
  readonly pending: WeakSet<WebSocket>;
  /** What is wrong with the class, thrown at its first start: a throw in the constructor would close every socket. */
  readonly checks: (() => void)[];
  /** Runs `onStart` once; every entry point waits for it. */
  start(): Promise<void>;
  /** Whether the start has succeeded, and nothing was purged since. */
  isStarted(): boolean;
  /** Makes the next event start the room again, because its storage was cleared. */
  restart(): void;
  /** Logs a fault once and gives its id; tells the user's `onError` where there is a connection. */
  report(fault: unknown, where: string, socket?: WebSocket): string;
  /** Tells whoever listens what happens in the room. */
  readonly tell: Tell;
  /** Set by `withRoomLifecycle`. */
  lifecycle?: Lifecycle;
}

const insides = new WeakMap<object, Inside>();

/** The inside of a room; `undefined` for a server that is none. */
export function insideOf(room: object): Inside | undefined {
  return insides.get(room);
}

/** The inside of a `Room`. */
export function roomInside(room: object): Inside & { readonly lifecycle: Lifecycle } {
  return insides.get(room) as ReturnType<typeof roomInside>; // SAFETY: set by the constructors of its bases
}

/** Gives a room its inside, once, in its constructor. */
export function setInside(room: object, inside: Inside): Inside {
  insides.set(room, inside);
  return inside;
}
