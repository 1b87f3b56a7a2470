/**
 * One's own messages that the room has not acknowledged, as a store: what an optimistic list shows
 * below the log. One that failed stays, with its reason, until it is discarded or sent again.
 */
import type { ContractShape, InputOf, NameOf, RoomError, SchemaOf } from "@greenroom/protocol";

import type { RoomClient } from "./room-client.ts";
import { perRoom, source, type Store } from "./store.ts";

/** One message of the list; it is the same object until its state changes. */
export type OutboxMessage<
  Shape extends ContractShape = ContractShape,
  Names extends NameOf<Shape, "messages"> = NameOf<Shape, "messages">,
> = {
  readonly [Name in Names]: {
    /** Tells it from the others, also when its state has changed. */
    readonly key: number;
    readonly name: Name;
    /** As it was passed to `send`. */
    readonly value: InputOf<SchemaOf<Shape, "messages", Name>>;
    /** Takes one that has failed off the list. */
    discard(): void;
    /** Sends one that has failed again, as a new message at the end of the list. */
    retry(): void;
  } & (
    | { readonly state: "waiting"; readonly error?: undefined }
    | { readonly state: "failed"; readonly error: RoomError }
  );
}[Names];

/** Failed messages that are kept at most; the oldest goes first. */
const FAILED_KEPT = 100;

/** What waits in any room. */
interface Item {
  readonly kind: "m" | "c";
  readonly name: string;
  readonly value: unknown;
}

/** A message in any room. */
type Message = {
  readonly key: number;
  readonly name: string;
  readonly value: unknown;
  discard(): void;
  retry(): void;
} & ({ readonly state: "waiting" } | { readonly state: "failed"; readonly error: RoomError });

const stores = perRoom((room: RoomClient): Store<readonly Message[]> => {
  /** In the order in which they were handed over. */
  const messages = new Map<Item, Message>();
  const store = source<readonly Message[]>(() => [...messages.values()]);
  let keys = 0;

  function add(item: Item): void {
    const { name, value } = item;
    const discard = (): void => {
      if (messages.get(item)?.state === "failed") drop(item);
    };
    const retry = (): void => {
      if (messages.get(item)?.state !== "failed") return;
      drop(item);
      // SAFETY: the very name and value that were passed to `send` before.
      const sent = (room.send as (name: string, value: unknown) => Promise<void>)(name, value);
      sent.catch(() => undefined); // what becomes of it stands in the list
    };
    messages.set(item, { key: ++keys, name, value, state: "waiting", discard, retry });
    store.changed();
  }

  function drop(item: Item): void {
    messages.delete(item);
    store.changed();
  }

  function fail(item: Item, error: RoomError): void {
    const message = messages.get(item);
    if (message) messages.set(item, { ...message, state: "failed", error });
    const failed = [...messages].filter(([, { state }]) => state === "failed");
    for (const [old] of failed.slice(0, -FAILED_KEPT)) messages.delete(old);
    store.changed();
  }

  const waiting: readonly Item[] = room.outbox;
  for (const item of waiting) if (item.kind === "m") add(item);
  room.watch(
    "outbox",
    ({ item, error }: { readonly item: Item; readonly error?: RoomError | undefined }) => {
      if (item.kind !== "m") return;
      if (!messages.has(item)) add(item);
      // What the app itself has taken back is not to be told to it.
      else if (error && error.code !== "aborted") fail(item, error);
      else drop(item);
    },
  );
  return store;
});

/**
 * One's own messages that the room has not acknowledged, oldest first: the same store for the same
 * room. Those that failed are seen from when it was first asked for.
 */
export function outboxStore<Shape extends ContractShape>(
  room: RoomClient<Shape>,
): Store<readonly OutboxMessage<Shape>[]> {
  // SAFETY: the room's messages have the names and values of its contract.
  return stores(room) as Store<readonly OutboxMessage<Shape>[]>;
}
