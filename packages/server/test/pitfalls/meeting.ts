// A slow service that is asked by several at once, without a clock: everybody waits until
// everybody has asked.

/** How many come together. */
export const ATTENDING = 10;

/** Lets `ATTENDING` calls go on once all of them have come, again and again. */
export class Meeting {
  #gathered = Promise.withResolvers<void>();
  #present = 0;

  /** Comes, and waits for the others. */
  async attend(_text: string): Promise<void> {
    const { promise, resolve } = this.#gathered;
    this.#present += 1;
    if (this.#present === ATTENDING) {
      this.#present = 0;
      this.#gathered = Promise.withResolvers<void>();
      resolve();
    }
    await promise;
  }
}
