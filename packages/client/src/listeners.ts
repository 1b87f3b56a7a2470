/** Listeners by name. One that throws is reported and disturbs neither the others nor the client (`[B9]`). */
type Listener = { readonly run: (...told: never[]) => void; removed: boolean };

/** The listeners of one room. */
export class Listeners {
  /** Each list is replaced and never changed: who listens while others are told is not told yet. */
  readonly #byName = new Map<string, readonly Listener[]>();

  /** Adds a listener, as often as it is called; gives what removes it. */
  add(name: string, run: (...told: never[]) => void): () => void {
    const listener: Listener = { run, removed: false };
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), listener]);
    return () => {
      listener.removed = true;
      const others = (this.#byName.get(name) ?? []).filter((other) => other !== listener);
      this.#byName.set(name, others);
    };
  }

  /** Tells the listeners of a name, in the order in which they were added. */
  tell(name: string, ...told: unknown[]): void {
    for (const listener of this.#byName.get(name) ?? []) {
      if (listener.removed) continue;
      try {
        // SAFETY: the room's types give each name the listeners of its values.
        (listener.run as (...told: unknown[]) => void)(...told);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** Reports an error of the app's own code as an uncaught one. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
