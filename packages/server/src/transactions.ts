/**
 * Transactions of a room's code: what they set counts only where they are not rolled back, and the
 * alarm, and whoever waits for the commit, come behind them.
 */
import type { Schedule } from "./schedule.ts";

/** The transactions of one room. */
export class Transactions {
  readonly #schedule: Schedule;
  readonly #rolledBack: () => void;
  /** What waits for each that is open, the innermost last. */
  readonly #open: (() => void)[][] = [];

  constructor(schedule: Schedule, rolledBack: () => void) {
    this.#schedule = schedule;
    this.#rolledBack = rolledBack;
  }

  /** Calls back when the innermost is committed, and never if it is rolled back; says whether there is one. */
  after(call: () => void): boolean {
    return this.#open.at(-1)?.push(call) !== undefined;
  }

  /** Runs a whole transaction. */
  transact<T>(run: () => T): T {
    const end = this.#begin();
    try {
      return run();
    } catch (fault) {
      this.#forget();
      throw fault;
    } finally {
      end();
    }
  }

  /**
   * The same for one that waits: other events of the room do, too, until it is over. `run` is given
   * what it calls where it is rolled back.
   */
  async transactLater<T>(run: (rolledBack: () => void) => Promise<T>): Promise<T> {
    const end = this.#begin();
    let isRolledBack = false;
    try {
      return await run(() => (isRolledBack = true));
    } catch (fault) {
      isRolledBack = true;
      throw fault;
    } finally {
      if (isRolledBack) this.#forget();
      end();
    }
  }

  /** A transaction begins; what comes back ends it. */
  #begin(): () => void {
    const { alarm } = this.#schedule;
    const calls: (() => void)[] = [];
    this.#open.push(calls);
    alarm.hold();
    return () => {
      alarm.release();
      this.#open.splice(this.#open.indexOf(calls), 1);
      for (const call of calls) if (!this.after(call)) call();
    };
  }

  /** The innermost is rolled back: what was read is forgotten, and what waited waits for nothing. */
  #forget(): void {
    this.#schedule.table.forget();
    this.#open.at(-1)?.splice(0);
    this.#rolledBack();
  }
}
