/**
 * A room's life: `new -> active -> expiring -> gone -> new`.
 *
 * The deadline is `expireAfter` after the last accepted message, later where somebody is
 * connected or a timer keeps the room. When the alarm rings and the deadline has come, `onExpire`
 * may extend it; otherwise everybody is told, the storage is cleared, and the next event starts a
 * new room, on this instance or on another.
 */
import { CLOSE_CODES, closeReason, badOption } from "@greenroom/protocol";

import { Commits } from "./commits.ts";
import { markGone } from "./connection.ts";
import type { OwnTimers } from "./extension.ts";
import type { Account, Ledger } from "./ledger.ts";
import type { Meter, RoomCost } from "./meter.ts";
import type { Tell } from "./observe.ts";
import { ALARM, DEADLINE, END, type Performer, Schedule, type TimerRoute } from "./schedule.ts";
import { currentScope } from "./scope.ts";
import type { AlarmSlot, GuardTarget } from "./storage-guard.ts";
import type { Tables } from "./tables.ts";
import { LATEST } from "./timer-when.ts";
import { TimerBook } from "./timers.ts";

/** A room's options, as `static lifecycle` of its class. */
export interface LifecycleOptions {
  /** How long a room may be silent before it expires, in ms. @default 1_800_000 (30 minutes) */
  readonly expireAfter?: number;
  /**
   * When the alarm is set: with every message, or only when it would ring too late. The deadline
   * is the same; `lazy` writes one row less a message. @default "every-message"
   */
  readonly rearm?: "every-message" | "lazy";
  /**
   * Whether the room does not expire while somebody is connected: the deadline is then
   * `expireAfter` after the last message and after the last leaving, whichever is later. @default false
   */
  readonly keepWhileConnected?: boolean;
}

const DEFAULTS = Object.freeze({
  expireAfter: 30 * 60_000,
  rearm: "every-message" as const,
  keepWhileConnected: false,
});
const LONGEST = 365 * 24 * 60 * 60_000;
/** How long `onExpire` may take, in ms; after that the room expires without its answer. */
const EXPIRE_LIMIT = 30_000;
/** The platform calls an alarm that throws seven times; the last time, the room sets it anew. */
const LAST_RETRY = 6;
const PURGE_RETRY = 5 * 60_000;

/** Where a room stands in its life. */
export type Phase = "new" | "active" | "expiring" | "gone";

/** What a room tells of its life: `this.lifecycle`. */
export interface LifecycleView {
  readonly phase: Phase;
  /** Accepted messages since the room began, the one being handled included. */
  readonly messages: number;
  /** When the last accepted message came, in ms since 1970; null before the first. */
  readonly lastMessageAt: number | null;
  /** When the room expires, in ms since 1970; null while it stores nothing. */
  readonly deadline: number | null;
  /** In ms. */
  readonly expireAfter: number;
  /** The epoch of a contract room's log; null before its first kept write, and in other rooms. */
  readonly epoch: string | null;
  /**
   * Ends the room as soon as what is being done is durable: `onExpire` is called, and cannot
   * extend it; whoever is there is told, and nothing is left.
   */
  expire(): void;
}

/** The options of `static lifecycle` with their defaults. */
export function lifecycleOptions(
  options: LifecycleOptions | undefined,
): Required<LifecycleOptions> {
  return { ...DEFAULTS, ...options };
}

/** Checks `static lifecycle`; throws `bad-option`. */
export function checkLifecycle(options: Required<LifecycleOptions>): void {
  const { expireAfter, rearm } = options;
  if (!(Number.isFinite(expireAfter) && expireAfter > 0 && expireAfter <= LONGEST)) {
    throw badOption("lifecycle.expireAfter", expireAfter, `more than 0 and up to ${LONGEST} ms`);
  }
  if (rearm !== "every-message" && rearm !== "lazy") {
    throw badOption("lifecycle.rearm", rearm, '"every-message" or "lazy"');
  }
}

