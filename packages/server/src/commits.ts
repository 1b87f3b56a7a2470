/** What waits until the transactions of user code that are under way are committed. */

/** The open transactions of one room. */
export class Commits {
  /** What waits for each, the innermost last. */
  readonly #open: (() => void)[][] = [];

  /** Calls back when the innermost is committed, and never if it is rolled back; says whether there is one. */
  after(call: () => void): boolean {
    return this.#open.at(-1)?.push(call) !== undefined;
  }

  /** A transaction begins; what comes back ends it. */
  begin(): () => void {
    const calls: (() => void)[] = [];
    this.#open.push(calls);
    return () => {
      this.#open.splice(this.#open.indexOf(calls), 1);
      for (const call of calls) if (!this.after(call)) call();
    };
  }

  /** The innermost is rolled back. */
  drop(): void {
    this.#open.at(-1)?.splice(0);
  }
}
