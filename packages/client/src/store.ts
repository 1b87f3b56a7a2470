/**
 * A store: what user interfaces ask for. `get` gives the same value until something has changed,
 * and listeners are told once per turn, so that a frame with many entries is one update.
 */
import { listeners } from "./listeners.ts";

/** Something that changes over time. */
export interface Store<T> {
  /** What is so now; the very same value until it changes. */
  get(): T;
  /** Calls `listener` after a change; gives what stops it. */
  subscribe(listener: () => void): () => void;
}

/** A store, seen from whoever knows that it has changed. */
export interface Source<T> extends Store<T> {
  changed(): void;
}

/** A store of what `read` gives, which is called after a change by the first who asks. */
export function source<T>(read: () => T): Source<T> {
  const all = listeners();
  let value: { readonly is: T } | undefined;
  let telling = false;
  return {
    get: () => (value ??= { is: read() }).is,
    subscribe: (listener) => all.add("change", listener),
    changed() {
      value = undefined;
      if (telling) return;
      telling = true;
      queueMicrotask(() => {
        telling = false;
        all.tell("change");
      });
    },
  };
}

/** One value for each room, made when it is first asked for, and gone with its room. */
export function perRoom<T>(make: (room: never) => T): (room: object) => T {
  const made = new WeakMap<object, T>();
  return (room) => {
    let found = made.get(room);
    // SAFETY: the callers' types say what rooms they take.
    if (found === undefined) made.set(room, (found = make(room as never)));
    return found;
  };
}
