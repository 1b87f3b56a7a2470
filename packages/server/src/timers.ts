/**
 * `this.timers`: many named, durable timers over the one alarm of the platform.
 *
 * A name is one row: setting it again replaces it. What stands before the first slash of a name
 * names its handler, so that `remind/anna` and `remind/ben` are two timers with one handler.
 */
import {
  type InputOf,
  misuse,
  type OutputOf,
  RoomError,
  type Schema,
  validate,
} from "@greenroom/protocol";

import type { Ring, TimerRoute } from "./ringing.ts";
import type { Schedule } from "./schedule.ts";
import type { TimerRow } from "./timer-table.ts";
import { planOf, type TimerWhen } from "./timer-when.ts";

/** The payload of one timer, as JSON, in characters. */
const LARGEST_PAYLOAD = 64 * 1024;
/** How a timer may be named. */
const NAME = /^[A-Za-z][\w.:-]{0,63}(\/.{1,128})?$/;

/** A timer as the room's code sees it. */
export interface TimerView {
  readonly name: string;
  /** `failed` timers have used up their retries and ring no more; they are kept until they are set or cancelled. */
  readonly state: "pending" | "running" | "failed";
  /** The occurrence that it rings for, in ms since 1970. */
  readonly due: number;
  /** When it rings next, in ms since 1970: later than `due` after a failure; null when it has failed. */
  readonly next: number | null;
  /** Tries of this occurrence that have failed. */
  readonly failures: number;
  readonly payload: unknown;
  /** In ms, where it was set with `every`. */
  readonly every: number | undefined;
  readonly cron: string | undefined;
  /** What its last failure was, at most 500 characters; for the room's own eyes. */
  readonly error: string | undefined;
}

/** What a timer does. An `async` one runs beside the room's other work; all others are one transaction. */
export type TimerHandler<Payload = never> = (payload: Payload, ring: Ring) => void | Promise<void>;

/** Handlers by name. */
export type TimerHandlers = Readonly<Record<string, TimerHandler>>;

/** Schemas of payloads by name; null where a timer has none. */
export type TimerSchemas = Readonly<Record<string, Schema | null>>;

/** One handler for each timer of a contract room: `onTimer` of `this.handle({ ... })`. */
export type TimerHandlersOf<Schemas extends TimerSchemas> = {
  readonly [Name in keyof Schemas]: TimerHandler<OutputOf<Schemas[Name]>>;
};

/** A name that has a handler: its own, or one with a slash and more. */
export type TimerNameOf<Names extends string> = Names | `${Names}/${string}`;
type HandlerOf<Name extends string> = Name extends `${infer Handler}/${string}` ? Handler : Name;
/** What `set` takes for a payload: none, where that may be undefined. */
type Rest<Payload> = undefined extends Payload ? [payload?: Payload] : [payload: Payload];

/** The timers of a room; `Payloads` are what each handler's timers take. */
export interface TimersOf<Payloads> {
  /**
   * Sets a timer, or replaces the one of this name; the same again writes nothing. It is durable
   * when what the handler does is. Throws `bad-option`, `bad-handler`, `invalid` or `too-large`.
   */
  set<Name extends TimerNameOf<keyof Payloads & string>>(
    name: Name,
    when: TimerWhen,
    ...payload: Rest<Payloads[HandlerOf<Name> & keyof Payloads]>
  ): void;
  /** Removes a timer; says whether there was one. What its handler still does counts for nothing. */
  cancel(name: TimerNameOf<keyof Payloads & string>): boolean;
  get(name: TimerNameOf<keyof Payloads & string>): TimerView | undefined;
  /** All timers, or a page of them, in the order in which they ring, the failed ones last. */
  list(page?: TimerPage): TimerView[];
}

/** A part of a room's timers. */
export interface TimerPage {
  /** How many there are in it at most. @default all */
  readonly limit?: number;
  /** The last of the page before: what stands behind it in the order, whether it is still there or not. */
  readonly after?: Pick<TimerView, "name" | "due" | "next"> | undefined;
}

/** The timers of a contract room. */
export type ContractTimers<Schemas extends TimerSchemas> = TimersOf<{
  readonly [Name in keyof Schemas]: InputOf<Schemas[Name]>;
}>;

