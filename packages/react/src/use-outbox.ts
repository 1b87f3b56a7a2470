/** `useOutbox`: one's own messages that the room has not acknowledged. */
import type { ContractShape, NameOf, RoomClient } from "@greenroom/client";
import { type OutboxMessage, outboxStore } from "@greenroom/client/stores";
import { useCallback } from "react";

import { useStore } from "./use-store.ts";

const NONE: readonly never[] = Object.freeze([]);

/**
 * One's own messages, oldest first, from when they are sent until they are in the log: an optimistic
 * list to show below it. One that failed stays, until `discard()` or `retry()`. With a name, only its.
 */
export function useOutbox<
  Shape extends ContractShape,
  Name extends NameOf<Shape, "messages"> = NameOf<Shape, "messages">,
>(room: RoomClient<Shape>, name?: Name): readonly OutboxMessage<Shape, Name>[] {
  const select = useCallback(
    (messages: readonly OutboxMessage<Shape>[]) =>
      // SAFETY: those of one name are of its type.
      messages.filter((message) => name === undefined || message.name === name) as OutboxMessage<
        Shape,
        Name
      >[],
    [name],
  );
  return useStore(outboxStore(room), NONE, select);
}
