/**
 * What happens in rooms, for whoever listens: one channel of `node:diagnostics_channel` for each
 * kind of event. An event has names, ids, codes and numbers; never a payload, a token or the text
 * of an exception. Where nobody listens nothing is built.
 */
import type { Channel } from "node:diagnostics_channel";

/** What every event says. */
interface Common {
  /** The class of the room, as `ChatRoom`; in the Worker the room's kind, as `chat`. */
  readonly kind: string;
  readonly room: string;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** What the events say beside that, by name. Members are told by their public ids. */
export interface RoomEvents {
  /** A connection was let in. */
  connect: { readonly member: string };
  /** A connection has ended; `code` is the close code, and 1006 where it broke. */
  close: { readonly member: string; readonly code: number };
  /**
   * A connection or request was turned away with the close code of this name, or a message of a
   * member was refused by a handler.
   */
  refuse: {
    readonly code: string;
    readonly member?: string;
    /** The id under which a fault was logged. */
    readonly id?: string;
    /** The name of the message or call. */
    readonly name?: string;
  };
  /**
   * Something was over a limit: `rate`, `message`, what may be `waiting` behind a handler, what
   * a member has yet to read (`lag`), or that
   * a connection went on for too long, `abuse`.
   */
  limit: { readonly limit: string; readonly member: string; readonly retryAfter?: number };
  /** Code of the room has failed; `id` is what its client was told, and what the log has its text under. */
  error: { readonly id: string; readonly where: string; readonly code: string };
  /** The room was silent for long, or was asked to end; `extendedTo` where it goes on. */
  expire: { readonly extendedTo?: number };
  /** Its storage was cleared. */
  purge: { readonly messages: number; readonly connections: number };
  /** A timer has rung; `retry` and `failed` say that its handler has failed, and whether it is tried again. */
  timer: {
    readonly name: string;
    readonly attempt: number;
    readonly outcome: "done" | "retry" | "failed";
    /** How long after its time it rang, in ms. */
    readonly late: number;
  };
}

/** The name of an event. */
export type RoomEventName = keyof RoomEvents;

/** An event as it is published on the channel `greenroom:<event>`. */
export type RoomEvent = {
  [Name in RoomEventName]: { readonly event: Name } & Common & RoomEvents[Name];
}[RoomEventName];

/** Tells of one room; `build` is only called where somebody listens. */
export type Tell = <Name extends RoomEventName>(name: Name, build: () => RoomEvents[Name]) => void;

/** Every event, in the order of a connection's and a room's life. */
export const EVENTS: readonly RoomEventName[] = Object.freeze([
  "connect",
  "close",
  "refuse",
  "limit",
  "error",
  "expire",
  "purge",
  "timer",
]);

type Listener = (event: unknown) => void;

const channelOf: (name: string) => Channel = await import("node:diagnostics_channel").then(
  ({ channel }) => channel,
  () => ownChannel, // a Worker without Node's modules: `logs()` works all the same
);

// SAFETY: the entries are those of EVENTS, which has every name.
const channels = Object.fromEntries(
  EVENTS.map((name) => [name, channelOf(`greenroom:${name}`)]),
) as Record<RoomEventName, Channel>;

/** Tells what happens in one room. */
export function tellOf(kind: string, room: string): Tell {
  return (event, build) => {
    const channel = channels[event];
    if (channel.hasSubscribers) channel.publish({ event, kind, room, at: Date.now(), ...build() });
  };
}

/** The event of what was over a limit. */
export function limitOf(member: string, isAbuse: boolean, wait: number): RoomEvents["limit"] {
  const limit = isAbuse ? "abuse" : wait > 0 ? "rate" : "message";
  return { limit, member, ...(wait > 0 && { retryAfter: wait }) };
}

/** The event of what may no longer wait behind a handler. */
export function waitingOf(member: string, retryAfter: number): RoomEvents["limit"] {
  return { limit: "waiting", member, retryAfter };
}

/** Listens to all rooms of this Worker; gives what ends it. A listener that throws disturbs no room. */
export function observe(listener: (event: RoomEvent) => void): () => void {
  const heard: Listener = (event) => {
    try {
      listener(event as RoomEvent); // SAFETY: nothing but `tellOf` publishes on these channels
    } catch (fault) {
      // oxlint-disable-next-line no-console -- whoever listens for faults may be what fails
      console.error("[greenroom] a listener of events failed", fault);
    }
  };
  for (const name of EVENTS) channels[name].subscribe(heard);
  return () => {
    for (const name of EVENTS) channels[name].unsubscribe(heard);
  };
}

/** What stands in for a channel of Node. */
function ownChannel(): Channel {
  const listeners = new Set<Listener>();
  return {
    get hasSubscribers() {
      return listeners.size > 0;
    },
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe: (listener) => void listeners.add(listener),
    unsubscribe: (listener) => listeners.delete(listener),
  };
}