/** The timers of a room without a contract. */
export interface Timers extends TimersOf<Readonly<Record<string, unknown>>> {
  /**
   * Gives timers their handlers, once, in a field of the class; what comes back is these timers,
   * typed by the payloads that the handlers take.
   *
   * @example
   * ```ts
   * import { Room } from "@greenroom/server";
   * export class Kitchen extends Room {
   *   readonly clocks = this.timers.on({
   *     ready: (dish: { name: string }) => this.broadcast(`${dish.name} is ready`),
   *   });
   *   override onMessage(_connection: unknown, name: string) {
   *     this.clocks.set(`ready/${name}`, { after: 10 * 60_000 }, { name });
   *   }
   * }
   * ```
   */
  on<Handlers extends TimerHandlers>(
    handlers: Handlers,
  ): TimersOf<{ readonly [Name in keyof Handlers]: Parameters<Handlers[Name]>[0] }>;
}

const AsyncFunction = (async () => undefined).constructor;

/** The handlers of a room's timers, and what `this.timers` does. */
export class TimerBook {
  readonly view: Timers;
  #routes = new Map<string, TimerRoute & { readonly schema: Schema | null | undefined }>();

  /** `settle` gives a room that stores nothing else a deadline. */
  constructor(schedule: Schedule, now: () => number, settle: () => void) {
    const viewOf = (row: TimerRow): TimerView => toView(row, schedule);
    this.view = {
      on: (handlers) => {
        this.declare(handlers);
        return this.view; // the same timers: only their types are narrower
      },
      set: (name: string, when: TimerWhen, payload?: unknown) => {
        const text = this.#check(name, payload);
        const { due, spec } = planOf(when, now());
        schedule.set(name, due, spec, text);
        settle();
      },
      cancel: (name) => isUsers(name) && schedule.cancel(name),
      get: (name) => {
        const row = isUsers(name) ? schedule.table.get(name) : undefined;
        return row && viewOf(row);
      },
      list: ({ limit = -1, after } = {}) => schedule.table.page(limit, after).map(viewOf),
    };
  }

  /** Gives timers their handlers; throws `bad-handler` where they do not fit the schemas. */
  declare(handlers: object, schemas?: TimerSchemas): void {
    for (const name of Object.keys({ ...schemas, ...handlers })) {
      const handler = (handlers as Record<string, unknown>)[name];
      const schema = schemas?.[name];
      const isOdd = !NAME.test(name) || name.includes("/") || (schemas && schema === undefined);
      if (isOdd || typeof handler !== "function") {
        throw misuse("bad-handler", `The timer "${name}" and its handler do not fit.`);
      }
      this.#routes.set(name, {
        schema,
        isAsync: handler instanceof AsyncFunction,
        run: (payload, ring) =>
          (handler as TimerHandler<unknown>)(
            schema === undefined ? payload : valid(schema, payload),
            ring,
          ),
      });
    }
  }

  /** Gives a feature of the room its timers: their names begin with `name`, and `name` with "$". */
  own(name: string, run: TimerRoute["run"]): void {
    this.#routes.set(name, { schema: undefined, isAsync: false, run });
  }

  /** The handler of a timer. */
  route(name: string): TimerRoute | undefined {
    return this.#routes.get(handlerOf(name));
  }

  #check(name: string, payload: unknown): string {
    const route = this.#routes.get(handlerOf(name));
    if (!route || !NAME.test(name)) {
      throw misuse("bad-handler", `There is no handler for the timer "${name}".`);
    }
    if (route.schema !== undefined) valid(route.schema, payload);
    const text = JSON.stringify(payload) ?? "null";
    if (text.length <= LARGEST_PAYLOAD) return text;
    throw new RoomError("too-large", {
      message: `The payload of the timer "${name}" is over ${LARGEST_PAYLOAD} characters of JSON.`,
    });
  }
}

function toView(row: TimerRow, schedule: Schedule): TimerView {
  const { name, due, next, attempt, spec, error } = row;
  return {
    name,
    state: schedule.ringing.running.has(name) ? "running" : next === null ? "failed" : "pending",
    due,
    next,
    failures: attempt,
    payload: JSON.parse(schedule.table.payload(name)) as unknown,
    every: spec.every,
    cron: spec.cron,
    error: error || undefined,
  };
}

function valid(schema: Schema | null, payload: unknown): unknown {
  const result = validate(schema ?? undefined, payload);
  if (result.ok) return result.value;
  throw new RoomError("invalid", { issues: result.issues });
}

function handlerOf(name: string): string {
  return name.split("/", 1)[0] ?? "";
}

function isUsers(name: string): boolean {
  return !name.startsWith("$");
}
