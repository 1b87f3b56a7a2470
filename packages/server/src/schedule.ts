/**
 * What a room has to do at a time: its timers, and its ends.
 *
 * The alarm is set to whatever comes first: a timer, the end of what an async handler is given, or
 * the room's deadline. It rings again for as long as something is due.
 */
import { Alarm } from "./alarm.ts";
import { ALARM, Ringing, type RingingContext, type Run } from "./ringing.ts";
import type { AlarmSlot } from "./storage-guard.ts";
import type { Tables } from "./tables.ts";
import { type TimerRow, TimerTable } from "./timer-table.ts";
import { isRecurring, LATEST, type TimerSpec } from "./timer-when.ts";

const ALARM_SPEC: TimerSpec = { timeout: 15 * 60_000 };
/** An end that was moved by hand, or by presence; `attempt` is 1 where somebody was connected. */
export const DEADLINE = "$deadline";
/** An end that was asked for. */
export const END = "$end";

/** What the schedule asks of its room. */
export interface ScheduleContext extends RingingContext {
  readonly tables: Tables;
  readonly slot: AlarmSlot;
  /** Whether an alarm that would ring too early may stay (`rearm: "lazy"`). */
  readonly lazy: boolean;
  /** When the room expires, in ms since 1970; null when it has no deadline. */
  deadline(): number | null;
  /** When the first claims of somebody connected end, in ms since 1970; null when none do. */
  claimsEnd(): number | null;
  /** What the room has cost, to be kept with a row. */
  bill(): string;
  /** Resolves when everything written so far is durable. */
  committed(): Promise<void>;
}

/** One room's schedule. */
export class Schedule {
  readonly table: TimerTable;
  readonly alarm: Alarm;
  readonly ringing: Ringing;
  readonly #context: ScheduleContext;
  #cancelled: { readonly row: TimerRow | undefined; readonly first: number | null } | undefined;

  constructor(context: ScheduleContext) {
    this.#context = context;
    this.table = new TimerTable(context.tables, context.bill);
    this.alarm = new Alarm({ ...context, first: () => this.#first() });
    this.ringing = new Ringing(context, this.table, () => this.alarm.rearm());
  }

  /** Sets a timer; one row, or none where it is set already. */
  set(name: string, due: number, spec: TimerSpec = {}, payload: string = "null"): void {
    const row = this.table.get(name);
    const isSame =
      row !== undefined &&
      row.next !== null &&
      (isRecurring(spec) || row.due === due) &&
      JSON.stringify(row.spec) === JSON.stringify(spec) &&
      this.table.payload(name) === payload;
    if (isSame) return;
    this.ringing.end(name);
    this.table.put({ name, due, next: due, attempt: 0, spec, error: "" }, payload);
    this.alarm.rearm();
  }

  /** Removes a timer; one row if it was set. Says whether it was. */
  cancel(name: string): boolean {
    this.ringing.end(name)?.controller.abort();
    const was = this.table.remove(name);
    if (was) this.alarm.rearm();
    return was;
  }

  /** Sets the user's own alarm. */
  setAlarm(at: number): void {
    this.set(ALARM, at, ALARM_SPEC);
  }

  /**
   * Removes the user's own alarm. Test tools delete the alarm and then call `alarm()` in the same
   * turn, whatever the time: what was first in that turn rings in it, and a later one stays.
   */
  cancelAlarm(): void {
    this.#cancelled = { row: this.table.get(ALARM), first: this.#first() };
    this.cancel(ALARM);
    setTimeout(() => (this.#cancelled = undefined), 0);
  }

  /** Moves the end of the room. */
  moveDeadline(due: number, wasConnected: boolean): void {
    const row = this.table.get(DEADLINE);
    const attempt = wasConnected ? 1 : 0;
    if (row?.due === due && row.attempt === attempt) return;
    this.table.put({ name: DEADLINE, due, next: null, attempt, spec: {}, error: "" });
    this.alarm.rearm();
  }

  /** Until when timers keep the room, in ms since 1970; 0 when none does. */
  keptUntil(): number {
    const leases = this.#leases(({ row }) => row.spec.keepAlive);
    return Math.max(this.table.span(this.ringing.running).kept ?? 0, ...leases);
  }

  /** The alarm rings: what was cancelled in this very turn rings with it. */
  rang(): void {
    const cancelled = this.#cancelled?.row;
    if (cancelled) this.table.put(cancelled);
  }

  /** The timers that are due, in the order of their times. */
  due(): TimerRow[] {
    const until = Math.max(this.#context.now(), this.#cancelled?.first ?? 0);
    return this.table.due(until).filter(({ name }) => !this.ringing.running.has(name));
  }

  /**
   * Rings timers after a handler has brought the whole room down: one after the other, each with
   * its failure written before it is tried, so that one that does it again ends as failed.
   */
  async ringCarefully(due: readonly TimerRow[]): Promise<void> {
    for (const { name, next } of due) {
      const row = this.table.get(name);
      if (!row || row.next !== next) continue; // set anew, or cancelled, by one before it
      this.ringing.fail(row, "The room ended while its timers rang.");
      this.alarm.rearm(true);
      await this.#context.committed();
      await this.ringing.ring([row]);
    }
  }

  /** Forgets everything, because the storage was cleared: what was purged does not ring. */
  forget(): void {
    this.ringing.forget();
    this.table.forget();
    this.alarm.forget();
  }

  /** When the slot should ring. */
  #first(): number | null {
    const { deadline, claimsEnd } = this.#context;
    const first = Math.min(
      this.table.span(this.ringing.running).first ?? LATEST,
      ...this.#leases(),
      deadline() ?? LATEST,
      claimsEnd() ?? LATEST,
    );
    // The platform takes no alarm before 1970, and a time that is over is one like any other.
    return first < LATEST ? Math.max(1, first) : null;
  }

  /** Until when handlers that run may take. */
  #leases(of: (run: Run) => unknown = () => true): number[] {
    return [...this.ringing.running.values()].filter(of).map(({ lease }) => lease);
  }
}
