/**
 * The session: what outlives a connection. Its outbox, its numbers, and how far it has come in
 * the room's log. No I/O, no timers, no clock: frames and the app's wishes come in as calls, and
 * what is to be done goes out to a sink, at once and in order.
 */
import {
  type CallShape,
  type ContractShape,
  decodeRoomFrame,
  type Entry,
  type Hello,
  ownError,
  RoomError,
  type RoomItem,
  type Schema,
  type Welcome,
} from "@greenroom/protocol";

import { incoming, outgoing, own } from "./check.ts";
import { type Item, Outbox, type Settler } from "./outbox.ts";
import type { EventMeta, ResumeMoment, SignalMeta } from "./room-client.ts";

/** Where a session's effects go. */
export interface SessionSink {
  /** Send this frame on the current connection. */
  transmit(text: string): void;
  /** The room has let us in; if this connection breaks, come back within `slot` ms. */
  welcomed(slot: number): void;
  /** This connection is of no use any more: dial another. */
  replace(): void;
  /** An event or a signal, validated. */
  hear(name: string, value: unknown, meta: Meta): void;
  /** A question of the room, not validated. */
  ask(id: number, name: string, value: unknown): void;
  resumed(moment: ResumeMoment): void;
  /** An item of a kind that is an extension's, not validated. */
  item(item: readonly unknown[]): void;
  /** What no promise of the app tells. */
  fault(error: RoomError): void;
}

/** What a session is made of. */
export interface SessionOptions {
  readonly shape: ContractShape;
  /** The secret session token. */
  readonly token: string;
  /** Whether it was just drawn, and is nobody's yet. */
  readonly fresh?: boolean | undefined;
  /** The most items that wait for an answer. */
  readonly outbox: number;
}

/** One session. */
export class Session {
  readonly #shape: ContractShape;
  readonly #token: string;
  /** Until something is sent: no room can have a mark of this token. */
  #fresh: boolean | undefined;
  readonly #sink: SessionSink;
  readonly #outbox: Outbox;
  /** Tells this client apart from one before a reload, which had the same token. */
  readonly #life = Math.floor(Math.random() * 2 ** 32);
  #dials = 0;
  /** Whether the current connection was welcomed and is of use. */
  #live = false;
  /** Why nothing can be sent; `undefined` while a connection is wanted. */
  #ended: RoomError | undefined;
  #id: string | undefined;
  #epoch: string | null = null;
  #seq: number | null = null;
  /** Every how many characters the room wants to know that they were read; 0 for never. */
  #ack = 0;
  #unread = 0;

