/** `Room`: what users extend. */
import type { Contract, ContractShape } from "@greenroom/protocol";

import { Access } from "./access.ts";
import {
  contractRoom,
  type ContractRoomClass,
  type NoTimers,
  type OwnOptions,
} from "./contract-room.ts";
import type { DoorCommands } from "./doors.ts";
import { roomInside } from "./inside.ts";
import { type LifecycleStatics, type RoomLifecycle, withRoomLifecycle } from "./lifecycle-mixin.ts";
import { RoomServer } from "./room-server.ts";
import type { TimerSchemas } from "./timers.ts";

const Base: typeof RoomServer &
  LifecycleStatics &
  (new (
    // oxlint-disable-next-line typescript/no-explicit-any -- a mixin's constructor must take any[] (TS2545)
    ...args: any[]
  ) => RoomLifecycle) = withRoomLifecycle(RoomServer);

/**
 * A durable real-time room.
 *
 * Extend it for raw messages, as partyserver's users know them, or extend `Room.of(contract)`
 * for typed ones. It sleeps between messages, counts them, and expires after a silence.
 *
 * @example
 * ```ts
 * import { Room } from "@greenroom/server";
 * export class Echo extends Room {
 *   override onMessage(connection: { send(text: string): void }, message: string) {
 *     connection.send(message);
 *   }
 * }
 * ```
 */
export class Room<
  Env extends Cloudflare.Env = Cloudflare.Env,
  Props extends Record<string, unknown> = Record<string, unknown>,
> extends Base<Env, Props> {
  declare readonly ban: DoorCommands["ban"];
  declare readonly unban: DoorCommands["unban"];
  declare readonly lock: DoorCommands["lock"];
  declare readonly unlock: DoorCommands["unlock"];

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { doors, lifecycle } = roomInside(this);
    Object.assign(this, doors.commands(new Access(lifecycle.context.tables)));
  }

  /**
   * The class of a room that speaks a contract: `class ChatRoom extends Room.of(chat)`. What only
   * the room knows of stands beside it: `Room.of(chat, { timers: { close: null } })`.
   */
  static of<const Shape extends ContractShape, const Timers extends TimerSchemas = NoTimers>(
    contract: Contract<Shape>,
    own: OwnOptions<Timers> = {},
  ): ContractRoomClass<Shape, Timers> {
    return contractRoom(Room, contract, own);
  }
}
