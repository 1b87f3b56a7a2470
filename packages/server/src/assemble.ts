/** The assembly of a contract room: its features, each with what it needs and no more. */
import {
  type CallShape,
  type Contract,
  type ContractShape,
  encodeItem,
  misuse,
  RoomError,
  validate,
} from "@greenroom/protocol";

import { amend, attachmentOf } from "./connection.ts";
import { ContractDriver } from "./contract-driver.ts";
import type { OwnOptions, SignalOptions } from "./contract-room.ts";
import { Delivery } from "./delivery.ts";
import { detailed, isDebugged } from "./details.ts";
import type { RoomExtension } from "./extension.ts";
import { after } from "./handler-time.ts";
import { check, type Moments, routesOf } from "./handlers.ts";
import { roomInside } from "./inside.ts";
import type { Route, Scope } from "./jobs.ts";
import { checkLog, type LogOptions } from "./log-options.ts";
import { logView } from "./log-view.ts";
import { Log } from "./log.ts";
import { type Member, type MemberContext, memberOf, Questions } from "./member.ts";
import { SocketMembers } from "./members.ts";
import type { RoomServer } from "./room-server.ts";
import { runInScope } from "./scope.ts";
import { withoutSession } from "./secrets.ts";
import { bounded } from "./size.ts";
import type { TimerSchemas } from "./timers.ts";

/** Builds the features of one room, and hangs them on it. */
export function assemble(
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
