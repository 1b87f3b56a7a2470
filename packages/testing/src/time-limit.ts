/** How far time may be moved: not through alarms that ring for ever, and not for longer than a test may take. */
import { platformClock } from "./platform-clock.ts";
import { patienceOfTest } from "./waits.ts";

/** More alarms at one moment than any room that works sets. */
const ENDLESS = 10_000;

/** What a move of time may not do: ring for ever, or take longer than its test may. */
export class TimeLimit {
  readonly #ms: number;
  readonly #patience = patienceOfTest();
  readonly #began = platformClock.real();
  #rings = 0;
  #moment = { at: Number.NaN, rings: 0 };

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** An alarm rings. */
  rings(room: string, at: number): void {
    this.#rings += 1;
    this.#moment = { at, rings: at === this.#moment.at ? this.#moment.rings + 1 : 1 };
    if (this.#moment.rings > ENDLESS) {
      throw new Error(`The alarm of room "${room}" rings for ever, at ${at}.`);
    }
  }

  /** So many ms of the way are behind. */
  come(ms: number): void {
    if (platformClock.real() - this.#began <= this.#patience) return;
    throw new Error(
      `time.advance(${this.#ms}) has come ${ms} ms far in ${this.#patience} ms of the real clock, and ${this.#rings} alarms have rung. ` +
        "Advance by less, or give the test more time.",
    );
  }
}
