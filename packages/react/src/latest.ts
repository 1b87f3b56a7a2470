/** What a function of the newest render is reached by, so that it never goes stale. */
import { type RefObject, useInsertionEffect, useRef } from "react";

/** The value of the newest render that is on the page: before its other effects run. */
export function useLatest<T>(value: T): Readonly<RefObject<T>> {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
