/**
 * `Room.of(contract)`: a room whose messages, events, signals and calls are typed, validated,
 * kept and delivered exactly once.
 */
import {
  type Contract,
  type ContractShape,
  type Fault,
  type InputOf,
  type NameOf,
  RoomError,
  type SchemaOf,
} from "@greenroom/protocol";

import { assemble } from "./assemble.ts";
import type { DoorCommands } from "./doors.ts";
import type { RoomExtension } from "./extension.ts";
import { type FromWorker, fromWorker, workerFault } from "./from-worker.ts";
import { CONTRACT, type Told } from "./get-room.ts";
import type { Handlers, TimerPart } from "./handlers.ts";
import { roomInside } from "./inside.ts";
import type { LifecycleOptions } from "./lifecycle-options.ts";
import type { LifecycleView } from "./lifecycle-view.ts";
import type { LimitOptions } from "./limits.ts";
import { type LogOptions, logOptions } from "./log-options.ts";
import type { LogView } from "./log-view.ts";
import type { Member } from "./member.ts";
import type { RoomCost } from "./meter.ts";
import type { Migration } from "./migrations.ts";
import type { Connection } from "./party.ts";
import type { RoomServer } from "./room-server.ts";
import type { ContractTimers, TimerSchemas } from "./timers.ts";

/** To whom a signal does not go. */
export interface SignalOptions {
  /** A member that does not get it. */
  readonly except?: { readonly id: string };
}

/** Of a room that has no timers. */
export type NoTimers = Readonly<Record<never, never>>;

type Raw =
  | "onMessage"
  | "onConnect"
  | "onClose"
  | "broadcast"
  | "getConnection"
  | "getConnections"
  | "getConnectionTags";

/** Hooks that stay: declared anew as methods, because `Omit` makes properties of them (TS2425). */
type Kept = "onStart" | "onRequest" | "onAlarm" | "onError";

/** What every room gives its class: the platform's two fields, and the hooks that are no moments. */
declare abstract class RoomFields<Env> {
  protected readonly ctx: DurableObjectState;
  protected readonly env: Env;
  /** Called once in each wake, before anything else. */
  onStart(): void | Promise<void>;
  /** Called for a request over HTTP. */
  onRequest(request: Request): Response | Promise<Response>;
  /** Called when the alarm rings that was set with `ctx.storage.setAlarm`. */
  onAlarm(): void | Promise<void>;
  /** Called with a fault on a connection, beside the log. */
  onError(connection: Connection, error: unknown): void | Promise<void>;
  /** Called when the room was silent for `expireAfter`; a number extends its life by so many ms. */
  onExpire(): void | number | Promise<void | number>;
}

declare const RawlessRoom: abstract new <Env extends Cloudflare.Env>(
  ctx: DurableObjectState,
  env: Env,
) => Omit<RoomServer<Env>, Raw | Kept> & Rpc.DurableObjectBranded & RoomFields<Env>;

/** What a contract room keeps to itself: no client imports it. */
export interface OwnOptions<Timers extends TimerSchemas> {
  /** The room's timers: the schema of each one's payload, or null where it has none. */
  readonly timers?: Timers;
  /** What the room is given beyond its core: `presence()` of "@greenroom/server/presence". */
  readonly use?: readonly RoomExtension[];
}

/** A room that speaks a contract; what `Room.of` gives, to be extended. */
export declare abstract class ContractRoom<
  Shape extends ContractShape,
  Env extends Cloudflare.Env = Cloudflare.Env,
  Timers extends TimerSchemas = NoTimers,
