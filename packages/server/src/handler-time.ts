/**
 * The time that an asynchronous handler may take. One that is not done by then is given up: its
 * sender is told `timeout`, and what it publishes from there on has no place any more. The
 * platform cannot stop it, so it is never begun a second time.
 */
import { RoomError } from "@greenroom/protocol";

import type { Scope } from "./jobs.ts";
import { runInScope } from "./scope.ts";

/** Sets a timer and gives what cancels it. */
export type After = (ms: number, call: () => void) => () => void;

/** The platform's timers. They keep the instance awake, and so they must: the handler is in its memory. */
export const after: After = (ms, call) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};

/** How a handler ended: calling it gives its value, or throws what it threw. */
export type End = () => unknown;

/** Runs a handler in its scope, and tells once how it ended, after `limit` ms at the latest. */
export function runWithin(
  limit: number,
  after: After,
  scope: Scope,
  run: () => unknown,
  done: (end: End) => void,
): void {
  let isOver = false;
  const end = (how: End): void => {
    if (isOver) return;
    isOver = true;
    cancel();
    done(how);
  };
  const cancel =
    limit === Infinity
      ? () => undefined
      : after(limit, () => {
          scope.isOver = true;
          end(() => {
            throw tooLong(limit);
          });
        });
  const call = async (): Promise<void> => {
    try {
      const value = await run();
      end(() => value);
    } catch (fault) {
      end(() => {
        throw fault;
      });
    }
  };
  void runInScope(scope, call);
}

/** What a hook promised, or a rejection with `timeout` after `limit` ms. */
export function within<T>(limit: number, after: After, promise: Promise<T>): Promise<T> {
  if (limit === Infinity) return promise;
  return new Promise<T>((resolve, reject) => {
    const cancel = after(limit, () => reject(tooLong(limit)));
    promise.then(resolve, reject).finally(cancel);
  });
}

function tooLong(limit: number): RoomError {
  return new RoomError("timeout", { message: `It took longer than ${limit} ms.` });
}
