/** React hooks for Greenroom rooms, typed by their contract. */

export { useRoom } from "./use-room.ts";
export type { RoomOptions } from "./room-pool.ts";
export { useStatus } from "./use-status.ts";
export { useEvent, useWatch } from "./use-event.ts";
export { useLog } from "./use-log.ts";
export type { RoomLog } from "./use-log.ts";
export { useCall, useSend } from "./use-requests.ts";
export type { Call, Send } from "./use-requests.ts";
export { useOutbox } from "./use-outbox.ts";
export { useMembers, useMyPresence, useOthers } from "./use-presence.ts";
export type { RoomWithPresence } from "./use-presence.ts";
