/**
 * The owner of the platform's one alarm slot.
 *
 *   row: pending --rings--> running --done--> gone, or its next occurrence
 *           ^                  | fails
 *           +---- backoff -----+---- no retries left ----> failed (kept), or its next occurrence
 *
 * The slot is set to whatever comes first: a timer, the end of what an async handler is given, or
 * the room's deadline, and only when that changes: setting it is a row on the bill. It is never
 * set inside a transaction, whose end it would not share. A row outlives its handler, so what a
 * crash interrupts rings again; the alarm of the platform rings again for as long as it is due.
 */
import { misuse, RoomError } from "@greenroom/protocol";

import type { Tell } from "./observe.ts";
import type { AlarmSlot } from "./storage-guard.ts";
import type { Tables } from "./tables.ts";
import { notThenable } from "./thenable.ts";
import { type TimerRow, TimerTable } from "./timer-table.ts";
import { advance, backoff, isRecurring, RETRIES, TIMEOUT, type TimerSpec } from "./timer-when.ts";

/** How long the alarm waits for async handlers, in ms: others that come due meanwhile wait with it. */
const GRACE = 500;
/** Of an error's text so much is kept, in characters. */
const ERROR_TEXT = 500;

/** The user's own alarm: it may take what the platform gives an alarm. */
export const ALARM = "$alarm";
const ALARM_SPEC: TimerSpec = { timeout: 15 * 60_000 };
/** An end that was moved by hand, or by presence; `attempt` is 1 where somebody was connected. */
export const DEADLINE = "$deadline";
/** An end that was asked for. */
export const END = "$end";

/** What a timer's handler is told beside its payload. */
export interface Ring {
  readonly name: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** When it was due, in ms since 1970. */
  readonly due: number;
  /** How many occurrences before this one were missed, and are rung with it. */
  readonly missed: number;
  /** Aborted when the handler has taken longer than `timeout`: what it does from then on does not count. */
  readonly signal: AbortSignal;
}

/** What one timer does; found by its name. */
export interface TimerRoute {
  /** Async functions run beside the others; all others are one transaction with what they do. */
  readonly isAsync: boolean;
  run(payload: unknown, ring: Ring): unknown;
}

/** Something that is done in a transaction of its own, with what it publishes. */
export interface Task {
  run(): void;
  /** Called when `run` threw and was rolled back. */
  failed(fault: unknown): void;
}

/** How a room carries out what its timers do. */
export interface Performer {
  /** Runs tasks one after the other, and sends what they published once they are written. */
  perform(tasks: readonly Task[]): void;
  /** Runs an async handler; what comes back publishes what it gathered, within a task. */
  gather(run: () => unknown): Promise<() => void>;
}

/** What the schedule asks of its room. */
export interface ScheduleContext {
  readonly tables: Tables;
  readonly slot: AlarmSlot;
  /** Whether an alarm that would ring too early may stay (`rearm: "lazy"`). */
  readonly lazy: boolean;
  performer(): Performer;
  route(name: string): TimerRoute | undefined;
  now(): number;
  /** When the room expires, in ms since 1970; null when it has no deadline. */
  deadline(): number | null;
  /** When the first claims of somebody connected end, in ms since 1970; null when none do. */
  claimsEnd(): number | null;
  report(fault: unknown, where: string): void;
  readonly tell: Tell;
  /** What the room has cost, to be kept with a row. */
  bill(): string;
  /** Resolves when everything written so far is durable. */
  committed(): Promise<void>;
  /** A transaction was rolled back. */
  rolledBack(): void;
}

/** One handler under way. */
interface Run {
  readonly row: TimerRow;
  readonly now: number;
  /** When it is given up, in ms since 1970. */
  readonly lease: number;
  readonly controller: AbortController;
  hasFailed: boolean;
}

interface RunTask extends Task {
  readonly of: Run;
}

