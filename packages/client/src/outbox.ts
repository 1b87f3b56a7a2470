/**
 * The outbox: what the app has handed over and the room has not answered, in order.
 *
 * An item gets its number when it is first transmitted and keeps it, so that the room knows a
 * repeat. Items are transmitted strictly in order: one that must wait holds back what is behind.
 */
import { encodeMessage, OUTCOMES_KEPT } from "@greenroom/protocol";

/** The most unanswered items that are on their way at once. */
export const WINDOW = 1024;

/** One message (`m`) or call (`c`); `tag` is whatever its owner knows it by. */
export interface Item<Tag> {
  readonly kind: "m" | "c";
  readonly name: string;
  /** The value as JSON, `undefined` for none: written once, so that later changes do not count. */
  readonly json: string | undefined;
  readonly tag: Tag;
}

/** The outbox of one session. */
export class Outbox<Tag> {
  readonly #limit: number;
  #waiting: Item<Tag>[] = [];
  /** By number, in the order of their numbers. */
  readonly #sent = new Map<number, Item<Tag>>();
  #calls = 0;
  #newest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes an item; `false` when the outbox is full. */
  add(item: Item<Tag>): boolean {
    if (this.#waiting.length + this.#sent.size >= this.#limit) return false;
    this.#waiting.push(item);
    return true;
  }

  /** Numbers go on above `n` and above our own newest: after every welcome. */
  above(n: number): void {
    this.#newest = Math.max(this.#newest, n);
  }

  /** The frames of what was sent and not answered, to be sent again. */
  repeat(): string[] {
    return [...this.#sent].map(([n, item]) => write(n, item));
  }

  /** The frames of what may go out now, which is numbered by it. */
  next(): string[] {
    const frames: string[] = [];
    let taken = 0;
    for (const item of this.#waiting) {
      const isCall = item.kind === "c";
      // The room keeps so many outcomes of a session: with more, an answer could be lost for good.
      if (this.#sent.size >= WINDOW || (isCall && this.#calls >= OUTCOMES_KEPT)) break;
      if (isCall) this.#calls++;
      this.#sent.set(++this.#newest, item);
      frames.push(write(this.#newest, item));
      taken++;
    }
    this.#waiting.splice(0, taken);
    return frames;
  }

  /** Takes out the item of one number, if it still waits for an answer. */
  take(n: number): Item<Tag> | undefined {
    const item = this.#sent.get(n);
    if (!item) return undefined;
    this.#sent.delete(n);
    if (item.kind === "c") this.#calls--;
    return item;
  }

  /** Takes out all messages up to `n`; calls wait for their own answers. */
  takeMessages(n: number): Item<Tag>[] {
    const items: Item<Tag>[] = [];
    for (const [number, item] of this.#sent) {
      if (number > n) break;
      if (item.kind === "m") items.push(item);
      if (item.kind === "m") this.#sent.delete(number);
    }
    return items;
  }

  /** Takes out the item with this tag: it is not sent, or not sent again. */
  takeTag(tag: Tag): boolean {
    const index = this.#waiting.findIndex((item) => item.tag === tag);
    if (index >= 0) this.#waiting.splice(index, 1);
    for (const [n, item] of this.#sent) if (item.tag === tag) return this.take(n) !== undefined;
    return index >= 0;
  }

  /** Takes out all that was sent: nobody can tell what became of it. */
  takeSent(): Item<Tag>[] {
    const items = [...this.#sent.values()];
    this.#sent.clear();
    this.#calls = 0;
    return items;
  }

  /** Takes out everything. */
  takeAll(): Item<Tag>[] {
    const items = [...this.takeSent(), ...this.#waiting];
    this.#waiting = [];
    return items;
  }
}

function write<Tag>(n: number, { kind, name, json }: Item<Tag>): string {
  return encodeMessage(kind, n, name, json);
}
