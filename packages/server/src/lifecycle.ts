/**
 * A room's life: `new -> active -> expiring -> gone -> new`.
 *
 * The deadline is `expireAfter` after the last accepted message, later where somebody is
 * connected or a timer keeps the room. When the alarm rings and the deadline has come, `onExpire`
 * may extend it; otherwise everybody is told, the storage is cleared, and the next event starts a
 * new room, on this instance or on another.
 */
import { badOption, CLOSE_CODES, closeReason } from "@greenroom/protocol";

import { markGone } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import type { Ledger } from "./ledger.ts";
import { type LifecycleOptions, LONGEST } from "./lifecycle-options.ts";
import { lifecycleView, type LifecycleView, type Phase } from "./lifecycle-view.ts";
import type { Meter } from "./meter.ts";
import type { Tell } from "./observe.ts";
import { waitAtMost } from "./patience.ts";
import { plainPerformer } from "./plain-performer.ts";
import { ALARM, type Performer, type TimerRoute } from "./ringing.ts";
import { Schedule } from "./schedule.ts";
import { currentScope } from "./scope.ts";
import type { AlarmSlot, GuardTarget } from "./storage-guard.ts";
import type { Tables } from "./tables.ts";
import { LATEST } from "./timer-when.ts";
import { TimerBook } from "./timers.ts";
import { Transactions } from "./transactions.ts";

