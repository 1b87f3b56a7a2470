/**
 * The owner of the platform's one alarm slot.
 *
 * Two things want it at this point: the room's deadline, and the alarm that user code sets with
 * `ctx.storage.setAlarm`. The user's is a row; the deadline follows from the last message and
 * needs none, except where it was moved by hand. The slot is set to whichever comes first, and
 * only when that changes: setting it is a row on the bill.
 */
import type { AlarmSlot } from "./storage-guard.ts";
import type { Sql, Tables } from "./tables.ts";

const TABLE = "greenroom_timers";
const COLUMNS =
  "(name TEXT PRIMARY KEY, due INTEGER NOT NULL, attempt INTEGER NOT NULL) WITHOUT ROWID";

/** The user's alarm, and a deadline that was moved by hand. */
export type TimerName = "alarm" | "deadline";

/** How often a user's alarm that throws is tried, and how long after each try (ms). */
const RETRIES = 6;
const RETRY_BASE = 2_000;

/** What the schedule asks of its room. */
export interface ScheduleContext {
  readonly sql: () => Sql;
  readonly tables: Tables;
  readonly slot: AlarmSlot;
  /** Whether an alarm that would ring too early may stay (`rearm: "lazy"`). */
  readonly lazy: boolean;
  /** When the room expires, in ms since 1970; null when it has no deadline. */
  deadline(): number | null;
}

interface TimerRow {
  readonly due: number;
  readonly attempt: number;
  readonly [column: string]: SqlStorageValue;
}

/** One room's schedule. */
export class Schedule {
  readonly #context: ScheduleContext;
  readonly #timers = new Map<TimerName, TimerRow | null>();
  /** What the slot holds; `undefined` when that is not known yet. */
  #armed: number | null | undefined;
  #cancelled: { readonly timer: TimerRow; readonly isFirst: boolean } | undefined;

  constructor(context: ScheduleContext) {
    this.#context = context;
  }

  /** Reads the slot, once per wake. */
  async start(): Promise<void> {
    this.#armed = await this.#context.slot.get();
  }

  /** When a timer is due, in ms since 1970. */
  due(name: TimerName): number | null {
    return this.#read(name)?.due ?? null;
  }

  /** Sets a timer; one row. */
  set(name: TimerName, due: number, attempt: number = 0): void {
    const { sql, tables } = this.#context;
    tables.ensure(TABLE, COLUMNS);
    sql().exec(`INSERT OR REPLACE INTO ${TABLE} VALUES (?, ?, ?)`, name, due, attempt);
    this.#timers.set(name, { due, attempt });
    this.rearm();
  }

  /** What the slot holds, in ms since 1970. */
  slot(): Promise<number | null> {
    return this.#context.slot.get();
  }

  /**
   * Removes the user's alarm. Test tools delete the alarm and then call `alarm()` in the same
   * turn, whatever the time: what was deleted in this turn still rings in it, or stays if another
   * was due before it.
   */
  cancelAlarm(): void {
    const timer = this.#read("alarm");
    const isFirst = timer?.due === this.#first();
    this.#cancelled = timer ? { timer, isFirst } : undefined;
    this.cancel("alarm");
    if (this.#cancelled) setTimeout(() => (this.#cancelled = undefined), 0);
  }

  /** Removes a timer; one row if it was set. */
  cancel(name: TimerName): void {
    if (!this.#read(name)) return;
    this.#context.sql().exec(`DELETE FROM ${TABLE} WHERE name = ?`, name);
    this.#timers.set(name, null);
    this.rearm();
  }

  /** Sets the slot to what comes first. */
  rearm(): void {
    const { slot, lazy } = this.#context;
    const next = this.#first();
    if (next === this.#armed || (next === null && this.#armed === undefined)) return;
    if (lazy && next !== null && this.#armed != null && this.#armed <= next && this.#armed > 0)
      return;
    this.#armed = next;
    // Not awaited: it is a write of this turn, and what is sent waits for it at the output gate.
    void (next === null ? slot.delete() : slot.set(next));
  }

  /** The platform has taken the alarm out of the slot, and its handler runs. */
  rang(): void {
    this.#armed = null;
  }

  /** Runs the user's alarm if it is due; one that throws is tried again later, and holds up nothing. */
  async ring(now: number, run: () => Promise<void>): Promise<unknown> {
    const cancelled = this.#cancelled;
    this.#cancelled = undefined;
    if (cancelled && !cancelled.isFirst && cancelled.timer.due > now) {
      this.set("alarm", cancelled.timer.due, cancelled.timer.attempt);
      return undefined;
    }
    const timer = cancelled?.timer ?? this.#read("alarm");
    if (!timer || (timer.due > now && !cancelled)) return undefined;
    // Whether the hook has left the alarm as it was: one that it set anew stays.
    const isUntouched = (): boolean =>
      (this.#timers.get("alarm") ?? undefined) === (cancelled ? undefined : timer);
    try {
      await run();
      if (isUntouched()) this.cancel("alarm");
      return undefined;
    } catch (fault) {
      const attempt = timer.attempt + 1;
      if (isUntouched()) {
        if (attempt > RETRIES) this.cancel("alarm");
        else this.set("alarm", now + RETRY_BASE * 2 ** (attempt - 1), attempt);
      }
      return fault;
    }
  }

  /** Forgets what is cached, because the storage was cleared. */
  forget(): void {
    this.#timers.clear();
    this.#armed = null;
  }

  /** When the slot should ring. */
  #first(): number | null {
    const due = this.due("alarm");
    const deadline = this.#context.deadline();
    return due === null ? deadline : deadline === null ? due : Math.min(due, deadline);
  }

  #read(name: TimerName): TimerRow | null {
    const known = this.#timers.get(name);
    if (known !== undefined) return known;
    const { sql, tables } = this.#context;
    const rows = tables.has(TABLE)
      ? sql().exec<TimerRow>(`SELECT due, attempt FROM ${TABLE} WHERE name = ?`, name).toArray()
      : [];
    const row = rows[0] ?? null;
    this.#timers.set(name, row);
    return row;
  }
}
