/** `useRoom`: a room for as long as a component that uses it is on the page. */
import type { Contract, ContractShape, Extension } from "@greenroom/client";
import { useEffect, useInsertionEffect, useReducer } from "react";

import { type RoomOf, type RoomOptions, sharedRoom, stillRoom } from "./room-pool.ts";

/** Where there is no page, as on a server, effects do not run and nothing may be kept for the next. */
const HAS_PAGE = typeof window !== "undefined" && !("Deno" in globalThis);

/**
 * A room, connected while a component that uses it is on the page, and for a second after the last.
 * Components that ask for the same room share one connection.
 *
 * @example
 * ```tsx
 * const room = useRoom(chat, { room: "lobby", token: () => auth.token(), use: [presence] });
 * useEvent(room, "said", ({ text }) => announce(text));
 * ```
 */
export function useRoom<Shape extends ContractShape, const Use extends readonly Extension[] = []>(
  contract: Contract<Shape>,
  options: RoomOptions<Use>,
): RoomOf<Shape, Use> {
  const [turn, again] = useReducer((turns: number) => turns + 1, 0);
  const find = HAS_PAGE || turn > 0 ? sharedRoom : stillRoom;
  const shared = find(contract, options);
  const { token } = options;
  useInsertionEffect(() => shared.provide(token));
  useEffect(() => {
    if (shared.isCurrent()) return shared.join();
    // It was forgotten since it was rendered: rendering again makes another.
    again();
    return undefined;
  }, [shared]);
  return shared.room;
}
