/** Waiting for what comes, without sleeping: looked at again whenever something has come. */

import { TestRunner } from "vitest";

/** Outside of a test, in ms. */
const PATIENCE = 4_000;
/** The part of a test's time limit that one wait may take: it must be over before the test is. */
const SHARE = 0.8;

/** How long something that the current test waits for may take, in ms of the real clock. */
export function patienceOfTest(): number {
  const limit = TestRunner.getCurrentTest()?.timeout ?? 0;
  return limit > 0 && Number.isFinite(limit) ? limit * SHARE : PATIENCE;
}

/** Everybody who waits for something of one client. */
export class Waits {
  readonly #patience: number | undefined;
  readonly #looks = new Set<() => void>();

  constructor(patience?: number) {
    this.#patience = patience;
  }

  /** Something has come. */
  changed(): void {
    for (const look of this.#looks) look();
  }

  /** Waits until `look` gives something. Rejects after the patience, in words of `describe`. */
  for<Found>(look: () => Found | undefined, describe: () => string): Promise<Found> {
    const found = look();
    if (found !== undefined) return Promise.resolve(found);
    const patience = this.#patience ?? patienceOfTest();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#looks.delete(again);
        reject(new Error(`${describe()} within ${patience} ms.`));
      }, patience);
      const again = (): void => {
        const found = look();
        if (found === undefined) return;
        this.#looks.delete(again);
        clearTimeout(timer);
        resolve(found);
      };
      this.#looks.add(again);
    });
  }
}
