/** The status of a room's connection as a store, with the outages that last. */
import type { ContractShape } from "@greenroom/protocol";

import type { Status } from "./connection.ts";
import type { OutageMoment } from "./outage.ts";
import type { RoomClient } from "./room-client.ts";
import { perRoom, source, type Store } from "./store.ts";

/**
 * The status, and what people are told of an outage: `none` also in a short blip, `lost` after
 * `lostAfter` without a connection, then `restored` while connected, or `failed`.
 */
export type RoomStatus = Status & { readonly outage: "none" | OutageMoment };

const stores = perRoom((room: RoomClient): Store<RoomStatus> => {
  let outage: RoomStatus["outage"] = "none";
  const store = source<RoomStatus>(() => ({ ...room.status, outage }));
  room.watch("status", ({ state }) => {
    // What ends an outage is told after the status that ends it.
    if (outage !== "lost" || state === "closed") outage = "none";
    store.changed();
  });
  for (const moment of ["lost", "restored", "failed"] as const) {
    room.watch(moment, () => {
      outage = moment;
      store.changed();
    });
  }
  return store;
});

/** The status of a room as a store: the same one for the same room, with the outages since it was first asked for. */
export function statusStore<Shape extends ContractShape>(
  room: RoomClient<Shape>,
): Store<RoomStatus> {
  return stores(room);
}
