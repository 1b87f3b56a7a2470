/** Waiting for what comes, without sleeping: looked at again whenever something has come. */

import { TestRunner } from "vitest";

/** Outside of a test, in ms. */
const PATIENCE = 4_000;
/** The part of a test's time limit that one wait may take: it must be over before the test is. */
const SHARE = 0.8;

/** How long something that the current test waits for may take, in ms of the real clock: never as long as the test may. */
export function patienceOfTest(asked?: number): number {
  const limit = TestRunner.getCurrentTest()?.timeout ?? 0;
  if (!(limit > 0 && Number.isFinite(limit))) return asked ?? PATIENCE;
  return Math.min(asked ?? Number.POSITIVE_INFINITY, limit * SHARE);
}

/** The timers of the machine, before anybody could put others in their place. */
const REAL = { setTimeout };

/** Throws where fake timers are in their place: a room would wait for ever, and nobody would know for what. */
export function realTimers(): void {
  if (globalThis.setTimeout === REAL.setTimeout) return;
  throw new Error(
    "vi.useFakeTimers() stops what a room and its clients wait for. Leave it out, or call vi.useRealTimers(): time.advance moves Date.now() and the alarms.",
  );
}

/** The name of the test that is running, in brackets; nothing outside of one. */
export function nameOfTest(): string {
  const name = TestRunner.getCurrentTest()?.fullTestName;
  return name === undefined ? "" : ` ("${name}")`;
}

/** Waits for what the runtime does. Rejects after the patience, in words of `describe`. */
export async function within<Result>(
  done: Promise<Result>,
  describe: () => string,
  asked?: number,
): Promise<Result> {
  const patience = patienceOfTest(asked);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${describe()} within ${patience} ms.`)), patience);
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
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
  async for<Found>(look: () => Found | undefined, describe: () => string): Promise<Found> {
    const found = look();
    if (found !== undefined) return found;
    realTimers();
    const patience = patienceOfTest(this.#patience);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#looks.delete(again);
        clearTimeout(timer);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`${describe()} within ${patience} ms.`));
      }, patience);
      const again = (): void => {
        try {
          const found = look();
          if (found === undefined) return;
          end();
          resolve(found);
        } catch (fault) {
          // What the test itself has said it looks for is the test's: `next("said", accept)`.
          end();
          reject(fault);
        }
      };
      this.#looks.add(again);
    });
  }
}
