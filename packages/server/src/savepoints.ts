/**
 * Savepoints, only for the handlers that need one.
 *
 * A savepoint costs about as much as everything else that a message does in memory, and a handler
 * that never touches storage leaves nothing to roll back. So a handler gets one until it has
 * proved itself often enough; what touches storage once has one for good. Should a handler
 * without one touch storage for the first time and then throw, the instance is given up before
 * anything of its turn is written: what it did is rolled back by a crash, which nothing survives
 * by halves, and its clients come back and send it again.
 */

/** After so many runs without touching storage a handler has no savepoint. */
const PROVEN = 32;

/** What savepoints ask of their room. */
export interface SavepointContext {
  /** The room's class, under which is remembered who touches storage. */
  readonly kind: string;
  transaction<T>(run: () => T): T;
  /** Counts every use of storage, reads included. */
  touches(): number;
  /** Gives up this instance: nothing of its turn is written or sent. */
  abandon(why: string): void;
  /** @default 32 */
  readonly proven?: number;
}

/** Outlives the instances that are given up, so that each handler gives up one at most. */
const touching = new Set<string>();

/** The savepoints of one room. */
export class Savepoints {
  readonly #context: SavepointContext;
  readonly #clean = new Map<string, number>();

  constructor(context: SavepointContext) {
    this.#context = context;
  }

  /** Runs the handler `name` and then `after`, together or not at all. */
  run(name: string, handler: () => string | undefined, after: (item?: string) => void): void {
    const { proven = PROVEN, transaction } = this.#context;
    const clean = this.#clean.get(name) ?? 0;
    if (clean >= proven) after(this.#unguarded(name, handler));
    else transaction(() => after(this.#watched(name, clean, handler)));
  }

  #watched(name: string, clean: number, handler: () => string | undefined): string | undefined {
    const { kind, touches } = this.#context;
    const before = touches();
    try {
      return handler();
    } finally {
      const isTouching = touches() !== before || touching.has(`${kind}.${name}`);
      this.#clean.set(name, isTouching ? Number.NEGATIVE_INFINITY : clean + 1);
    }
  }

  #unguarded(name: string, handler: () => string | undefined): string | undefined {
    const { kind, touches, abandon } = this.#context;
    const before = touches();
    let failed = true;
    try {
      const item = handler();
      failed = false;
      return item;
    } finally {
      if (touches() !== before) {
        this.#clean.set(name, Number.NEGATIVE_INFINITY);
        touching.add(`${kind}.${name}`);
        if (failed)
          abandon(`The handler of "${name}" has used storage for the first time, and failed.`);
      }
    }
  }
}
