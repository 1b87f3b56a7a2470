/**
 * `Room.of(contract)`: a room whose messages, events, signals and calls are typed, validated,
 * kept and delivered exactly once.
 */
import {
  type CallShape,
  type Contract,
  type ContractShape,
  encodeItem,
  type Fault,
  type InputOf,
  misuse,
  type NameOf,
  RoomError,
  type SchemaOf,
  validate,
} from "@greenroom/protocol";

import { amend, attachmentOf } from "./connection.ts";
import { ContractDriver } from "./contract-driver.ts";
import { Delivery } from "./delivery.ts";
import { detailed, isDebugged } from "./details.ts";
import type { DoorCommands } from "./doors.ts";
import type { RoomExtension } from "./extension.ts";
import { type FromWorker, fromWorker, workerFault } from "./from-worker.ts";
import { CONTRACT, type Told } from "./get-room.ts";
import { after } from "./handler-time.ts";
import { check, type Handlers, type Moments, routesOf, type TimerPart } from "./handlers.ts";
import { roomInside } from "./inside.ts";
import type { Route, Scope } from "./jobs.ts";
import type { LifecycleOptions } from "./lifecycle-options.ts";
import type { LifecycleView } from "./lifecycle-view.ts";
import type { LimitOptions } from "./limits.ts";
import { checkLog, type LogOptions, logOptions } from "./log-options.ts";
import { Log } from "./log.ts";
import { type Member, type MemberContext, memberOf, Questions } from "./member.ts";
import { SocketMembers } from "./members.ts";
import type { RoomCost } from "./meter.ts";
import type { Migration } from "./migrations.ts";
import type { Connection } from "./party.ts";
import type { RoomServer } from "./room-server.ts";
import { runInScope } from "./scope.ts";
import { withoutSession } from "./secrets.ts";
import type { LogEntry } from "./segments.ts";
import { bounded } from "./size.ts";
import type { ContractTimers, TimerSchemas } from "./timers.ts";

/** The log of a room, for reading. */
export interface LogView {
  /** The newest entry's seq; 0 when there is none. */
  readonly head: number;
  /** The oldest kept entry's seq; `head + 1` when there is none. */
  readonly tail: number;
  /** The room's epoch; null while nothing was ever kept. */
  readonly epoch: string | null;
  /** At most `limit` entries before `seq`, oldest first. */
  before(seq: number, limit: number): LogEntry[];
  /** At most `limit` entries after `seq`, oldest first. */
  after(seq: number, limit: number): LogEntry[];
}

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