/** How long `onExpire` may take, in ms; after that the room expires without its answer. */
const EXPIRE_LIMIT = 30_000;
/** The platform calls an alarm that throws seven times; the last time, the room sets it anew. */
const LAST_RETRY = 6;
const PURGE_RETRY = 5 * 60_000;

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
  ledger: Ledger;
  performer: Performer;
  readonly context: LifecycleContext;
  readonly schedule: Schedule;
  readonly transactions: Transactions;
  readonly deadline: Deadline;
  #phase: Phase | undefined;
  /** How often storage had been used when it was last asked whether anything is stored. */
  #settled = -1;

  constructor(context: LifecycleContext, ledger: Ledger) {
    this.context = context;
    this.ledger = ledger;
    const { options, onAlarm, now } = context;
    const alarm: TimerRoute = { isAsync: true, run: onAlarm };
    this.schedule = new Schedule({
      ...context,
      lazy: options.rearm === "lazy",
      performer: () => this.performer,
      route: (name) => (name === ALARM ? alarm : this.timers.route(name)),
      deadline: () => this.deadline.at(),
      bill: () => this.bill(),
    });
    this.transactions = new Transactions(this.schedule, context.rolledBack);
    this.deadline = new Deadline(this);
    this.timers = new TimerBook(this.schedule, now, () => this.deadline.begin());
    this.performer = plainPerformer(context.transaction);
    context.meter.source = {
      kept: () => {
        const carried = context.carriedBill();
        // While somebody is connected, that is complete.
        const others = carried === undefined ? this.schedule.table.bills() : [carried];
        return [this.ledger.read().bill, ...others];
      },
      armed: () => this.schedule.alarm.armed,
    };
    this.view = lifecycleView(this, () => this.#phase);
  }

  /** What the room has cost, to be kept with a row that is about to be written. */
  bill(): string {
    return this.context.meter.text(1);
  }

  async start(byAlarm: boolean): Promise<void> {
    const { meter, now } = this.context;
    await this.schedule.alarm.start();
    this.ledger.read(); // first: with it comes which tables there are, and whether there is SQL at all
    this.#adopt(byAlarm);
    meter.woke(this.schedule.alarm.armed ?? null, now(), byAlarm);
  }

  /** Whether a purge is under way: newcomers come back in a moment. */
  get purging(): boolean {
    return this.#phase === "gone";
  }

  /** Counts raw messages that are about to be handled, and re-arms the alarm. */
  count(messages: number): void {
    this.ledger.count(messages, this.context.now(), this.bill());
    this.rearm();
  }

  /** Sets the alarm to what comes first; after each accepted message. */
  rearm(): void {
    this.schedule.alarm.rearm();
  }

  /**
   * After an event: gives a room that stored something without a message a deadline, so that it
   * ends too, and sets the alarm where the platform has lost it.
   */
  settle(): void {
    if (this.purging) return;
    const { touches, storesAnything } = this.context;
    // Nothing is stored that was not when it was asked last, unless storage was used since.
    if (touches() !== this.#settled && this.deadline.at() === null && storesAnything())
      this.deadline.begin();
    this.#settled = touches();
    if (this.schedule.alarm.armed === null) this.rearm();
  }

  /** Somebody has left. */
  left(): void {
    if (!this.purging) this.deadline.left();
  }

  /**
   * The alarm rings: the timers that are due, then the end of the room, if due. `retries` is how
   * often the platform has called it again. Throws only where the purge fails.
   */
  ring(retries: number, start: () => Promise<void>): Promise<void> {
    const { schedule, deadline } = this;
    return schedule.alarm.ring(async () => {
      schedule.rang();
      if (await this.context.sweep()) this.left();
      if (deadline.isDue() || schedule.due().length > 0) {
        const fault: unknown = await start().then(
          () => undefined,
          (cause: unknown) => cause ?? "the start failed", // reported by the start itself
        );
        if (!deadline.isAsked()) {
          const due = schedule.due();
          if (fault !== undefined) for (const row of due) schedule.ringing.fail(row, fault);
          else if (retries > 0) await schedule.ringCarefully(due);
          else await schedule.ringing.ring(due);
        }
      }
      if (deadline.isDue() && !(await this.#extended(deadline.isAsked()))) await this.#end(retries);
    });
  }

  /** Tells whoever is there, and clears the storage, the alarm and every cache. */
  async purge(): Promise<void> {
    const { slot, sockets, tell } = this.context;
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

  /** A hook asks for its own alarm; whoever asks from outside all hooks asks for the platform's. */
  getAlarm(): Promise<number | null> | number | null {
    return currentScope() === undefined
      ? this.context.slot.get()
      : (this.schedule.table.get(ALARM)?.next ?? null);
  }

  setAlarm(at: number): void {
    if (!(Math.abs(at) < LATEST)) throw badOption("The time of setAlarm", at, "ms since 1970");
    this.schedule.setAlarm(at);
  }

  deleteAlarm(): void {
    this.schedule.cancelAlarm();
  }

  /** A user's own `deleteAll`: the same, with nobody told. */
  async deleteAll(): Promise<void> {
    const cleared = this.context.slot.deleteAll();
    this.#forget();
    await cleared;
  }

  #forget(): void {
    this.context.tables.forget();
    this.schedule.forget();
    this.ledger.forget();
    this.context.meter.forget();
    this.context.forget();
  }

  /** Purges; the platform tries a purge that failed again, and after its last try we do. */
  async #end(retries: number): Promise<void> {
    try {
      await this.purge();
    } catch (fault) {
      if (retries < LAST_RETRY) throw fault;
      this.context.report(fault, "the purge");
      if (this.deadline.isAsked()) this.deadline.ask(PURGE_RETRY);
      else this.deadline.extend(PURGE_RETRY);
    }
  }

  /**
   * An alarm in a room that stores things, and nothing of ours, was set before its class was a
   * room's: by partyserver's, say. It rings as if it had been set here.
   */
  #adopt(byAlarm: boolean): void {
    const { tables, now, claimsEnd, storesAnything } = this.context;
    const at = this.schedule.alarm.armed ?? (byAlarm ? now() : null);
    if (at === null || claimsEnd() !== null || tables.any() || !storesAnything()) return;
    this.schedule.setAlarm(at);
  }

  /** Asks `onExpire`: a number is how many milliseconds longer the room shall live. */
  async #extended(isAsked: boolean): Promise<boolean> {
    const { onExpire, report, tell } = this.context;
    if (!isAsked && this.deadline.isKept()) return true;
    this.#phase = "expiring";
    try {
      const extension = await waitAtMost(EXPIRE_LIMIT, onExpire());
      if (!isAsked && typeof extension === "number" && extension > 0) {
        this.deadline.extend(Math.min(extension, LONGEST));
      }
    } catch (fault) {
      report(fault, "onExpire"); // a failing hook does not keep a room alive
    }
    this.#phase = undefined;
    // Read again: a message may have come while the hook ran.
    const extendedTo = this.deadline.isDue() ? null : this.deadline.at();
    tell("expire", () => (extendedTo === null ? {} : { extendedTo }));
    return extendedTo !== null;
  }
}

function sayGone(socket: WebSocket): void {
  try {
    markGone(socket);
    socket.close(CLOSE_CODES.expired, closeReason("expired"));
  } catch {
    // Closed already: its peer knows that the connection has ended.
  }
}
