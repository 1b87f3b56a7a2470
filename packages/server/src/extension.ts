/**
 * Extensions: what a contract room is given beyond its core, by values, so that a Worker carries
 * only what it uses: `Room.of(chat, { use: [presence()] })`.
 *
 * An extension has a kind of frames of its own, a part of each connection's attachment, and
 * timers whose names begin with "$". It knows its room through a narrow context.
 */
import type { ContractShape, Fault } from "@greenroom/protocol";

import type { Host } from "./extension-host.ts";
import type { Limits } from "./limits.ts";
import type { Members, Socket } from "./members.ts";
import type { LogEntry } from "./segments.ts";

/** Durable timers of an extension: one row each. */
export interface OwnTimers {
  /** Sets a timer, or replaces the one of this name. */
  set(name: string, due: number, payload: unknown): void;
  cancel(name: string): void;
  /** Names and payloads of those that are set and begin with `prefix`. */
  pending(prefix: string): { readonly name: string; readonly payload: unknown }[];
}

/** What an extension is given of its room. */
export interface ExtensionContext<S extends Socket = WebSocket> {
  /** What only the room and the platform know this room by: no client can guess it. */
  readonly secret: string;
  readonly shape: ContractShape;
  readonly members: Members<S>;
  readonly limits: Limits;
  readonly timers: OwnTimers;
  /** All sockets of the room, those that are closing included. */
  sockets(): S[];
  /** The extension's part of a connection's attachment; it survives sleep. */
  part(socket: S): unknown;
  /** Keeps a part, or with `undefined` none. Throws `state-too-large`, and keeps what was. */
  keep(socket: S, part: unknown): void;
  /** The user of a connection, where the room knows one. */
  userOf(socket: S): string | undefined;
  /** What the room's `onProfile` says of a member. */
  profileOf(id: string): unknown;
  /** At most `limit` entries of the log before a seq, oldest first: the newest of them. */
  before(seq: number, limit: number): LogEntry[];
  now(): number;
  /** Reports a fault of the room's own code and gives its id. */
  report(fault: unknown, where: string): string;
  /** Calls back after so many ms. It keeps the room awake until then. */
  after(ms: number, call: () => void): void;
}

/** An extension at work in one room. */
export interface Extended<S extends Socket = WebSocket> {
  /** A connection is about to be let in, its `onConnect` being done; a throw keeps it out. */
  entering(socket: S, older: readonly S[]): Promise<void>;
  /** A connection was not let in after all. */
  turnedAway(id: string): void;
  /** A connection is let in: the items that follow its welcome, joined by commas. */
  admitted(socket: S): string;
  /** A connection has ended, and its member has no other; ahead of `onLeave`. */
  left(socket: S, code: number): void;
  /** A frame of the extension's kind; with a fault, one that is to be refused unread. */
  frame(socket: S, text: string, fault: Fault | undefined): void;
  /** One of its timers rings; what it does is in one transaction with the timer's row. */
  rang(name: string, payload: unknown): void;
  /** What it shows of the member on a connection. */
  shown(socket: S): { readonly presence: unknown; readonly profile: unknown };
  /** The storage was cleared: forgets what was read of it. */
  forget(): void;
}

/** An extension at work in one room, and how its frames begin. */
export type HostedExtension = Extended & { readonly frames: RegExp };

/** Something that a contract room can use. */
export interface RoomExtension {
  readonly name: "presence" | "pages";
  /** The kind of the frames that are the extension's. */
  readonly kind: string;
  /** The first part of its timers' names. */
  readonly timer: string;
  /** What is wrong with its options or with the contract, thrown at the first start. */
  check(shape: ContractShape): void;
  extend<S extends Socket>(context: ExtensionContext<S>): Extended<S>;
  /** Begins its work in a room. */
  host(host: Host): HostedExtension;
}