/** Builds the features of one room, each with what it needs and no more, and hangs them on it. */
function assemble(
  room: RoomServer,
  ctx: DurableObjectState,
  contract: Contract,
  options: Required<LogOptions>,
  { timers = {}, use = [] }: OwnOptions<TimerSchemas>,
): Delivery<WebSocket> {
  const inside = roomInside(room);
  const { lifecycle } = inside;
  inside.doors.schema = contract.shape.claims;
  const log = new Log(lifecycle.context.tables, options, inside.limits.sessions);
  const members = new SocketMembers(ctx, inside.pending, inside.headcount);
  const questions = new Questions();
  let routes: Map<string, Route> | undefined;
  let moments: Moments<ContractShape> = {};
  inside.checks.push(
    () => checkLog(options),
    () => checkUse(room.constructor.name, contract.shape, use),
    () => {
      if (routes) return;
      throw misuse("bad-handler", `${room.constructor.name} never called this.handle({ ... }).`);
    },
  );

  const delivery: Delivery<WebSocket> = new Delivery({
    ...inside,
    log,
    members,
    history: options.history,
    route: (name) => routes?.get(name),
    snapshot: () => moments.onSnapshot?.(),
    kind: room.constructor.name,
    transaction: (run) => ctx.storage.transactionSync(run),
    touches: lifecycle.context.touches,
    abandon: (why) => ctx.abort(why),
    committed: () => ctx.storage.sync(),
    now: () => Date.now(),
    soon: (call) => void setTimeout(call, 0),
    after,
    places: {
      read: (socket) => attachmentOf(socket)?.behind,
      write: (socket, behind) => amend(socket, { behind }),
    },
    detail: (fault, cause, socket) => detailed(fault, cause, isDebugged(socket)),
    bill: () => lifecycle.bill(),
    afterCommit: (call) => lifecycle.transactions.after(call),
    wrote: () => lifecycle.rearm(),
    settled: (id, member, value) => questions.settle(id, member, value),
    admitted: (socket) =>
      extensions
        .map((each) => each.admitted(socket))
        .filter(Boolean)
        .join(","),
  });
  lifecycle.ledger = delivery;
  lifecycle.performer = {
    perform: (tasks) => delivery.perform(tasks),
    gather: async (run) => {
      const scope: Scope = { kind: "scope", outgoing: [] };
      await runInScope(scope, run);
      return () => scope.outgoing.forEach((out) => delivery.emit(out));
    },
  };

  const { events = {}, signals = {}, asks = {} } = contract.shape;
  const emitSignal = (
    name: string,
    value: unknown,
    target: { to?: string; except?: string },
  ): void => {
    check(`The signal "${name}"`, schemaOf(signals, name, "signal"), value);
    delivery.emit({
      item: bounded(encodeItem(["s", name, value]), `The signal "${name}"`),
      ...target,
    });
  };
  const extensions = use.map((each) =>
    each.host({
      ctx,
      shape: contract.shape,
      inside,
      lifecycle,
      members,
      log,
      profileOf: (id) =>
        (moments as { onProfile?: (of: Member) => unknown }).onProfile?.(member(id)),
    }),
  );
  const context: MemberContext = {
    of: (id) => members.of(id),
    shown: (socket) => extensions[use.findIndex(({ name }) => name === "presence")]?.shown(socket),
    emitTo: (id, name, value) => emitSignal(name, value, { to: id }),
    ask: async (id, name, input, timeout) => {
      const { input: inputSchema, output } = schemaOf<CallShape>(asks, name, "ask");
      check(`The question "${name}"`, inputSchema, input);
      const value = validate(output, await questions.ask(members.of(id), id, name, input, timeout));
      if (!value.ok) throw new RoomError("invalid", { issues: value.issues });
      return value.value;
    },
  };
  const member = (id: string): Member => memberOf(id, context);

  inside.driver = new ContractDriver({
    ...inside,
    ctx,
    members,
    delivery,
    extensions,
    hooks: {
      onConnect: (id, request) =>
        moments.onConnect &&
        (() => moments.onConnect?.(member(id), { request: withoutSession(request) })),
      onLeave: (id, code, reason, socket) => {
        questions.left(id);
        const of = (other: string): WebSocket | undefined =>
          members.of(other) ?? (other === id ? socket : undefined);
        return moments.onLeave?.(memberOf(id, { ...context, of }), { code, reason });
      },
    },
  });

  Object.assign(room, {
    contract,
    handle: (handlers: object) => {
      routes = routesOf(contract, handlers, member);
      lifecycle.timers.declare((handlers as { onTimer?: object }).onTimer ?? {}, timers);
      moments = handlers;
      return handlers;
    },
    publish: (name: string, value: unknown) => {
      const what = `The event "${name}"`;
      check(what, schemaOf(events, name, "event"), value);
      delivery.emit({ entry: bounded(JSON.stringify([name, value ?? null, Date.now()]), what) });
    },
    signal: (name: string, value: unknown, { except }: SignalOptions = {}) =>
      emitSignal(name, value, except ? { except: except.id } : {}),
    members: () => members.all().map((socket) => member(members.idOf(socket))),
    member: (id: string) => (members.of(id) ? member(id) : undefined),
    log: logView(log, delivery),
  });
  return delivery;
}

/** The log with what the running burst has published and not written yet. */
function logView(log: Log, delivery: Delivery<WebSocket>): LogView {
  const unwritten = (): LogEntry[] => {
    const { head } = log.span();
    return delivery.unwritten().map((text, index) => {
      const [event, value, at] = JSON.parse(text) as [string, unknown, number];
      return { seq: head + 1 + index, event, value, at };
    });
  };
  return {
    get head() {
      return log.span().head + delivery.unwritten().length;
    },
    get tail() {
      return log.span().tail;
    },
    get epoch() {
      return log.span().epoch;
    },
    before(seq, limit) {
      const fresh = unwritten().filter((entry) => entry.seq < seq);
      const kept = fresh.length < limit ? log.before(seq, limit - fresh.length) : [];
      return limit > 0 ? [...kept, ...fresh].slice(-limit) : [];
    },
    after(seq, limit) {
      return [...log.after(seq, limit), ...unwritten().filter((entry) => entry.seq > seq)].slice(
        0,
        limit,
      );
    },
  };
}

/** A part of the contract that nobody serves would be silence; throws `bad-option`, with the line to write. */
function checkUse(name: string, shape: ContractShape, use: readonly RoomExtension[]): void {
  for (const each of use) each.check(shape);
  if (!shape.presence || use.some((each) => each.name === "presence")) return;
  throw misuse("bad-option", `The contract has \`presence\`, and ${name} does not use it.`, {
    hint: 'Write `use: [presence()]`, with `presence` of "@greenroom/server/presence".',
  });
}

function schemaOf<T>(part: Readonly<Record<string, T>>, name: string, what: string): T {
  if (!Object.hasOwn(part, name)) {
    throw misuse("bad-handler", `The contract has no ${what} "${name}".`);
  }
  return part[name] as T; // SAFETY: an own property, just checked
}