  constructor({ shape, token, fresh, outbox }: SessionOptions, sink: SessionSink) {
    this.#shape = shape;
    this.#token = token;
    this.#fresh = fresh;
    this.#sink = sink;
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

  /** What the next handshake says; each call is one dial. */
  hello(): Hello {
    this.#dials += 1;
    this.#ack = 0;
    this.#unread = 0;
    const dial = [this.#life, this.#dials] as const;
    return { session: this.#token, epoch: this.#epoch, seq: this.#seq, dial, fresh: this.#fresh };
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
  end(error: RoomError): void {
    this.#live = false;
    this.#ended = error;
    reject(this.#outbox.takeAll(), error);
  }

  /** Takes a message (`m`) or a call (`c`), or rejects it at once. */
  enqueue(kind: "m" | "c", name: string, value: unknown, settler: Settler): void {
    const part = kind === "m" ? "messages" : "calls";
    const declared = own<Schema | CallShape>(this.#shape[part], name);
    // SAFETY: `part` says which of the two it is.
    const schema = (kind === "m" ? declared : (declared as CallShape)?.input) as Schema | undefined;
    const checked = this.#ended ?? (declared ? outgoing(schema, value, name) : unknown(part, name));
    if (checked instanceof RoomError) settler.reject(checked);
    else if (this.#outbox.add({ kind, name, json: checked.json, settler })) this.#transmit();
    else settler.reject(ownError("outbox-full"));
  }

  /** Gives up what this settler waits for: it is not sent, or not sent again. */
  cancel(settler: Settler): void {
    this.#outbox.drop(settler);
    this.#transmit(); // what waited behind it
  }

  /** Takes a frame of the room. */
  receive(text: string): void {
    const decoded = decodeRoomFrame(text);
    if (!decoded.ok) {
      const message = `The room's frame cannot be read: ${decoded.why}.`;
      this.#sink.fault(new RoomError("malformed", { message }));
      this.#replace();
      return;
    }
    let taken = 0;
    for (const item of decoded.frame) {
      // One a connection: told twice it would have what was seen given again. Another, further on,
      // is for who lagged so far behind that the log was trimmed meanwhile.
      if (item[0] === "w" && (!this.#live || item[1].seq > (this.#seq ?? 0)))
        this.#welcome(item[1]);
      // The welcome comes first; and behind a gap, or when the app gave it up, all comes again.
      if (!this.#live) continue;
      switch (item[0]) {
        case "n":
          if (item[1] === this.#epoch) break; // as above
          [, this.#epoch] = item;
          this.#seq = 0;
          break;
        case "e": {
          const [, first, ...entries] = item;
          entries.forEach((entry, index) => this.#entry(first + index, entry));
          break;
        }
        case "s":
          this.#hear("signals", item[1], item[2], { kind: "signal" });
          break;
        case "a":
          // What the frame rejects of it counts first.
          [, taken] = item;
          break;
        case "v":
        case "x":
          this.#answer(item);
          break;
        case "q":
          this.#sink.ask(item[1], item[2], item[3]);
          break;
        case "p":
        case "b":
          this.#sink.item(item);
          break;
        default: // the welcome
      }
    }
    this.#unread += text.length;
    for (; this.#ack > 0 && this.#unread >= this.#ack; this.#unread -= this.#ack) {
      this.#sink.transmit(`["k",${this.#seq ?? 0}]`);
    }
    if (!this.#live) return;
    for (const { settler } of this.#outbox.takeMessages(taken)) settler.resolve(undefined);
    this.#transmit();
  }

  #welcome({ id, epoch, resume, seq, head, n, slot, ack = 0, snapshot }: Welcome): void {
    // A purge took the marks: what was sent and not answered may have been carried out, or not.
    if (resume === "reset" || (this.#epoch !== null && this.#epoch !== epoch)) {
      reject(this.#outbox.takeSent(), new RoomError("outcome-unknown"));
    }
    const isNew = !this.#live;
    this.#live = true;
    this.#id = id;
    this.#epoch = epoch;
    this.#seq = seq;
    if (isNew) {
      this.#ack = ack;
      // Ahead of all that the app is told: what it sends in a listener has a higher number.
      for (const frame of this.#outbox.repeat(n)) this.#sink.transmit(frame);
      this.#transmit();
      this.#sink.welcomed(slot);
    }
    const schema = this.#shape.snapshot;
    const checked =
      schema && snapshot !== undefined
        ? incoming(schema, snapshot, "snapshot")
        : { value: snapshot };
    const isWrong = checked instanceof RoomError;
    if (isWrong) this.#sink.fault(checked);
    const kept = isWrong ? undefined : checked.value;
    this.#sink.resumed({ kind: resume, missed: head - seq, snapshot: kept });
  }

  #entry(seq: number, [name, value, at]: Entry): void {
    const next = (this.#seq ?? 0) + 1;
    if (!this.#live || seq < next) return;
    if (seq > next) {
      this.#replace();
      return;
    }
    this.#seq = seq;
    this.#hear("events", name, value, { kind: "event", seq, at });
  }

  #hear(part: "events" | "signals", name: string, value: unknown, meta: Meta): void {
    const schema = own(this.#shape[part], name);
    const checked = schema ? incoming(schema, value, name) : unknown(part, name);
    if (checked instanceof RoomError) this.#sink.fault(checked);
    else this.#sink.hear(name, checked.value, meta);
  }

  #answer([kind, n, told]: Answer): void {
    const item = this.#outbox.take(n);
    const checked =
      kind === "x"
        ? new RoomError(told.code, told)
        : incoming(own(this.#shape.calls, item?.name ?? "")?.output, told, item?.name ?? "");
    if (!(checked instanceof RoomError)) item?.settler.resolve(checked.value);
    else if (item) item.settler.reject(checked);
    // Number 0 is the connection as a whole: the room could not read a frame of ours.
    else if (n === 0) this.#sink.fault(checked);
  }

  #transmit(): void {
    if (!this.#live) return;
    for (const frame of this.#outbox.next()) {
      this.#fresh = false;
      this.#sink.transmit(frame);
    }
  }

  #replace(): void {
    this.#live = false;
    this.#sink.replace();
  }
}

function reject(items: readonly Item[], error: RoomError): void {
  for (const { settler } of items) settler.reject(error);
}

/** The error for a name that a part of the contract has not. */
function unknown(part: string, name: string): RoomError {
  return new RoomError("unknown", { message: `"${name}" is not in \`${part}\` of the contract.` });
}

type Meta = EventMeta | SignalMeta;
type Answer = Extract<RoomItem, readonly ["v" | "x", ...unknown[]]>;
