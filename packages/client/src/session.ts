/**
 * The session: what outlives a connection. Its outbox, its numbers, and how far it has come in
 * the room's log. No I/O, no timers, no clock: frames and the app's wishes come in as calls, and
 * what is to be done comes back as effects, in order.
 */
import {
  type ContractShape,
  decodeRoomFrame,
  type Entry,
  type Fault,
  type Hello,
  type ResumeKind,
  RoomError,
  type Welcome,
} from "@greenroom/protocol";

import { incoming, outgoing, own, unknown } from "./check.ts";
import { type Item, Outbox } from "./outbox.ts";

/** How the room took the client back, as the session tells it. */
export interface Resumed {
  readonly kind: ResumeKind;
  /** How many entries follow at once: what was missed, or the history for a newcomer. */
  readonly missed: number;
  /** The app's snapshot, where the room made one. */
  readonly snapshot?: unknown;
}

/** What is to be done after a call of the session. */
export type SessionEffect<Tag> =
  | { readonly do: "transmit"; readonly text: string }
  /** The room has let us in; if this connection breaks, come back within `slot` ms. */
  | { readonly do: "welcomed"; readonly slot: number }
  | { readonly do: "resumed"; readonly resumed: Resumed }
  | {
      readonly do: "event";
      readonly name: string;
      readonly value: unknown;
      readonly seq: number;
      readonly at: number;
    }
  | { readonly do: "signal"; readonly name: string; readonly value: unknown }
  | { readonly do: "ask"; readonly id: number; readonly name: string; readonly value: unknown }
  | { readonly do: "settle"; readonly tag: Tag; readonly value: unknown }
  | { readonly do: "reject"; readonly tag: Tag; readonly error: RoomError }
  | { readonly do: "fault"; readonly error: RoomError }
  /** This connection is of no use any more: dial another. */
  | { readonly do: "replace" };

/** What a session is made of. */
export interface SessionOptions {
  readonly shape: ContractShape;
  /** The secret session token. */
  readonly token: string;
  /** The most items that wait for an answer. */
  readonly outbox: number;
}

/** One session. `Tag` is what the caller knows its messages and calls by. */
export class Session<Tag> {
  readonly #shape: ContractShape;
  readonly #token: string;
  readonly #outbox: Outbox<Tag>;
  #effects: SessionEffect<Tag>[] = [];
  /** Whether the current connection was welcomed and is of use. */
  #live = false;
  /** Why nothing can be sent; `undefined` while a connection is wanted. */
  #ended: RoomError | undefined;
  #id: string | undefined;
  #epoch: string | null = null;
  #seq: number | null = null;

  constructor({ shape, token, outbox }: SessionOptions) {
    this.#shape = shape;
    this.#token = token;
    this.#outbox = new Outbox(outbox);
  }

  /** The member's public id, after the first welcome. */
  get id(): string | undefined {
    return this.#id;
  }

  /** The epoch of the room; null while nothing was ever kept. */
  get epoch(): string | null {
    return this.#epoch;
  }

  /** The newest entry that was seen; null before the first welcome. */
  get seq(): number | null {
    return this.#seq;
  }

