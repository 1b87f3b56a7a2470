/** `useStatus`: where a room's connection is. */
import type { ContractShape, RoomClient } from "@greenroom/client";
import { type RoomStatus, statusStore } from "@greenroom/client/stores";
import { useCallback } from "react";

import { isUnopened } from "./room-pool.ts";
import { useStore } from "./use-store.ts";

const CONNECTING: RoomStatus = Object.freeze({ state: "connecting", outage: "none" });

/**
 * The status of a room, with `outage`: `none` also in a short blip, `lost` after five seconds
 * without a connection, then `restored` while connected, or `failed`.
 */
export function useStatus<Shape extends ContractShape>(room: RoomClient<Shape>): RoomStatus {
  const select = useCallback(
    (status: RoomStatus) => (isUnopened(room) ? CONNECTING : status),
    [room],
  );
  return useStore(statusStore(room), CONNECTING, select);
}
