/** Listening to a room from a component, with a listener that never goes stale. */
import type {
  ContractShape,
  Heard,
  HeardMeta,
  HeardValue,
  Moments,
  RoomClient,
} from "@greenroom/client";
import { useEffect } from "react";

import { useLatest } from "./latest.ts";

/**
 * Listens to an event or a signal while the component is on the page. The listener is the one of the
 * newest render, and need not be memoised.
 */
export function useEvent<Shape extends ContractShape, Name extends Heard<Shape>>(
  room: RoomClient<Shape>,
  name: Name,
  listener: (value: HeardValue<Shape, Name>, meta: HeardMeta<Shape, Name>) => void,
): void {
  const latest = useLatest(listener);
  useEffect(
    () => room.on(name, (value, meta) => latest.current(value, meta)),
    [room, name, latest],
  );
}

/** Watches the connection (`resume`, `lost`, `restored`, `fault` and so on) as `useEvent` listens. */
export function useWatch<Shape extends ContractShape, Moment extends keyof Moments<Shape> & string>(
  room: RoomClient<Shape>,
  moment: Moment,
  watcher: (told: Moments<Shape>[Moment]) => void,
): void {
  const latest = useLatest(watcher);
  useEffect(() => room.watch(moment, (told) => latest.current(told)), [room, moment, latest]);
}