  /** What the next handshake says. */
  hello(): Hello {
    return { session: this.#token, epoch: this.#epoch, seq: this.#seq };
  }

  /** The connection is gone. */
  away(): void {
    this.#live = false;
  }

  /** A connection is wanted again: what is sent from here on waits for it. */
  open(): void {
    this.#ended = undefined;
  }

  /** No connection is wanted any more: rejects what waits, and what comes later. */
  end(error: RoomError): SessionEffect<Tag>[] {
    this.#live = false;
    this.#ended = error;
    return this.#reject(this.#outbox.takeAll(), error).#flush();
  }

  /** Takes a message (`m`) or a call (`c`), or rejects it at once. */
  enqueue(kind: "m" | "c", name: string, value: unknown, tag: Tag): SessionEffect<Tag>[] {
    const error = this.#enqueue(kind, name, value, tag);
    if (error) return [{ do: "reject", tag, error }];
    this.#transmit();
    return this.#flush();
  }

  /** Gives up the item with this tag: it is not sent, or not sent again. False if it was settled. */
  cancel(tag: Tag): SessionEffect<Tag>[] {
    // What waited behind it may go out now.
    if (this.#outbox.takeTag(tag)) this.#transmit();
    return this.#flush();
  }

  /** Takes a frame of the room. */
  receive(text: string): SessionEffect<Tag>[] {
    const decoded = decodeRoomFrame(text);
    if (!decoded.ok) {
      const message = `The room sent a frame that cannot be read: ${decoded.why}.`;
      return this.#fault(new RoomError("malformed", { message })).#replace().#flush();
    }
    let taken = 0;
    let welcomed = false;
    for (const item of decoded.frame) {
      if (item[0] === "w") {
        welcomed = true;
        this.#welcome(item[1]);
      }
      // The welcome comes first; behind a gap all is sent again.
      if (!this.#live) continue;
      switch (item[0]) {
        case "n":
          [, this.#epoch] = item;
          this.#seq = 0;
          break;
        case "e": {
          const [, first, ...entries] = item;
          this.#entries(first, entries);
          break;
        }
        case "s":
          this.#signal(item[1], item[2]);
          break;
        case "a":
          // Rejections of the same frame count before it.
          taken = item[1];
          break;
        case "v":
          this.#answer(item[1], item[2]);
          break;
        case "x":
          this.#rejection(item[1], item[2]);
          break;
        case "q":
          this.#effects.push({ do: "ask", id: item[1], name: item[2], value: item[3] });
          break;
        default: // the welcome
      }
    }
    if (this.#live) {
      for (const { tag } of this.#outbox.takeMessages(taken)) {
        this.#effects.push({ do: "settle", tag, value: undefined });
      }
      this.#transmit(welcomed);
    }
    return this.#flush();
  }

  #welcome({ id, epoch, resume, seq, head, n, slot, snapshot }: Welcome): void {
    // A purge took the marks: what was sent and not answered may have been carried out, or not.
    if (resume === "reset" || (this.#epoch !== null && this.#epoch !== epoch)) {
      this.#reject(this.#outbox.takeSent(), new RoomError("outcome-unknown"));
    }
    this.#outbox.above(n);
    this.#live = true;
    this.#id = id;
    this.#epoch = epoch;
    this.#seq = seq;
    const resumed: Resumed = { kind: resume, missed: Math.max(0, head - seq) };
    this.#effects.push({ do: "welcomed", slot });
    if (snapshot === undefined) {
      this.#effects.push({ do: "resumed", resumed });
      return;
    }
    const schema = this.#shape.snapshot;
    const checked = schema
      ? incoming(schema, snapshot, "the snapshot")
      : { ok: true as const, value: snapshot };
    if (checked.ok)
      this.#effects.push({ do: "resumed", resumed: { ...resumed, snapshot: checked.value } });
    else {
      this.#fault(checked.error);
      this.#effects.push({ do: "resumed", resumed });
    }
  }

  #entries(first: number, entries: readonly Entry[]): void {
    entries.forEach(([name, value, at], index) => {
      const seq = first + index;
      const seen = this.#seq ?? 0;
      if (!this.#live || seq <= seen) return;
      if (seq > seen + 1) {
        this.#replace();
        return;
      }
      this.#seq = seq;
      const schema = own(this.#shape.events, name);
      const checked = schema
        ? incoming(schema, value, `the event "${name}"`)
        : { ok: false as const, error: unknown("event", name) };
      if (checked.ok) this.#effects.push({ do: "event", name, value: checked.value, seq, at });
      else this.#fault(checked.error);
    });
  }

  #signal(name: string, value: unknown): void {
    const schema = own(this.#shape.signals, name);
    const checked = schema
      ? incoming(schema, value, `the signal "${name}"`)
      : { ok: false as const, error: unknown("signal", name) };
    if (checked.ok) this.#effects.push({ do: "signal", name, value: checked.value });
    else this.#fault(checked.error);
  }

  #answer(n: number, value: unknown): void {
    const item = this.#outbox.take(n);
    if (!item) return;
    const { tag, name } = item;
    const checked = incoming(
      own(this.#shape.calls, name)?.output,
      value,
      `the answer of "${name}"`,
    );
    if (checked.ok) this.#effects.push({ do: "settle", tag, value: checked.value });
    else this.#reject([item], checked.error);
  }

  #rejection(n: number, fault: Fault): void {
    const error = new RoomError(fault.code, fault);
    const item = this.#outbox.take(n);
    if (item) this.#reject([item], error);
    // Number 0 is the connection as a whole: the room could not read a frame of ours.
    else if (n === 0) this.#fault(error);
  }

  #enqueue(kind: "m" | "c", name: string, value: unknown, tag: Tag): RoomError | undefined {
    if (this.#ended) return this.#ended;
    const call = kind === "c" ? own(this.#shape.calls, name) : undefined;
    const schema = kind === "c" ? call?.input : own(this.#shape.messages, name);
    if (!call && !schema) return unknown(kind === "c" ? "call" : "message", name);
    const checked = outgoing(schema, value, `"${name}"`);
    if (!checked.ok) return checked.error;
    const added = this.#outbox.add({ kind, name, json: checked.value, tag });
    return added ? undefined : new RoomError("outbox-full");
  }

  #transmit(again = false): void {
    if (!this.#live) return;
    const frames = again ? this.#outbox.repeat() : [];
    frames.push(...this.#outbox.next());
    // Ahead of all that the app is told: what it sends in a listener has a higher number.
    this.#effects.unshift(...frames.map((text) => ({ do: "transmit", text }) as const));
  }

  #reject(items: readonly Item<Tag>[], error: RoomError): this {
    for (const { tag } of items) this.#effects.push({ do: "reject", tag, error });
    return this;
  }

  #fault(error: RoomError): this {
    this.#effects.push({ do: "fault", error });
    return this;
  }

  #replace(): this {
    this.#live = false;
    this.#effects.push({ do: "replace" });
    return this;
  }

  #flush(): SessionEffect<Tag>[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
