/**
 * The outbox: what the app has handed over and the room has not answered, in order.
 *
 * An item gets its number when it is first transmitted and keeps it, so that the room knows a
 * repeat. Items are transmitted strictly in order: one that must wait holds back what is behind.
 */
import { encodeMessage, OUTCOMES_KEPT, type RoomError } from "@greenroom/protocol";

/** The most unanswered items that are on their way at once. */
export const WINDOW = 1024;

/** Who waits for an item: settled once. */
export interface Settler {
  resolve(value: unknown): void;
  reject(error: RoomError): void;
}

/** One message (`m`) or call (`c`). */
export interface Item {
  readonly kind: "m" | "c";
  readonly name: string;
  /** The value, `undefined` for none: written once, so that later changes do not count. */
  readonly json: string | undefined;
  readonly settler: Settler;
}

/** The outbox of one session. */
export class Outbox {
  readonly #limit: number;
  #waiting: Item[] = [];
  /** By number, in the order of their numbers. */
  readonly #sent = new Map<number, Item>();
  #calls = 0;
  #newest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes an item; `false` when the outbox is full. */
  add(item: Item): boolean {
    if (this.#waiting.length + this.#sent.size >= this.#limit) return false;
    this.#waiting.push(item);
    return true;
  }

  /** The frames of what was sent and not answered. New numbers go on above them and above `n`. */
  repeat(n: number): string[] {
    this.#newest = Math.max(n, ...this.#sent.keys());
    return [...this.#sent].map(write);
  }

  /** The frames of what may go out now, which is numbered by it. */
  next(): string[] {
    const frames: string[] = [];
    for (const item of this.#waiting) {
      const isCall = item.kind === "c";
      // The room keeps so many outcomes of a session: with more, an answer could be lost for good.
      if (this.#sent.size >= WINDOW || (isCall && this.#calls >= OUTCOMES_KEPT)) break;
      if (isCall) this.#calls++;
      this.#sent.set(++this.#newest, item);
      frames.push(write([this.#newest, item]));
    }
    this.#waiting.splice(0, frames.length);
    return frames;
  }

  /** Takes out the item of one number, if it still waits for an answer. */
  take(n: number): Item | undefined {
    const item = this.#sent.get(n);
    if (item?.kind === "c") this.#calls--;
    this.#sent.delete(n);
    return item;
  }

  /** Takes out all messages up to `n`; calls wait for their own answers. */
  takeMessages(n: number): Item[] {
    const items: Item[] = [];
    for (const [number, item] of this.#sent) {
      if (number > n) break;
      if (item.kind === "m") {
        items.push(item);
        this.#sent.delete(number);
      }
    }
    return items;
  }

  /** Takes out what this settler waits for: it is not sent, or not sent again. */
  drop(settler: Settler): void {
    this.#waiting = this.#waiting.filter((item) => item.settler !== settler);
    for (const [n, item] of this.#sent) if (item.settler === settler) this.take(n);
  }

  /** Takes out all that was sent: nobody can tell what became of it. */
  takeSent(): Item[] {
    const items = [...this.#sent.values()];
    this.#sent.clear();
    this.#calls = 0;
    return items;
  }

  /** Takes out everything. */
  takeAll(): Item[] {
    return [...this.takeSent(), ...this.#waiting.splice(0)];
  }
}

function write([n, { kind, name, json }]: readonly [number, Item]): string {
  return encodeMessage(kind, n, name, json);
}
