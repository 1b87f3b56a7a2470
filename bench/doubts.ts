/** When the figures of a timed load are doubtful: the generator was the limit, or the machine was not ours. Pure. */

/** A generator busier than this share of a core measures itself. */
const BUSY = 0.85;
/** Cores used by processes that have nothing to do with the bench: above this, it disturbs. */
const DISTURBING = 0.2;

/** What is doubtful about one load over all its targets and repetitions. */
export class Doubts {
  readonly #name: string;
  readonly #busy = new Map<string, number>();
  #others = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Notes one repetition: the generator's share of a core, and the cores that others used. */
  note(target: string, load: number, others: number): void {
    this.#others = Math.max(this.#others, others);
    if (load > BUSY) this.#busy.set(target, Math.max(load, this.#busy.get(target) ?? 0));
  }

  /** What the reader of the figures must know, in words. */
  get lines(): string[] {
    const others =
      this.#others > DISTURBING
        ? [`${this.#name}: other processes used up to ${this.#others.toFixed(1)} cores meanwhile.`]
        : [];
    const busy = [...this.#busy].map(
      ([target, share]) =>
        `${this.#name}, ${target}: the load generator used ${Math.round(share * 100)} % of a core; the target could do more.`,
    );
    return [...others, ...busy];
  }
}
