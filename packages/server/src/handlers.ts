/** The handlers of a contract room: their types, and the check that they fit the contract. */
import {
  type CallInput,
  type CallOutput,
  type CallShape,
  type Contract,
  type ContractShape,
  type InputOf,
  misuse,
  type NameOf,
  type OutputOf,
  RoomError,
  type Schema,
  type SchemaOf,
  validate,
} from "@greenroom/protocol";

import type { Route } from "./jobs.ts";
import type { Member } from "./member.ts";
import { meant } from "./report.ts";
import { notThenable } from "./thenable.ts";
import type { TimerHandlersOf, TimerSchemas } from "./timers.ts";

type MaybePromise<T> = T | Promise<T>;

/** One handler for each message and call; an `async` one leaves the turn, all others are one transaction. */
export type Handlers<Shape extends ContractShape> = {
  readonly [Name in NameOf<Shape, "messages">]: (
    member: Member<Shape>,
    value: OutputOf<SchemaOf<Shape, "messages", Name>>,
  ) => MaybePromise<void>;
} & {
  readonly [Name in NameOf<Shape, "calls">]: (
    member: Member<Shape>,
    input: OutputOf<CallInput<Shape, "calls", Name>>,
  ) => MaybePromise<InputOf<CallOutput<Shape, "calls", Name>>>;
} & Moments<Shape> &
  ProfilePart<Shape>;

/** What `this.handle` asks for beside them where the contract has a profile. */
export type ProfilePart<Shape extends ContractShape> = Shape["profile"] extends Schema
  ? {
      /** What the room shows of a member to everybody; called when it is about to be let in. */
      readonly onProfile: (member: Member<Shape>) => InputOf<Shape["profile"]>;
    }
  : unknown;

/** What `this.handle` asks for beside them where the room has timers. */
export type TimerPart<Timers extends TimerSchemas> = [keyof Timers] extends [never]
  ? unknown
  : { readonly onTimer: TimerHandlersOf<Timers> };

/** A message or call, as `authorize` is asked about it: valid, and not carried out yet. */
export type Asked<Shape extends ContractShape> =
  | {
      readonly [Name in NameOf<Shape, "messages">]: {
        readonly kind: "message";
        readonly name: Name;
        readonly value: OutputOf<SchemaOf<Shape, "messages", Name>>;
      };
    }[NameOf<Shape, "messages">]
  | {
      readonly [Name in NameOf<Shape, "calls">]: {
        readonly kind: "call";
        readonly name: Name;
        readonly value: OutputOf<CallInput<Shape, "calls", Name>>;
      };
    }[NameOf<Shape, "calls">];

/** The moments of a room, each optional. */
export interface Moments<Shape extends ContractShape> {
  /**
   * Whether a member may send this message or ask this call: `false`, or a thrown `refuse(reason)`,
   * rejects it with `refused` before its handler is called.
   */
  readonly authorize?: (member: Member<Shape>, asked: Asked<Shape>) => boolean | void;
  /** A member is about to be let in; a throw keeps it out. What it publishes comes after its welcome. */
  readonly onConnect?: (
    member: Member<Shape>,
    context: { readonly request: Request },
  ) => MaybePromise<void>;
  /** A member has left: its connection has ended, and it has no other. */
  readonly onLeave?: (
    member: Member<Shape>,
    how: { readonly code: number; readonly reason: string },
  ) => MaybePromise<void>;
  /** The state of the app, for clients that come too late for the log; asked for where `log.history` is "snapshot". */
  readonly onSnapshot?: () => Shape["snapshot"] extends Schema
    ? InputOf<Shape["snapshot"]>
    : unknown;
}

/** Why a read-only member is refused. */
export const READ_ONLY = "read-only";

const MOMENTS = new Set([
  "authorize",
  "onConnect",
  "onLeave",
  "onProfile",
  "onSnapshot",
  "onTimer",
]);

type AnyHandler = (member: Member, value: unknown) => unknown;
const AsyncFunction = (async () => undefined).constructor;

/** Checks handlers against their contract and makes a route of each; throws `bad-handler`. */
export function routesOf(
  contract: Contract,
  handlers: object,
  memberOf: (id: string) => Member,
): Map<string, Route> {
  const { messages = {}, calls = {} } = contract.shape;
  const routes = new Map<string, Route>();
  for (const [name, schema] of Object.entries(messages)) {
    routes.set(name, routeOf("message", name, schema, undefined, handlers, memberOf));
  }
  for (const [name, { input, output, reads }] of Object.entries<CallShape>(calls)) {
    routes.set(name, {
      ...routeOf("call", name, input, output, handlers, memberOf),
      ...(reads && { reads }),
    });
  }
  const extra = Object.keys(handlers).find((name) => !routes.has(name) && !MOMENTS.has(name));
  if (extra !== undefined) {
    throw misuse(
      "bad-handler",
      `There is a handler "${extra}", and no message or call of that name.`,
    );
  }
  return routes;
}

function routeOf(
  kind: Route["kind"],
  name: string,
  input: Schema | undefined,
  output: Schema | undefined,
  handlers: object,
  memberOf: (id: string) => Member,
): Route {
  const handler = Object.hasOwn(handlers, name)
    ? (handlers as Record<string, unknown>)[name]
    : undefined;
  if (typeof handler !== "function") {
    throw misuse(
      "bad-handler",
      `The contract has a ${kind} "${name}", and there is no handler for it.`,
    );
  }
  const isAsync = handler instanceof AsyncFunction;
  return {
    kind,
    isAsync,
    input(value) {
      const result = validate(input, value);
      if (!result.ok) throw meant("invalid", { issues: result.issues });
      return result.value;
    },
    output(value) {
      check(`The answer to "${name}"`, output, value);
    },
    run(id, value) {
      const member = memberOf(id);
      if (isAsync) void member.user; // read while the connection is there: the handler may outlast it
      const { authorize } = handlers as Moments<ContractShape>;
      if (authorize) permit(authorize(member, { kind, name, value } as Asked<ContractShape>));
      return (handler as AnyHandler)(member, value);
    },
  };
}

function permit(may: unknown): void {
  if (may === false) throw new RoomError("refused");
  notThenable(may, "`authorize`", "Decide by `member.claims` and `member.state`, within the turn.");
}

/** Checks a value that the room sends; a wrong one is a fault of the room, not of a client. */
export function check(what: string, schema: Schema | undefined, value: unknown): void {
  const result = validate(schema, value);
  if (result.ok) return;
  const [{ message, path } = { message: "", path: "" }] = result.issues;
  throw new RoomError("failed", {
    message: `${what} does not match the contract: ${message}${path && ` (at ${path})`}.`,
    hint: "Publish what the contract's schema takes.",
  });
}
