/**
 * A room's life: `new -> active -> expiring -> gone -> new`.
 *
 * The deadline is `expireAfter` after the last accepted message. When the alarm rings and the
 * room was silent for that long, `onExpire` may extend it; otherwise everybody is told, the
 * storage is cleared, and the next event starts a new room, on this instance or on another.
 */
import { CLOSE_CODES, closeReason, misuse } from "@greenroom/protocol";

import { markGone } from "./connection.ts";
import type { Ledger } from "./ledger.ts";
import { Schedule } from "./schedule.ts";
import { currentScope } from "./scope.ts";
import type { AlarmSlot, GuardTarget } from "./storage-guard.ts";
import type { Sql, Tables } from "./tables.ts";

/** A room's options, as `static lifecycle` of its class. */
export interface LifecycleOptions {
  /** How long a room may be silent before it expires, in ms. @default 1_800_000 (30 minutes) */
  readonly expireAfter?: number;
  /**
   * When the alarm is set: with every message, or only when it would ring too late. The deadline
   * is the same; `lazy` writes one row less a message. @default "every-message"
   */
  readonly rearm?: "every-message" | "lazy";
}

const DEFAULTS = Object.freeze({ expireAfter: 30 * 60_000, rearm: "every-message" as const });
const LONGEST = 365 * 24 * 60 * 60_000;

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
}

/** The options of `static lifecycle` with their defaults. */
export function lifecycleOptions(
  options: LifecycleOptions | undefined,
): Required<LifecycleOptions> {
  return { ...DEFAULTS, ...options };
}

/** Checks `static lifecycle`; throws `bad-option`. */
export function checkLifecycle({ expireAfter, rearm }: Required<LifecycleOptions>): void {
  if (!(Number.isFinite(expireAfter) && expireAfter > 0 && expireAfter <= LONGEST)) {
    const takes = `it takes more than 0 and up to ${LONGEST} ms`;
    throw misuse("bad-option", {
      message: `lifecycle.expireAfter is ${String(expireAfter)}; ${takes}.`,
    });
  }
  if (rearm !== "every-message" && rearm !== "lazy") {
    const takes = 'it takes "every-message" or "lazy"';
    throw misuse("bad-option", { message: `lifecycle.rearm is ${String(rearm)}; ${takes}.` });
  }
}

/** What the lifecycle asks of its room. */
export interface LifecycleContext {
  readonly options: Required<LifecycleOptions>;
  readonly sql: () => Sql;
  readonly tables: Tables;
  readonly slot: AlarmSlot;
  now(): number;
  sockets(): WebSocket[];
  /** Whether anything at all is stored. */
  storesAnything(): boolean;
  onExpire(): unknown;
  report(fault: unknown, where: string): void;
  /** Drops what the room cached of the storage that was cleared. */
  forget(): void;
}

/** One room's life. */
export class Lifecycle implements GuardTarget {
  readonly view: LifecycleView;
  ledger: Ledger;
  readonly #context: LifecycleContext;
  readonly #schedule: Schedule;
  #phase: Phase | undefined;

  constructor(context: LifecycleContext, ledger: Ledger) {
    this.#context = context;
    this.ledger = ledger;
    const { sql, tables, slot, options } = context;
    this.#schedule = new Schedule({
      sql,
      tables,
      slot,
      lazy: options.rearm === "lazy",
      deadline: () => this.#deadline(),
    });
    this.view = this.#createView();
  }

  /** Which of our tables there are; features of the same storage share it. */
  get tables(): Tables {
    return this.#context.tables;
  }

  async start(): Promise<void> {
    await this.#schedule.start();
  }

  /** Whether a purge is under way: newcomers come back in a moment. */
  get purging(): boolean {
    return this.#phase === "gone";
  }

  /** Counts one raw message and re-arms the alarm. */
  count(): void {
    this.ledger.count(this.#context.now());
    this.rearm();
  }

  /** Takes back the count of a message whose handler failed. */
  uncount(): void {
    this.ledger.uncount();
  }

  /** Sets the alarm to what comes first; after each accepted message. */
  rearm(): void {
    this.#schedule.rearm();
  }

  /** Gives a room that stored something without a message a deadline, so that it ends too. */
  settle(): void {
    if (this.purging || this.#deadline() !== null || !this.#context.storesAnything()) return;
    this.#schedule.set(
      "deadline",
      roundUp(this.#context.now() + this.#context.options.expireAfter),
    );
  }

  /** The alarm rings: the user's, if due; then the end of the room, if due. Never throws. */
  async ring(runUserAlarm: () => Promise<void>): Promise<void> {
    const { now, report } = this.#context;
    this.#schedule.rang();
    const fault = await this.#schedule.ring(now(), runUserAlarm);
    if (fault !== undefined) report(fault, "onAlarm");
    if (this.#isDue() && !(await this.#extended())) await this.purge();
    else this.#schedule.rearm();
  }

  /** Tells whoever is there, and clears the storage, the alarm and every cache. */
  async purge(): Promise<void> {
    const { slot, sockets } = this.#context;
    this.#phase = "gone";
    for (const socket of sockets()) tell(socket);
    // In this turn, without an await before it: what another event would write meanwhile is gone too.
    try {
      const cleared = slot.deleteAll();
      this.#forget();
      await cleared;
    } finally {
      // A purge that failed is tried again: the alarm's handler throws, and the platform repeats it.
      this.#phase = undefined;
    }
  }

  getAlarm(): Promise<number | null> {
    // A hook asks for its own alarm; whoever asks from outside all hooks asks for the platform's.
    return currentScope() === undefined
      ? this.#schedule.slot()
      : Promise.resolve(this.#schedule.due("alarm"));
  }

  setAlarm(at: number): Promise<void> {
    if (!Number.isFinite(at)) {
      return Promise.reject(
        misuse("bad-option", { message: `setAlarm was given ${at}, not a time.` }),
      );
    }
    this.#schedule.set("alarm", at);
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
    this.#context.forget();
  }

  #isDue(): boolean {
    const deadline = this.#deadline();
    return deadline !== null && deadline <= this.#context.now();
  }

  /** Asks `onExpire`: a number is how many milliseconds longer the room shall live. */
  async #extended(): Promise<boolean> {
    const { onExpire, report, now } = this.#context;
    this.#phase = "expiring";
    try {
      const extension = await onExpire();
      if (typeof extension === "number" && extension > 0) {
        this.#schedule.set("deadline", roundUp(now() + Math.min(extension, LONGEST)));
      }
    } catch (fault) {
      report(fault, "onExpire"); // a failing hook does not keep a room alive
    }
    this.#phase = undefined;
    // Read again: a message may have come while the hook ran.
    return !this.#isDue();
  }

  #deadline(): number | null {
    const { at } = this.ledger.read();
    const moved = this.#schedule.due("deadline");
    if (at === 0) return moved;
    return Math.max(roundUp(at + this.#context.options.expireAfter), moved ?? 0);
  }

  #createView(): LifecycleView {
    const phase = (): Phase => this.#phase ?? (this.#deadline() === null ? "new" : "active");
    const account = (): { messages: number; at: number } => this.ledger.read();
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
        return account().at || null;
      },
      get deadline() {
        return deadline();
      },
      expireAfter,
    };
  }
}

/** A deadline of whole seconds: setting the alarm to the time it has writes nothing. */
function roundUp(at: number): number {
  return Math.ceil(at / 1_000) * 1_000;
}

function tell(socket: WebSocket): void {
  try {
    markGone(socket);
    socket.close(CLOSE_CODES.expired, closeReason("expired"));
  } catch {
    // Closed already: its peer knows that the connection has ended.
  }
}
