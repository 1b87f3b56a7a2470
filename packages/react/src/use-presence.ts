/** Presence in components: one's own, and that of the others, with selectors. */
import type { ContractShape, InputOf } from "@greenroom/client";
import type {
  Person,
  Presence,
  PresenceOf,
  PresentMember,
  ProfileOf,
} from "@greenroom/client/presence";
import type { Store } from "@greenroom/client/stores";
import { useMemo } from "react";

import { useStore, whole } from "./use-store.ts";

/** A room that uses `presence`. */
export interface RoomWithPresence<Shape extends ContractShape> {
  readonly presence: Presence<Shape>;
}

/** Everybody in the room, by person. */
type People<Shape extends ContractShape> = readonly Person<PresenceOf<Shape>, ProfileOf<Shape>>[];
/** Everybody in the room, one for each connection. */
type Members<Shape extends ContractShape> = readonly PresentMember<
  PresenceOf<Shape>,
  ProfileOf<Shape>
>[];

const NOBODY: readonly never[] = Object.freeze([]);

/**
 * One's own presence, and what sets it: `undefined` until it was set.
 *
 * @example
 * ```tsx
 * const [mine, show] = useMyPresence(room);
 * return <div onPointerMove={({ clientX: x, clientY: y }) => show({ x, y })}>{mine?.x}</div>;
 * ```
 */
export function useMyPresence<Shape extends ContractShape>(
  room: RoomWithPresence<Shape>,
): readonly [
  mine: InputOf<Shape["presence"]> | undefined,
  set: (value: InputOf<Shape["presence"]>) => void,
] {
  const { presence } = room;
  const mine = useStore<
    InputOf<Shape["presence"]> | undefined,
    InputOf<Shape["presence"]> | undefined
  >(presence, undefined, whole);
  return useMemo(() => [mine, presence.set] as const, [mine, presence]);
}

/**
 * The other people in the room, or what `select` makes of them: the component renders again only when
 * that has changed, compared part by part. The selector need not be memoised.
 *
 * @example
 * ```tsx
 * const others = useOthers(room);
 * const count = useOthers(room, (others) => others.length);
 * const ann = useOthers(room, (others) => others.find(({ id }) => id === ann)?.presence);
 * ```
 */
export function useOthers<Shape extends ContractShape, Selected = People<Shape>>(
  room: RoomWithPresence<Shape>,
  select: (others: People<Shape>) => Selected = whole as never,
): Selected {
  const { presence } = room;
  const people = useMemo(
    (): Store<People<Shape>> => ({ get: () => presence.people, subscribe: presence.subscribe }),
    [presence],
  );
  return useStore(people, NOBODY, (all) => select(all.filter(({ isSelf }) => !isSelf)));
}

/** Everybody in the room, one for each connection, oneself among them; `select` as of `useOthers`. */
export function useMembers<Shape extends ContractShape, Selected = Members<Shape>>(
  room: RoomWithPresence<Shape>,
  select: (members: Members<Shape>) => Selected = whole as never,
): Selected {
  const { presence } = room;
  const members = useMemo(
    (): Store<Members<Shape>> => ({ get: () => presence.members, subscribe: presence.subscribe }),
    [presence],
  );
  return useStore(members, NOBODY, select);
}
