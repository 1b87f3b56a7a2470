/** A room as small stores with `subscribe` and `get`, for user interfaces of any framework. */

export { logStore } from "./log-store.ts";
export type { LoadBefore, LogOptions, LogStore, LogView } from "./log-store.ts";
export { outboxStore } from "./outbox-store.ts";
export type { OutboxMessage } from "./outbox-store.ts";
export { statusStore } from "./status-store.ts";
export type { RoomStatus } from "./status-store.ts";
export type { Store } from "./store.ts";