/** One room's schedule. */
export class Schedule {
  readonly table: TimerTable;
  readonly #context: ScheduleContext;
  readonly #running = new Map<string, Run>();
  /** What the slot holds; `undefined` when that is not known yet. */
  #armed: number | null | undefined;
  /** How many rings and transactions are under way: the slot is set at their end, if need be. */
  #held = 0;
  #isStale = false;
  #cancelled: { readonly row: TimerRow | undefined; readonly first: number | null } | undefined;

  constructor(context: ScheduleContext) {
    this.#context = context;
    this.table = new TimerTable(context.tables, context.bill);
  }

  /** What the slot holds, in ms since 1970; `undefined` when that is not known. */
  get armed(): number | null | undefined {
    return this.#armed;
  }

  /** Reads the slot, once per wake. */
  async start(): Promise<void> {
    this.#armed = await this.#context.slot.get();
  }

  /** Sets the slot where the platform has lost it, after its seven tries. */
  repair(): void {
    if (this.#armed === null) this.rearm();
  }

  /** Sets a timer; one row, or none where it is set already. */
  set(name: string, due: number, spec: TimerSpec = {}, payload: string = "null"): void {
    const row = this.table.get(name);
    const isSame =
      row !== undefined &&
      row.next !== null &&
      (isRecurring(spec) || row.due === due) &&
      row.specText === JSON.stringify(spec) &&
      this.table.payload(name) === payload;
    if (isSame) return;
    this.#end(name);
    this.table.put({ name, due, next: due, attempt: 0 }, spec, payload);
    this.rearm();
  }

  /** Removes a timer; one row if it was set. Says whether it was. */
  cancel(name: string): boolean {
    this.#end(name)?.controller.abort();
    const was = this.table.remove(name);
    if (was) this.rearm();
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
    this.table.put({ name: DEADLINE, due, next: null, attempt });
    this.rearm();
  }

  /** Whether a handler is under way. */
  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  /** Until when timers keep the room, in ms since 1970; 0 when none does. */
  keptUntil(): number {
    return this.#span().kept;
  }

  /** What the slot holds, in ms since 1970. */
  slot(): Promise<number | null> {
    return this.#context.slot.get();
  }

  /** Runs a transaction; the slot is set after it, and what was read is forgotten if it is rolled back. */
  transact<T>(run: () => T): T {
    const { table } = this;
    const before = table.isChanged;
    table.isChanged = false;
    this.#held += 1;
    try {
      return run();
    } catch (fault) {
      if (table.isChanged) table.forget();
      this.#context.rolledBack();
      throw fault;
    } finally {
      table.isChanged ||= before;
      this.#release();
    }
  }

  /** The same for one that waits: other events of the room do, too, until it is over. */
  async transactLater<T>(run: (rolledBack: () => void) => Promise<T>): Promise<T> {
    let isRolledBack = false;
    this.#held += 1;
    try {
      return await run(() => (isRolledBack = true));
    } catch (fault) {
      isRolledBack = true;
      throw fault;
    } finally {
      if (isRolledBack) {
        this.table.forget();
        this.#context.rolledBack();
      }
      this.#release();
    }
  }

  /** Sets the slot to what comes first. */
  rearm(): void {
    if (this.#held > 0) {
      this.#isStale = true;
      return;
    }
    this.#isStale = false;
    const { slot, lazy } = this.#context;
    const next = this.#first();
    const armed = this.#armed;
    if (next === armed || (next === null && armed === undefined)) return;
    if (lazy && next !== null && armed != null && armed <= next && armed > 0) return;
    this.#armed = next;
    // Not awaited: it is a write of this turn, and what is sent waits for it at the output gate.
    void (next === null ? slot.delete() : slot.set(next));
  }

  /** The platform has taken the alarm out of the slot; until `rest`, it is left empty. */
  rang(): void {
    this.#armed = null;
    this.#held += 1;
    const cancelled = this.#cancelled?.row;
    if (cancelled) this.table.put(cancelled, cancelled.spec);
  }

  /** The alarm has failed: the platform calls it again, unless the slot were set. */
  abandon(): void {
    this.#held -= 1;
    this.#isStale = false;
  }

  /** The alarm is over. */
  rest(): void {
    this.#isStale = true;
    this.#release();
  }

  /** The timers that are due, in the order of their times. */
  due(): TimerRow[] {
    const until = Math.max(this.#context.now(), this.#cancelled?.first ?? 0);
    const isDue = ({ name, next }: TimerRow): boolean =>
      next !== null && next <= until && !this.#running.has(name);
    return [...this.table.all().values()]
      .filter(isDue)
      .toSorted((a, b) => Number(a.next) - Number(b.next) || (a.name < b.name ? -1 : 1));
  }

  /**
   * Rings timers, in order. Those with async handlers run beside the others; the alarm waits for
   * them a moment, and a longer one goes on without it. Never throws.
   */
  async ring(due: readonly TimerRow[]): Promise<void> {
    const started: Promise<void>[] = [];
    let tasks: RunTask[] = [];
    for (const row of due) {
      const run = this.#begin(row);
      if (this.#context.route(row.name)?.isAsync) {
        this.#perform(tasks);
        tasks = [];
        started.push(this.#runAsync(run));
      } else tasks.push(this.#taskOf(run));
    }
    this.#perform(tasks);
    if (started.length === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, GRACE)));
    await Promise.race([Promise.all(started), grace]);
    clearTimeout(timer ?? null);
  }

  /**
   * Rings timers after a handler has brought the whole room down: one after the other, each with
   * its failure written before it is tried, so that one that does it again ends as failed.
   */
  async ringCarefully(due: readonly TimerRow[]): Promise<void> {
    for (const { name, next } of due) {
      const row = this.table.get(name);
      if (!row || row.next !== next) continue; // set anew, or cancelled, by one before it
      this.#countFailure(this.#begin(row), "The room ended while its timers rang.");
      this.#armed = this.#first() ?? this.#context.now();
      void this.#context.slot.set(this.#armed);
      await this.#context.committed();
      await this.ring([row]);
    }
  }

  /** Counts a try as failed for timers that could not be rung, because the room does not start. */
  fail(due: readonly TimerRow[], fault: unknown): void {
    for (const row of due) this.#countFailure(this.#begin(row), fault);
  }

  /** Forgets everything, because the storage was cleared: what was purged does not ring. */
  forget(): void {
    for (const { controller } of this.#running.values()) controller.abort();
    this.#running.clear();
    this.table.forget();
    this.#armed = null;
  }

  #begin(row: TimerRow): Run {
    const now = this.#context.now();
    const lease = now + (row.spec.timeout ?? TIMEOUT);
    const run: Run = { row, now, lease, controller: new AbortController(), hasFailed: false };
    this.#running.set(row.name, run);
    this.table.touch();
    return run;
  }

  #end(name: string): Run | undefined {
    const run = this.#running.get(name);
    this.#running.delete(name);
    this.table.touch();
    return run;
  }

  /** Runs tasks in one commit; where that fails, each alone, so that the one at fault is found. */
  #perform(tasks: readonly RunTask[]): void {
    if (tasks.length === 0) return;
    try {
      this.#context.performer().perform(tasks);
    } catch (fault) {
      for (const task of tasks) {
        this.#running.set(task.of.row.name, task.of); // what the tasks had ended was rolled back
        if (tasks.length > 1) this.#perform([task]);
        else this.#fail(task.of, fault);
      }
      return;
    }
    for (const { of } of tasks) if (!of.hasFailed) this.#tell(of, "done");
  }

