import { type RoomLifecycle, withRoomLifecycle } from "./lifecycle-mixin.ts";
/** `Room`: what users extend. */
import type { LifecycleOptions } from "./lifecycle.ts";
import { RoomServer } from "./room-server.ts";

const Base: typeof RoomServer & { lifecycle: LifecycleOptions } & (new (
    // oxlint-disable-next-line typescript/no-explicit-any -- a mixin's constructor must take any[] (TS2545)
    ...args: any[]
  ) => RoomLifecycle) = withRoomLifecycle(RoomServer);

/**
 * A durable real-time room: raw messages, or with a contract through `Room.of(contract)`.
 */
export class Room<
  Env extends Cloudflare.Env = Cloudflare.Env,
  Props extends Record<string, unknown> = Record<string, unknown>,
> extends Base<Env, Props> {}
