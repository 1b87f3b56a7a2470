/** Waiting for what comes, without sleeping: looked at again whenever something has come. */

/** How long something that a test waits for may take, in ms of the real clock. */
export const PATIENCE = 4_000;

/** Everybody who waits for something of one client. */
export class Waits {
  readonly #patience: number;
  readonly #looks = new Set<() => void>();

  constructor(patience: number = PATIENCE) {
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
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#looks.delete(again);
        reject(new Error(`${describe()} within ${this.#patience} ms.`));
      }, this.#patience);
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
