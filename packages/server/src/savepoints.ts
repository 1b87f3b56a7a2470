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

/**
 * How often a handler has run without touching storage, by its room's class and its name; minus infinity
 * where it has touched it. Outlives the instances: a room that wakes need not prove it again, and
 * each handler gives up one instance at most.
 */
const runs = new Map<string, number>();

/** The savepoints of one room. */
export class Savepoints {
  readonly #context: SavepointContext;

  constructor(context: SavepointContext) {
    this.#context = context;
  }

  /** Runs the handler `name` and then `after`, together or not at all. */
  run(name: string, handler: () => string | undefined, after: (item?: string) => void): void {
    const { kind, proven = PROVEN, transaction } = this.#context;
    const key = `${kind}.${name}`;
    if ((runs.get(key) ?? 0) >= proven) after(this.#unguarded(key, name, handler));
    else transaction(() => after(this.#watched(key, handler)));
  }

  #watched(key: string, handler: () => string | undefined): string | undefined {
    const { touches } = this.#context;
    const before = touches();
    try {
      return handler();
    } finally {
      const clean = touches() === before;
      runs.set(key, clean ? (runs.get(key) ?? 0) + 1 : Number.NEGATIVE_INFINITY);
    }
  }

  #unguarded(key: string, name: string, handler: () => string | undefined): string | undefined {
    const { touches, abandon } = this.#context;
    const before = touches();
    let failed = true;
    try {
      const item = handler();
      failed = false;
      return item;
    } finally {
      if (touches() !== before) {
        runs.set(key, Number.NEGATIVE_INFINITY);
        if (failed)
          abandon(`The handler of "${name}" has used storage for the first time, and failed.`);
      }
    }
  }
}
