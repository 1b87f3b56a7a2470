export { Room } from "./room.ts";
export { RoomServer } from "./room-server.ts";
export { withRoomLifecycle } from "./lifecycle-mixin.ts";
