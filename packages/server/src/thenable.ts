/** Promises where none can be waited for: what is decided within one turn, and one transaction. */
import { misuse } from "@greenroom/protocol";

/** Gives back what `what` has returned; throws `thenable` where that is a promise. */
export function notThenable(result: unknown, what: string, hint?: string): unknown {
  const promise = result as PromiseLike<unknown> | null | undefined;
  if (typeof promise?.then !== "function") return result;
  promise.then(undefined, () => undefined); // its outcome is of no use: it comes too late
  throw misuse("thenable", `${what} returned a promise.`, hint === undefined ? {} : { hint });
}
