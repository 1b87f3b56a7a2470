/**
 * About how many connections a room has, without listing them for each that comes: the platform
 * makes a list of all of them each time that it is asked.
 */

/** So many may come, and a quarter of those who were counted, before all are counted anew: that costs each newcomer the same. */
const FEW = 16;

/** The headcount of one room. */
export class Headcount {
  readonly #list: () => { readonly length: number };
  #here = 0;
  /** How many may come before all are counted anew. */
  #left = 0;

  constructor(list: () => { readonly length: number }) {
    this.#list = list;
  }

  /** No fewer than are open: some that are closing, or were turned away, may be among them. */
  get count(): number {
    if (this.#left <= 0) {
      this.#here = this.#list().length;
      this.#left = FEW + this.#here / 4;
    }
    return this.#here;
  }

  /** A connection was accepted. */
  came(): void {
    this.#here += 1;
    this.#left -= 1;
  }

  /** A connection has left; told once of each. */
  went(): void {
    this.#here -= 1;
  }

  /** The room was purged, and its connections closed. */
  forget(): void {
    this.#left = 0;
  }
}