/** What the lifecycle asks of its room. */
export interface LifecycleContext {
  readonly options: Required<LifecycleOptions>;
  readonly tables: Tables;
  readonly slot: AlarmSlot;
  /** Counts every use of storage, reads included. */
  readonly touches: () => number;
  now(): number;
  /** All sockets, those that are closing included. */
  sockets(): WebSocket[];
  isConnected(): boolean;
  /** Whether anything at all is stored. */
  storesAnything(): boolean;
  onExpire(): unknown;
  /** When the first claims of somebody connected end, in ms since 1970; null when none do. */
  claimsEnd(): number | null;
  /** Closes sockets that have to go; says whether somebody had fallen silent. */
  sweep(): Promise<boolean>;
  /** The user's own alarm. */
  onAlarm(): Promise<void>;
  transaction<T>(run: () => T): T;
  /** Resolves when everything written so far is durable. */
  committed(): Promise<void>;
  /** A transaction was rolled back. */
  rolledBack(): void;
  /** User code stores something, or may: also in a method over RPC, whose end nobody tells. */
  stores(): void;
  /** Brings the schema of the room's own tables up to date. */
  migrate(): void;
  readonly meter: Meter;
  /** The bill that a socket carries. */
  carriedBill(): string | undefined;
  report(fault: unknown, where: string): void;
  readonly tell: Tell;
  /** Drops what the room cached of the storage that was cleared. */
  forget(): void;
}

/** One room's life. */
export class Lifecycle implements GuardTarget {
  readonly view: LifecycleView;
  readonly timers: TimerBook;
  readonly commits: Commits = new Commits();
  ledger: Ledger;
  performer: Performer;
  readonly #context: LifecycleContext;
  readonly #schedule: Schedule;
  #phase: Phase | undefined;
  /** How often storage had been used when it was last asked whether anything is stored. */
  #settled = -1;

