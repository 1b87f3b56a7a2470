/**
 * When a room ends: `expireAfter` after its last message, later where it was extended, where
 * somebody was connected, or where a timer keeps it; at once where that was asked for.
 */
import type { Ledger } from "./ledger.ts";
import type { LifecycleOptions } from "./lifecycle-options.ts";
import { DEADLINE, END, type Schedule } from "./schedule.ts";

/** What the deadline asks of its room. */
export interface Life {
  readonly context: {
    readonly options: Required<LifecycleOptions>;
    now(): number;
    isConnected(): boolean;
  };
  readonly schedule: Schedule;
  readonly ledger: Ledger;
}

/** One room's deadline. */
export class Deadline {
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  /** In ms since 1970; null while the room stores nothing. */
  at(): number | null {
    const { context, ledger, schedule } = this.#life;
    const { table } = schedule;
    const asked = table.get(END);
    if (asked) return asked.due;
    const { at } = ledger.read();
    const moved = table.get(DEADLINE)?.due ?? null;
    if (at === 0 && moved === null) return null;
    const own = at === 0 ? 0 : roundUp(at + context.options.expireAfter);
    return Math.max(own, moved ?? 0, schedule.keptUntil());
  }

  isDue(): boolean {
    const at = this.at();
    return at !== null && at <= this.#life.context.now();
  }

  /** Whether the room was told to end. */
  isAsked(): boolean {
    return this.#life.schedule.table.get(END) !== undefined;
  }

  /** Ends the room so many ms from now. */
  ask(ms: number = 0): void {
    this.#life.schedule.set(END, this.#life.context.now() + ms);
  }

  /** Gives the room a deadline where it has none. */
  begin(): void {
    if (this.at() === null) this.extend();
  }

  /** Lets the room live for so many ms from now. */
  extend(ms: number = this.#life.context.options.expireAfter): void {
    const { now, isConnected } = this.#life.context;
    this.#life.schedule.moveDeadline(roundUp(now() + ms), isConnected());
  }

  /** Somebody has left. */
  left(): void {
    const { options, isConnected } = this.#life.context;
    if (options.keepWhileConnected && !isConnected() && this.at() !== null) this.extend();
  }

  /**
   * Whether presence keeps the room, which is then extended. Where nobody was seen leaving, a crash
   * or a deploy has ended the connections: those who come back find the room for once more
   * `expireAfter`.
   */
  isKept(): boolean {
    const { options, isConnected } = this.#life.context;
    if (!options.keepWhileConnected) return false;
    if (!isConnected() && this.#life.schedule.table.get(DEADLINE)?.attempt === 0) return false;
    this.extend();
    return true;
  }
}

/** A deadline of whole seconds: setting the alarm to the time it has writes nothing. */
function roundUp(at: number): number {
  return Math.ceil(at / 1_000) * 1_000;
}
