/** `useLog`: a room's log as a list. */
import type { ContractShape, RoomClient } from "@greenroom/client";
import { type LogOptions, logStore, type LogView } from "@greenroom/client/stores";
import { useEffect, useMemo } from "react";

import { useLatest } from "./latest.ts";
import { useStore, whole } from "./use-store.ts";

/** The log as a component sees it. */
export interface RoomLog<Shape extends ContractShape> extends LogView<Shape> {
  /** Loads the page before the list, if there is one. */
  loadOlder(): Promise<void>;
}

const EMPTY: LogView = Object.freeze({
  entries: Object.freeze([]),
  snapshot: undefined,
  hasOlder: false,
  isLoading: false,
  error: undefined,
});

/**
 * The log of a room as a list: the entries that came, in order and each once, and older ones in front
 * of them when they are asked for. Components of one room share one list.
 *
 * @example
 * ```tsx
 * const { entries, hasOlder, loadOlder } = useLog(room, {
 *   loadBefore: (seq, limit) => room.call("history", { before: seq, limit }),
 * });
 * ```
 */
export function useLog<Shape extends ContractShape>(
  room: RoomClient<Shape>,
  options?: LogOptions<Shape>,
): RoomLog<Shape> {
  const store = logStore(room);
  const load = useLatest(options?.loadBefore);
  const hasOptions = options !== undefined;
  const hasLoad = options?.loadBefore !== undefined;
  const { page, keep } = options ?? {};
  useEffect(() => {
    if (!hasOptions) return;
    const loadBefore = (seq: number, limit: number) =>
      load.current?.(seq, limit) ?? Promise.resolve([]);
    logStore(room, { page, keep, loadBefore: hasLoad ? loadBefore : undefined });
  }, [room, page, keep, hasOptions, hasLoad, load]);
  // SAFETY: an empty list is one of every contract.
  const view = useStore(store, EMPTY as unknown as LogView<Shape>, whole);
  return useMemo(() => ({ ...view, loadOlder: store.loadOlder }), [view, store]);
}
