/**
 * The platform's one alarm slot: set to what comes first, and only when that changes, for setting
 * it is a row on the bill. It is never set inside a transaction, whose end it would not share.
 */
import type { AlarmSlot } from "./storage-guard.ts";

/** What the alarm asks of its room. */
export interface AlarmContext {
  readonly slot: AlarmSlot;
  /** Whether an alarm that would ring too early may stay (`rearm: "lazy"`). */
  readonly lazy: boolean;
  /** When something comes first, in ms since 1970; null when nothing does. */
  first(): number | null;
}

/** One room's alarm. */
export class Alarm {
  readonly #context: AlarmContext;
  /** What the slot holds; `undefined` when that is not known yet. */
  #armed: number | null | undefined;
  /** How many rings and transactions are under way: the slot is set at their end, if need be. */
  #held = 0;
  #isStale = false;

  constructor(context: AlarmContext) {
    this.#context = context;
  }

  /** What the slot holds, in ms since 1970; `undefined` when that is not known. */
  get armed(): number | null | undefined {
    return this.#armed;
  }

  /** Reads the slot, once per wake. */
  async start(): Promise<void> {
    this.#armed = await this.#context.slot.get();
  }

  /** Sets the slot to what comes first; while it rings only where that is asked for. */
  rearm(atOnce: boolean = false): void {
    this.#isStale = this.#held > 0;
    if (this.#isStale && !atOnce) return;
    const { slot, lazy, first } = this.#context;
    const next = first();
    const armed = this.#armed;
    if (next === armed || (next === null && armed === undefined)) return;
    if (lazy && next !== null && armed != null && armed <= next && armed > 0) return;
    // Not awaited: it is a write of this turn, and what is sent waits for it at the output gate.
    if (next === null) void slot.delete();
    else void slot.set(next);
    this.#armed = next;
  }

  /** A transaction begins. */
  hold(): void {
    this.#held += 1;
  }

  /** It is over. */
  release(): void {
    this.#held -= 1;
    if (this.#isStale) this.rearm();
  }

  /**
   * The platform has taken the alarm out of the slot, which stays empty while it rings. Where that
   * fails, the platform calls it again, unless the slot were set.
   */
  async ring(run: () => Promise<void>): Promise<void> {
    this.#armed = null;
    this.hold();
    try {
      await run();
      this.#isStale = true;
    } catch (fault) {
      this.#isStale = false;
      throw fault;
    } finally {
      this.release();
    }
  }

  /** The storage was cleared. */
  forget(): void {
    this.#armed = null;
  }
}
