/**
 * Durable real-time rooms on Cloudflare Durable Objects.
 *
 * From the outside in. The order is that of the code in a bundle, too, and gzip sees 32 KB at once: what
 * the Worker's side shares with the room's comes together.
 */

// The Worker's side.
export { getRoom } from "./get-room.ts";
export type { RoomStub, WorkerSide } from "./get-room.ts";
export { routeRooms } from "./route.ts";
export { unauthenticated } from "./authenticate.ts";
export type { Authenticate, AuthenticateContext, DoorOptions } from "./authenticate.ts";
export { claimsOf } from "./claims.ts";
export type { Claims } from "./claims.ts";
export type { BanOptions } from "./access.ts";
export type { DoorCommands } from "./doors.ts";
export type { TokenPlaces } from "./secrets.ts";
export type { Cors, RoomNamespace, RouteOptions } from "./route.ts";

// What users extend.
export { Room } from "./room.ts";
export { RoomServer } from "./room-server.ts";
export { withRoomLifecycle } from "./lifecycle-mixin.ts";
export type { LifecycleStatics, RoomLifecycle } from "./lifecycle-mixin.ts";
export type { LifecycleOptions } from "./lifecycle-options.ts";
export type { LifecycleView, Phase } from "./lifecycle-view.ts";

// How much a room takes.
export { LIMITS } from "./limits.ts";
export type { LimitOptions, Limits, Rate } from "./limits.ts";

// Time.
export type { Ring } from "./ringing.ts";
export type {
  ContractTimers,
  TimerHandler,
  TimerHandlers,
  TimerHandlersOf,
  TimerSchemas,
  Timers,
  TimersOf,
  TimerPage,
  TimerView,
} from "./timers.ts";
export type { RecurringOptions, TimerOptions, TimerWhen } from "./timer-when.ts";

// The schema of a room's own tables, and the bill.
export type { Migration } from "./migrations.ts";
export type { Bill, RoomCost } from "./meter.ts";

// Rooms with a contract.
export type {
  ContractRoom,
  ContractRoomClass,
  NoTimers,
  OwnOptions,
  SignalOptions,
} from "./contract-room.ts";
export type { Asked, Handlers, Moments, TimerPart } from "./handlers.ts";
export type { AskOptions, ClaimsOf, Member } from "./member.ts";
export type { Extended, ExtensionContext, OwnTimers, RoomExtension } from "./extension.ts";
export type { LogOptions } from "./log-options.ts";
export type { LogView } from "./log-view.ts";
export type { LogEntry } from "./segments.ts";
export { refuse } from "./report.ts";

// What comes from elsewhere and belongs to the same import.
export type { Connection, ConnectionContext, WSMessage } from "./party.ts";
export { contract, RoomError } from "@greenroom/protocol";
export type { Contract, ContractShape, ErrorCode } from "@greenroom/protocol";
