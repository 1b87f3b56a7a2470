/**
 * How timers ring: their handlers are called, and their rows end or move on with what those did.
 *
 *   row: pending --rings--> running --done--> gone, or its next occurrence
 *           ^                  | fails
 *           +---- backoff -----+---- no retries left ----> failed (kept), or its next occurrence
 *
 * A row outlives its handler, so what a crash interrupts rings again.
 */
import { misuse, RoomError } from "@greenroom/protocol";

import type { Tell } from "./observe.ts";
import { waitAtMost } from "./patience.ts";
import { notThenable } from "./thenable.ts";
import type { TimerRow, TimerTable } from "./timer-table.ts";
import { advance, backoff, isRecurring, RETRIES, TIMEOUT } from "./timer-when.ts";

/** How long the alarm waits for async handlers, in ms: others that come due meanwhile wait with it. */
const GRACE = 500;
/** Of an error's text so much is kept, in characters. */
const ERROR_TEXT = 500;

/** The user's own alarm: it may take what the platform gives an alarm. */
export const ALARM = "$alarm";

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

/** What ringing asks of its room. */
export interface RingingContext {
  performer(): Performer;
  route(name: string): TimerRoute | undefined;
  now(): number;
  report(fault: unknown, where: string): void;
  readonly tell: Tell;
}

/** One handler under way. */
export interface Run {
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

/** The handlers of one room's timers at work. */
export class Ringing {
  readonly #context: RingingContext;
  readonly #table: TimerTable;
  readonly #rearm: () => void;
  /** What runs, by the names of its timers. */
  readonly running: Map<string, Run> = new Map();

  constructor(context: RingingContext, table: TimerTable, rearm: () => void) {
    this.#context = context;
    this.#table = table;
    this.#rearm = rearm;
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
    if (started.length > 0) await waitAtMost(GRACE, Promise.all(started));
  }

  /** Counts a try as failed for a timer that could not be rung. */
  fail(row: TimerRow, fault: unknown): void {
    this.#countFailure(this.#begin(row), fault);
  }

  /** A timer is set anew or cancelled: what its handler does from here on counts for nothing. */
  end(name: string): Run | undefined {
    const run = this.running.get(name);
    if (this.running.delete(name)) this.#table.touch();
    return run;
  }

  /** Gives up all handlers: the storage was cleared. */
  forget(): void {
    for (const { controller } of this.running.values()) controller.abort();
    this.running.clear();
  }

  #begin(row: TimerRow): Run {
    const now = this.#context.now();
    const lease = now + (row.spec.timeout ?? TIMEOUT);
    const run: Run = { row, now, lease, controller: new AbortController(), hasFailed: false };
    this.running.set(row.name, run);
    this.#table.touch();
    return run;
  }

  /** Runs tasks in one commit; where that fails, each alone, so that the one at fault is found. */
  #perform(tasks: readonly RunTask[]): void {
    if (tasks.length === 0) return;
    try {
      this.#context.performer().perform(tasks);
    } catch (fault) {
      for (const task of tasks) {
        this.running.set(task.of.row.name, task.of); // what the tasks had ended was rolled back
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
      if (this.running.get(of.row.name) !== of) return; // set anew, cancelled, purged, or given up
      this.#perform([{ of, run, failed: (fault) => this.#fail(of, fault) }]);
      this.#rearm();
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
    const payload = JSON.parse(this.#table.payload(name)) as unknown;
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
    if (this.running.get(name) !== run) return;
    this.end(name);
    const next = isRecurring(spec) ? advance(spec, due, run.now).due : null;
    if (next === null) this.#table.remove(name);
    else this.#table.put({ ...run.row, due: next, next, attempt: 0, error: "" });
  }

  #fail(run: Run, fault: unknown): void {
    const { name } = run.row;
    this.#context.report(fault, name === ALARM ? "onAlarm" : `the timer "${name}"`);
    this.#countFailure(run, fault);
  }

  #countFailure(run: Run, fault: unknown): void {
    const { row, now } = run;
    const { name, spec } = row;
    if (this.running.get(name) !== run) return;
    this.end(name);
    run.hasFailed = true;
    const attempt = row.attempt + 1;
    const isLast = attempt > (spec.retries ?? RETRIES);
    this.#tell(run, isLast ? "failed" : "retry");
    const occurrence = isLast && isRecurring(spec) ? advance(spec, row.due, now).due : null;
    const next = isLast ? occurrence : Math.max(now, this.#context.now()) + backoff(attempt);
    if (next === null && name === ALARM) this.#table.remove(name);
    else
      this.#table.put({
        ...row,
        due: occurrence ?? row.due,
        next,
        attempt: occurrence === null ? attempt : 0,
        error: String(fault).slice(0, ERROR_TEXT),
      });
  }
}