  constructor(context: LifecycleContext, ledger: Ledger) {
    this.#context = context;
    this.ledger = ledger;
    const { options, onAlarm, now } = context;
    const alarm: TimerRoute = { isAsync: true, run: onAlarm };
    this.#schedule = new Schedule({
      ...context,
      lazy: options.rearm === "lazy",
      performer: () => this.performer,
      route: (name) => (name === ALARM ? alarm : this.timers.route(name)),
      deadline: () => this.#deadline(),
      bill: () => this.bill(),
      rolledBack: () => {
        this.commits.drop();
        context.rolledBack();
      },
    });
    this.timers = new TimerBook(this.#schedule, now, () => this.#begin());
    this.performer = performerOf(context);
    context.meter.source = {
      kept: () => [this.ledger.read().bill, context.carriedBill(), ...this.#schedule.table.bills()],
      armed: () => this.#schedule.armed,
    };
    this.view = this.#createView();
  }

  /** Which of our tables there are; features of the same storage share it. */
  get tables(): Tables {
    return this.#context.tables;
  }

  /** The timers of a feature of the room, which rings them by `rang`. */
  ownTimers(kind: string, rang: (name: string, payload: unknown) => void): OwnTimers {
    const { table } = this.#schedule;
    this.timers.own(kind, (payload, { name }) => rang(name, payload));
    return {
      set: (name, due, payload) => {
        this.#schedule.set(name, due, {}, JSON.stringify(payload));
        this.#begin();
      },
      cancel: (name) => void this.#schedule.cancel(name),
      pending: (prefix) =>
        [...table.all().keys()]
          .filter((name) => name.startsWith(prefix))
          .map((name) => ({ name, payload: JSON.parse(table.payload(name)) as unknown })),
    };
  }

  /** Counts every use of storage, reads included. */
  get touches(): () => number {
    return this.#context.touches;
  }

  usesSql(): void {
    this.#context.migrate();
  }

  stores(): void {
    this.#context.stores();
  }

  /** What the room has cost, to be kept with a row that is about to be written. */
  bill(): string {
    return this.#context.meter.text(1);
  }

  /** What the room has cost. */
  cost(): RoomCost {
    return this.#context.meter.cost();
  }

  async start(byAlarm: boolean): Promise<void> {
    const { meter, now } = this.#context;
    await this.#schedule.start();
    this.#adopt(byAlarm);
    meter.woke(this.#schedule.armed ?? null, now(), byAlarm);
  }

  /** Whether a purge is under way: newcomers come back in a moment. */
  get purging(): boolean {
    return this.#phase === "gone";
  }

  /** Counts raw messages that are about to be handled, and re-arms the alarm. */
  count(messages: number): void {
    this.ledger.count(messages, this.#context.now(), this.bill());
    this.rearm();
  }

  /** One of them is about to be handled. */
  begin(): void {
    this.ledger.begin();
  }

  /** Takes back the count of a message whose handler failed. */
  uncount(): void {
    this.ledger.uncount();
  }

  /** Sets the alarm to what comes first; after each accepted message. */
  rearm(): void {
    this.#schedule.rearm();
  }

  /**
   * After an event: gives a room that stored something without a message a deadline, so that it
   * ends too, and sets the alarm where the platform has lost it.
   */
  settle(): void {
    if (this.purging) return;
    const { touches, storesAnything } = this.#context;
    // Nothing is stored that was not when it was asked last, unless storage was used since.
    if (touches() !== this.#settled && this.#deadline() === null && storesAnything()) this.#begin();
    this.#settled = touches();
    this.#schedule.repair();
  }

  /** Somebody has left. */
  left(): void {
    const { options, isConnected } = this.#context;
    if (!options.keepWhileConnected || this.purging || isConnected()) return;
    if (this.#deadline() !== null) this.#extend(options.expireAfter);
  }

  /**
   * The alarm rings: the timers that are due, then the end of the room, if due. `retries` is how
   * often the platform has called it again. Throws only where the purge fails.
   */
  async ring(retries: number, start: () => Promise<void>): Promise<void> {
    const schedule = this.#schedule;
    const isAsked = (): boolean => schedule.table.get(END) !== undefined;
    schedule.rang();
    try {
      if (await this.#context.sweep()) this.left();
      if (this.#isDue() || schedule.due().length > 0) {
        const fault: unknown = await start().then(
          () => undefined,
          (cause: unknown) => cause ?? "the start failed", // reported by the start itself
        );
        if (!isAsked()) {
          const due = schedule.due();
          if (fault !== undefined) schedule.fail(due, fault);
          else if (retries > 0) await schedule.ringCarefully(due);
          else await schedule.ring(due);
        }
      }
      if (this.#isDue() && !(await this.#extended(isAsked()))) await this.#end(retries);
    } catch (fault) {
      schedule.abandon();
      throw fault;
    }
    schedule.rest();
  }

  /** Tells whoever is there, and clears the storage, the alarm and every cache. */
  async purge(): Promise<void> {
    const { slot, sockets, tell } = this.#context;
    const { messages } = this.ledger.read();
    const connections = sockets();
    this.#phase = "gone";
    for (const socket of connections) sayGone(socket);
    // In this turn, without an await before it: what another event would write meanwhile is gone too.
    try {
      const cleared = slot.deleteAll();
      this.#forget();
      await cleared;
      tell("purge", () => ({ messages, connections: connections.length }));
    } finally {
      // A purge that failed is tried again: the alarm's handler throws, and the platform repeats it.
      this.#phase = undefined;
    }
  }

  getAlarm(): Promise<number | null> {
    // A hook asks for its own alarm; whoever asks from outside all hooks asks for the platform's.
    return currentScope() === undefined
      ? this.#schedule.slot()
      : Promise.resolve(this.#schedule.table.get(ALARM)?.next ?? null);
  }

  transact<T>(run: () => T): T {
    const end = this.commits.begin();
    try {
      return this.#schedule.transact(run);
    } finally {
      end();
    }
  }

  async transactLater<T>(run: (rolledBack: () => void) => Promise<T>): Promise<T> {
    const end = this.commits.begin();
    try {
      return await this.#schedule.transactLater(run);
    } finally {
      end();
      this.stores();
    }
  }

  setAlarm(at: number): Promise<void> {
    if (!(Math.abs(at) < LATEST)) {
      return Promise.reject(badOption("The time of setAlarm", at, "ms since 1970"));
    }
    this.#schedule.setAlarm(at);
    return Promise.resolve();
  }

  deleteAlarm(): Promise<void> {
    this.#schedule.cancelAlarm();
    return Promise.resolve();
  }

  /** A user's own `deleteAll`: the same, with nobody told. */
  async deleteAll(): Promise<void> {
    const cleared = this.#context.slot.deleteAll();
    this.#forget();
    await cleared;
  }

  #forget(): void {
    this.#context.tables.forget();
    this.#schedule.forget();
    this.ledger.forget();
    this.#context.meter.forget();
    this.#context.forget();
  }

  /** Purges; the platform tries a purge that failed again, and after its last try we do. */
  async #end(retries: number): Promise<void> {
    try {
      await this.purge();
    } catch (fault) {
      if (retries < LAST_RETRY) throw fault;
      this.#context.report(fault, "the purge");
      if (this.#schedule.table.get(END)) this.#schedule.set(END, this.#context.now() + PURGE_RETRY);
      else this.#extend(PURGE_RETRY);
    }
  }

  /**
   * An alarm in a room that stores things, and nothing of ours, was set before its class was a
   * room's: by partyserver's, say. It rings as if it had been set here.
   */
  #adopt(byAlarm: boolean): void {
    const { tables, now, claimsEnd, storesAnything } = this.#context;
    const at = this.#schedule.armed ?? (byAlarm ? now() : null);
    if (at === null || claimsEnd() !== null || tables.any() || !storesAnything()) return;
    this.#schedule.setAlarm(at);
  }

  /** Gives the room a deadline where it has none. */
  #begin(): void {
    if (this.#deadline() === null) this.#extend(this.#context.options.expireAfter);
  }

  #extend(ms: number): void {
    const { now, isConnected } = this.#context;
    this.#schedule.moveDeadline(roundUp(now() + ms), isConnected());
  }

  #isDue(): boolean {
    const deadline = this.#deadline();
    return deadline !== null && deadline <= this.#context.now();
  }

  /**
   * Whether presence keeps the room. Where nobody was seen leaving, a crash or a deploy has ended
   * the connections: those who come back find the room for once more `expireAfter`.
   */
  #isKept(): boolean {
    const { options, isConnected } = this.#context;
    if (!options.keepWhileConnected) return false;
    if (!isConnected() && this.#schedule.table.get(DEADLINE)?.attempt === 0) return false;
    this.#extend(options.expireAfter);
    return true;
  }

  /** Asks `onExpire`: a number is how many milliseconds longer the room shall live. */
  async #extended(isAsked: boolean): Promise<boolean> {
    const { onExpire, report, tell } = this.#context;
    if (!isAsked && this.#isKept()) return true;
    this.#phase = "expiring";
    try {
      const extension = await within(EXPIRE_LIMIT, onExpire());
      if (!isAsked && typeof extension === "number" && extension > 0) {
        this.#extend(Math.min(extension, LONGEST));
      }
    } catch (fault) {
      report(fault, "onExpire"); // a failing hook does not keep a room alive
    }
    this.#phase = undefined;
    // Read again: a message may have come while the hook ran.
    const deadline = this.#isDue() ? null : this.#deadline();
    tell("expire", () => (deadline === null ? {} : { extendedTo: deadline }));
    return deadline !== null;
  }

  #deadline(): number | null {
    const asked = this.#schedule.table.get(END);
    if (asked) return asked.due;
    const { at } = this.ledger.read();
    const moved = this.#schedule.table.get(DEADLINE)?.due ?? null;
    if (at === 0 && moved === null) return null;
    const own = at === 0 ? 0 : roundUp(at + this.#context.options.expireAfter);
    return Math.max(own, moved ?? 0, this.#schedule.keptUntil());
  }

  #createView(): LifecycleView {
    const isAsked = (): boolean => this.#schedule.table.get(END) !== undefined;
    const phase = (): Phase =>
      this.#phase ?? (this.#deadline() === null ? "new" : isAsked() ? "expiring" : "active");
    const account = (): Account => this.ledger.read();
    const deadline = (): number | null => this.#deadline();
    const { expireAfter } = this.#context.options;
    return {
      get phase() {
        return phase();
      },
      get messages() {
        return account().messages;
      },
      get lastMessageAt() {
        const { messages, at } = account();
        return messages > 0 ? at : null;
      },
      get deadline() {
        return deadline();
      },
      get epoch() {
        return account().epoch ?? null;
      },
      expireAfter,
      expire: () => this.#schedule.set(END, this.#context.now()),
    };
  }
}

/** How a room without a contract carries out what its timers do. */
function performerOf({ transaction }: LifecycleContext): Performer {
  return {
    perform(tasks) {
      for (const task of tasks) {
        try {
          transaction(() => task.run());
        } catch (fault) {
          task.failed(fault);
        }
      }
    },
    gather: async (run) => {
      await run();
      return () => undefined;
    },
  };
}

/** What a promise comes to, if it does in time; else `undefined`. */
async function within(ms: number, result: unknown): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer ?? null);
  }
}

/** A deadline of whole seconds: setting the alarm to the time it has writes nothing. */
function roundUp(at: number): number {
  return Math.ceil(at / 1_000) * 1_000;
}

function sayGone(socket: WebSocket): void {
  try {
    markGone(socket);
    socket.close(CLOSE_CODES.expired, closeReason("expired"));
  } catch {
    // Closed already: its peer knows that the connection has ended.
  }
}