  #tell({ row, now }: Run, outcome: "done" | "retry" | "failed"): void {
    const { name, attempt, next, due } = row;
    const late = Math.max(0, now - (next ?? due));
    this.#context.tell("timer", () => ({ name, attempt: attempt + 1, outcome, late }));
  }

  /** A synchronous handler: one transaction with what it does to its own row. */
  #taskOf(of: Run): RunTask {
    return {
      of,
      run: () => {
        notThenable(this.#call(of), "A handler");
        this.#succeed(of);
      },
      failed: (fault) => this.#fail(of, fault),
    };
  }

  async #runAsync(of: Run): Promise<void> {
    const ended = (run: () => void): void => {
      clearTimeout(timer);
      if (this.#running.get(of.row.name) !== of) return; // set anew, cancelled, purged, or given up
      this.#perform([{ of, run, failed: (fault) => this.#fail(of, fault) }]);
      this.rearm();
    };
    const failed = (fault: unknown): void => ended(() => this.#fail(of, fault));
    // It keeps the instance awake, and so it must: what it waits for is in memory.
    const timer = setTimeout(() => {
      failed(new RoomError("timeout", { message: "The handler took too long." }));
      of.controller.abort();
    }, of.lease - of.now);
    try {
      const publish = await this.#context.performer().gather(() => this.#call(of));
      ended(() => (publish(), this.#succeed(of)));
    } catch (fault) {
      failed(fault);
    }
  }

  #call({ row, now, controller }: Run): unknown {
    const { name, due, attempt, spec } = row;
    const route = this.#context.route(name);
    if (!route) throw misuse("bad-handler", `There is no handler for the timer "${name}".`);
    const missed = isRecurring(spec) ? advance(spec, due, now).missed : 0;
    const payload = JSON.parse(this.table.payload(name)) as unknown;
    return route.run(payload, {
      name,
      attempt: attempt + 1,
      due,
      missed,
      signal: controller.signal,
    });
  }

  /** The handler is done: its timer goes, or rings for its next occurrence, unless it was set anew. */
  #succeed(run: Run): void {
    const { name, due, spec } = run.row;
    if (this.#running.get(name) !== run) return;
    this.#end(name);
    const next = isRecurring(spec) ? advance(spec, due, run.now).due : null;
    if (next === null) this.table.remove(name);
    else this.table.move({ ...run.row, due: next, next, attempt: 0, error: "" });
  }

  #fail(run: Run, fault: unknown): void {
    const { name } = run.row;
    this.#context.report(fault, name === ALARM ? "onAlarm" : `the timer "${name}"`);
    this.#countFailure(run, fault);
  }

  #countFailure(run: Run, fault: unknown): void {
    const { row, now } = run;
    const { name, spec } = row;
    if (this.#running.get(name) !== run) return;
    this.#end(name);
    run.hasFailed = true;
    const attempt = row.attempt + 1;
    const error = String(fault).slice(0, ERROR_TEXT);
    const isLast = attempt > (spec.retries ?? RETRIES);
    this.#tell(run, isLast ? "failed" : "retry");
    if (!isLast) {
      const next = Math.max(now, this.#context.now()) + backoff(attempt);
      this.table.move({ ...row, next, attempt, error });
    } else if (isRecurring(spec)) {
      const next = advance(spec, row.due, now).due;
      this.table.move({
        ...row,
        due: next ?? row.due,
        next,
        attempt: next === null ? attempt : 0,
        error,
      });
    } else if (name === ALARM) this.table.remove(name);
    else this.table.move({ ...row, next: null, attempt, error });
  }

  #release(): void {
    this.#held -= 1;
    if (this.#isStale) this.rearm();
  }

  /** When the slot should ring. */
  #first(): number | null {
    const { deadline, claimsEnd } = this.#context;
    const first = Math.min(
      this.#span().first ?? Infinity,
      deadline() ?? Infinity,
      claimsEnd() ?? Infinity,
    );
    // The platform takes no alarm before 1970, and a time that is over is one like any other.
    return first === Infinity ? null : Math.max(1, first);
  }

  #span(): { readonly first: number | null; readonly kept: number } {
    return this.table.span((name) => this.#running.get(name)?.lease);
  }
}
