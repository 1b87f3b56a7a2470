/**
 * One direction of a proxied connection: what one socket sends, the other is given later.
 *
 * Everything passes through a queue, in order, the end included. A held line keeps what it has,
 * as a network that is down for a while does, and delivers it when it is let go.
 */
import type { Socket } from "node:net";

/** More than this is not read while a line is held: its sender feels it, as behind a full network. */
const HELD = 8 * 1024 * 1024;

type Passing = { readonly due: number; readonly bytes: Buffer | undefined };

/** A line from one socket to another. */
export class Line {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #queue: Passing[] = [];
  #size = 0;
  #latency = 0;
  #held = false;
  #deaf = false;
  #timer: NodeJS.Timeout | undefined;
  #onBytes: ((bytes: Buffer) => Buffer | undefined) | undefined;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    // A half-closed TCP connection carries no WebSocket: both ways end together.
    from.once("close", () => this.#take(undefined));
    to.on("drain", () => from.resume());
    to.once("close", () => clearTimeout(this.#timer));
  }

  /** What comes takes so many ms longer from here on. */
  delay(ms: number): void {
    this.#latency = ms;
  }

  /** Delivers nothing until `letGo`. */
  hold(): void {
    this.#held = true;
  }

  /** Delivers what was held, and what comes. */
  letGo(): void {
    this.#held = false;
    this.#pass();
  }

  /** Swallows whatever comes from now on, the end included. */
  deafen(): void {
    this.#deaf = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
    this.#from.resume();
  }

  /** Hands the next bytes that are about to be delivered to `meet`, which gives what becomes of them. */
  intercept(meet: (bytes: Buffer) => Buffer | undefined): void {
    this.#onBytes = meet;
  }

  #take(bytes: Buffer | undefined): void {
    if (this.#deaf) return;
    this.#queue.push({ due: performance.now() + this.#latency, bytes });
    this.#size += bytes?.length ?? 0;
    if (this.#size > HELD) this.#from.pause();
    this.#pass();
  }

  #pass(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    for (let next = this.#queue[0]; next && !this.#held; next = this.#queue[0]) {
      if (next.due > now) {
        this.#timer = setTimeout(() => this.#pass(), next.due - now);
        return;
      }
      this.#queue.shift();
      if (next.bytes === undefined) this.#to.destroySoon();
      else this.#deliver(next.bytes);
    }
    if (this.#queue.length === 0) this.#from.resume();
  }

  #deliver(bytes: Buffer): void {
    this.#size -= bytes.length;
    const meet = this.#onBytes;
    this.#onBytes = undefined;
    const passed = meet ? meet(bytes) : bytes;
    if (passed && !this.#to.destroyed && !this.#to.write(passed)) this.#from.pause();
  }
}