> extends RawlessRoom<Env> {
  /** What the room and its clients share. */
  readonly contract: Contract<Shape>;
  /** One handler for each message, call and timer: `handlers = this.handle({ ... })`. */
  abstract readonly handlers: Handlers<Shape> & TimerPart<Timers>;
  /** Checks handlers and infers their parameters. */
  protected readonly handle: (
    handlers: Handlers<Shape> & TimerPart<Timers>,
  ) => Handlers<Shape> & TimerPart<Timers>;
  /** Named, durable timers: `this.timers.set(name, { after: 60_000 }, payload)`. */
  readonly timers: ContractTimers<Timers>;
  /** Publishes an event: kept in the log, sent to every member, in order, once. Throws `too-large`. */
  readonly publish: <Name extends NameOf<Shape, "events">>(
    name: Name,
    value: InputOf<SchemaOf<Shape, "events", Name>>,
  ) => void;
  /** Sends a signal to whoever is there; it is not kept. */
  readonly signal: <Name extends NameOf<Shape, "signals">>(
    name: Name,
    value: InputOf<SchemaOf<Shape, "signals", Name>>,
    options?: SignalOptions,
  ) => void;
  /** The members that are in. */
  readonly members: () => Member<Shape>[];
  /** The member with a public id, if it is in. */
  readonly member: (id: string) => Member<Shape> | undefined;
  /** The log, for reading. */
  readonly log: LogView;
  /** The room's life: its count, its deadline, and when its last message came. */
  readonly lifecycle: LifecycleView;
  /** What the room has cost since it woke, and since its epoch began. */
  readonly cost: () => RoomCost;
  readonly ban: DoorCommands["ban"];
  readonly unban: DoorCommands["unban"];
  readonly lock: DoorCommands["lock"];
  readonly unlock: DoorCommands["unlock"];
}

/** The class that `Room.of` gives, with its options. */
export type ContractRoomClass<
  Shape extends ContractShape,
  Timers extends TimerSchemas = NoTimers,
> = {
  /** The schema of the room's own tables, from the first version on. */
  migrations: readonly Migration[];
  /** How long the room may be silent, and when the alarm is set. */
  lifecycle: LifecycleOptions;
  /** What the log keeps, and what newcomers get of it. */
  log: LogOptions;
  options: { hibernate?: boolean };
  /** How much the room takes; see the guide to limits. */
  limits: LimitOptions;
} & (abstract new <Env extends Cloudflare.Env = Cloudflare.Env>(
  ctx: DurableObjectState,
  env: Env,
) => ContractRoom<Shape, Env, Timers>);

type AnyRoomClass = new (
  ctx: DurableObjectState,
  env: Cloudflare.Env,
) => RoomServer & {
  readonly lifecycle: LifecycleView;
};

/** Makes the class for a contract over `Room`. */
export function contractRoom<
  const Shape extends ContractShape,
  const Timers extends TimerSchemas = NoTimers,
>(
  Base: AnyRoomClass,
  contract: Contract<Shape>,
  own: OwnOptions<Timers> = {},
): ContractRoomClass<Shape, Timers> {
  class WithContract extends Base {
    static log: LogOptions = {};

    readonly #told: FromWorker;

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, env);
      const options = logOptions((this.constructor as typeof WithContract).log);
      const delivery = assemble(this, ctx, contract, options, own);
      this.#told = fromWorker(contract.shape, delivery);
    }

    override async setName(name: string, props?: Record<string, unknown>): Promise<void> {
      await super.setName(name, props);
      return CONTRACT as unknown as void; // SAFETY: read by getRoom alone
    }

    /** What a Worker tells the room through `getRoom`; on the prototype, where RPC finds it. */
    async fromWorker(kind: Told, name: string, value: unknown): Promise<Fault | null> {
      try {
        await super.setName(this.name); // a room that slept has not started yet
        if (roomInside(this).lifecycle.purging) throw new RoomError("expired");
        this.#told(kind, name, value);
        return null;
      } catch (fault) {
        return workerFault(fault, (cause) => roomInside(this).report(cause, `a ${kind}`));
      }
    }
  }
  // SAFETY: assemble() gives each instance the members that ContractRoom declares.
  return WithContract as unknown as ContractRoomClass<Shape, Timers>;
}
