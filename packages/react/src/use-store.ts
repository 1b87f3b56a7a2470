/** Reading a store so that a component renders again only when what it reads has changed. */
import type { Store } from "@greenroom/client/stores";
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";

/**
 * What `select` gives of a store's value: the very same until it differs, compared part by part.
 * `initial` is the value on a server, and while a page takes over what a server rendered.
 */
export function useStore<T, Selected>(
  store: Store<T>,
  initial: T,
  select: (value: T) => Selected,
): Selected {
  const shown = useRef<{ readonly is: Selected }>(undefined);
  const read = useMemo(() => {
    let last: { readonly of: T; readonly is: Selected } | undefined;
    return (value: T): Selected => {
      if (last && Object.is(last.of, value)) return last.is;
      const next = select(value);
      // A selector that is new with each render still gives what is on the page.
      const before = last ?? shown.current;
      const is = before && isSame(before.is, next) ? before.is : next;
      last = { of: value, is };
      return is;
    };
  }, [store, select]);
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  const selected = useSyncExternalStore(
    subscribe,
    () => read(store.get()),
    () => read(initial),
  );
  useEffect(() => {
    shown.current = { is: selected };
  });
  return selected;
}

/** Whether two values are the same, or lists or plain objects with the same parts. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const prototype: unknown = Object.getPrototypeOf(a);
  if (prototype !== Object.getPrototypeOf(b)) return false;
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  const [one, other] = [a, b] as Record<string, unknown>[];
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && Object.is(one?.[key], other?.[key]))
  );
}

/** The whole value. */
export function whole<T>(value: T): T {
  return value;
}
