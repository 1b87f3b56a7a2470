/** Listeners by name. One that throws is reported and disturbs neither the others nor the client (`[B9]`). */
export interface Listeners {
  /** Adds a listener, as often as it is called; gives what removes it. */
  add(name: string, run: (...told: never[]) => void): () => void;
  /** Tells the listeners of a name, in the order in which they were added. */
  tell(name: string, ...told: unknown[]): void;
}

/** Makes the listeners of one room. */
export function listeners(): Listeners {
  /** Who is added while others are told is told from the next time on: a set would tell it now. */
  let all: { readonly name: string; readonly run: (...told: never[]) => void }[] = [];
  return {
    add(name, run) {
      const listener = { name, run };
      all = [...all, listener];
      return () => {
        all = all.filter((other) => other !== listener);
      };
    },
    tell(name, ...told) {
      for (const listener of all) {
        if (listener.name !== name || !all.includes(listener)) continue;
        try {
          // SAFETY: the room's types give each name the listeners of its values.
          (listener.run as (...told: unknown[]) => void)(...told);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}

/** Reports an error of the app's own code as an uncaught one. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
