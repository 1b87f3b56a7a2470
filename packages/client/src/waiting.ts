/** One message or call that waits: a promise, its time limit and its AbortSignal. */
import { RoomError } from "@greenroom/protocol";

import type { Clock } from "./clock.ts";

/** How long to wait for one message or call. */
export interface WaitOptions {
  /** In milliseconds, time away included. @default none for `send`, `callTimeout` for `call` */
  readonly timeout?: number;
  /** Gives up when it fires. */
  readonly signal?: AbortSignal;
}

interface Settle {
  resolve(value: unknown): void;
  reject(error: RoomError): void;
}

/** A promise that is settled once: by the room, by the clock or by the app. */
export class Waiting {
  readonly promise: Promise<unknown>;
  #settle: Settle | undefined;
  readonly #stops: (() => void)[] = [];

  /** `giveUp` takes it out of the outbox. */
  constructor(giveUp: (waiting: Waiting) => void, clock: Clock, { timeout, signal }: WaitOptions) {
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    const abort = (): void => {
      this.reject(new RoomError("aborted", { cause: signal?.reason }));
      giveUp(this);
    };
    if (signal?.aborted) {
      abort();
      return;
    }
    if (signal) {
      signal.addEventListener("abort", abort);
      this.#stops.push(() => signal.removeEventListener("abort", abort));
    }
    if (timeout !== undefined) {
      const message = `No answer came within ${timeout} ms.`;
      this.#stops.push(
        clock.after(timeout, () => {
          this.reject(new RoomError("timeout", { message }));
          giveUp(this);
        }),
      );
    }
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  resolve(value: unknown): void {
    this.#take()?.resolve(value);
  }

  reject(why: RoomError): void {
    // A room that closes is no news to those who do not wait for their messages: `status` tells it.
    if (why.code === "closed" || why.code === "expired") this.promise.catch(() => undefined);
    this.#take()?.reject(why);
  }

  #take(): Settle | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    for (const stop of this.#stops) stop();
    return settle;
  }
}
