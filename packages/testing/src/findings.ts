/** What a judgement has found wrong: counted, and told in words up to a bound. */

/** The three ways in which delivery can be wrong. */
export type Wrong = "lost" | "duplicated" | "reordered";

/** So many faults are told in words. */
export const TOLD = 20;

/** Collects faults, each once however many witnesses it has. */
export class Findings {
  readonly counts: Record<Wrong, number> = { lost: 0, duplicated: 0, reordered: 0 };
  readonly told: string[] = [];
  readonly #known = new Set<string>();

  /** Notes a fault, unless the same `what` was noted; `times` is how many messages it concerns. */
  add(wrong: Wrong, what: string, text: string, times = 1): void {
    const id = `${wrong} ${what}`;
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.counts[wrong] += times;
    if (this.told.length < TOLD) this.told.push(`${wrong}: ${text}`);
  }
}
