/**
 * About how many connections a room has, without listing them for each that comes: the platform
 * makes a list of all of them each time that it is asked.
 */

/** So many may come, at least, before all are counted anew. */
const FEW = 16;
/** And this share of those who were counted, so that counting costs each newcomer the same. */
const SHARE = 1 / 4;

/** The headcount of one room. */
export class Headcount {
  readonly #list: () => { readonly length: number };
  #here: number | undefined;
  /** How many may come before all are counted anew. */
  #left = 0;

  constructor(list: () => { readonly length: number }) {
    this.#list = list;
  }

  /** No fewer than are open: some that are closing, or were turned away, may be among them. */
  get count(): number {
    if (this.#here === undefined || this.#left <= 0) {
      this.#here = this.#list().length;
      this.#left = Math.max(FEW, this.#here * SHARE);
    }
    return this.#here;
  }

  /** A connection was accepted. */
  came(): void {
    if (this.#here === undefined) return;
    this.#here += 1;
    this.#left -= 1;
  }

  /** A connection has left; told once of each. */
  went(): void {
    if (this.#here !== undefined) this.#here -= 1;
  }

  /** The room was purged, and its connections closed. */
  forget(): void {
    this.#here = undefined;
  }
}
