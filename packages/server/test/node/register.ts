// Who was away in a world, and for how long: what the others may have been told of it.
import { GRACE, type WorldClock } from "./attendance.ts";

interface Absence {
  readonly since: number;
  /** Whether it is one of the leavings. */
  isCounted: boolean;
}

/** Counts, for each member, how often it has really left: no one may be told of more. */
export class Register {
  readonly #clock: WorldClock;
  readonly #absences = new Map<string, Absence>();
  /** Absences of those who have dialed, until that they were let in is durable. */
  readonly #former = new Map<string, Absence>();
  readonly #leavings = new Map<string, number>();

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  /** It has dialed: its grace stands still. */
  came(id: string): void {
    const absence = this.#absence(id);
    this.#absences.delete(id);
    // Who dials twice without being let in was away since before the first.
    if (absence && !this.#former.has(id)) this.#former.set(id, absence);
  }

  /** That it was let in is durable: its absence is over. */
  letIn(id: string): void {
    this.#former.delete(id);
  }

  /** The room has crashed: who had only dialed was never back, and its first grace goes on. */
  crashed(): void {
    for (const [id, former] of this.#former) {
      former.isCounted ||= this.#absence(id)?.isCounted ?? false;
      this.#absences.set(id, former);
    }
    this.#former.clear();
  }

  /** It is lost, which a grace follows, or gone at once. */
  went(id: string, isClean: boolean): void {
    const before = this.#absence(id);
    if (!before) this.#absences.set(id, { since: this.#clock.now(), isCounted: isClean });
    if (isClean && !before?.isCounted) {
      this.#leavings.set(id, this.mayHaveLeft(id) + 1);
      if (before) before.isCounted = true;
    }
  }

  /** How often it has really left: for good, or for the whole grace. */
  mayHaveLeft(id: string): number {
    this.#absence(id);
    return this.#leavings.get(id) ?? 0;
  }

  /** The absence of somebody, if there is one; that of a whole grace is a leaving. */
  #absence(id: string): Absence | undefined {
    const absence = this.#absences.get(id);
    if (absence && !absence.isCounted && this.#clock.now() - absence.since >= GRACE) {
      absence.isCounted = true;
      this.#leavings.set(id, (this.#leavings.get(id) ?? 0) + 1);
    }
    return absence;
  }
}
