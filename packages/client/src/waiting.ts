/** One message or call that waits: a promise, its time limit and its AbortSignal. */
import { ownError, RoomError } from "@greenroom/protocol";

import type { Clock } from "./clock.ts";
import type { Settler } from "./outbox.ts";

/** How long to wait for one message or call. */
export interface WaitOptions {
  /** In milliseconds, time away included. @default none for `send`, `callTimeout` for `call` */
  readonly timeout?: number | undefined;
  /** Gives up when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A promise that is settled by the room, by the clock or by the app, whichever is first. `begin`
 * hands it over, unless the signal has fired already; `giveUp` takes it back; `settled` is told at
 * once, before whoever waits for the promise.
 */
export function waiting(
  clock: Clock,
  { timeout, signal }: WaitOptions,
  begin: (settler: Settler) => void,
  giveUp: (settler: Settler) => void,
  settled?: (error?: RoomError) => void,
): Promise<unknown> {
  const promise = new Promise<unknown>((resolve, reject) => {
    let cancel = (): void => undefined;
    const settler: Settler = {
      resolve(value) {
        done();
        resolve(value);
        settled?.();
      },
      reject(why) {
        done();
        // That a room closes is no news to those who do not wait for their messages.
        if (why.code === "closed" || why.code === "expired") {
          queueMicrotask(() => promise.catch(() => undefined));
        }
        reject(why);
        settled?.(why);
      },
    };
    const quit = (why: RoomError): void => {
      giveUp(settler);
      settler.reject(why);
    };
    const abort = (): void => quit(ownError("aborted", { cause: signal?.reason }));
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", abort);
    };

    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    if (timeout !== undefined) {
      const message = `No answer came within ${timeout} ms.`;
      cancel = clock.after(timeout, () => quit(new RoomError("timeout", { message })));
    }
    begin(settler);
  });
  return promise;
}
