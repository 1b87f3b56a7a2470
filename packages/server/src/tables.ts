/**
 * Which of our tables a room has. Nothing is created before the first write, so that a room
 * that was only looked at stores nothing; existence is read from `sqlite_master` once per wake.
 */

/** The part of the platform's SQL storage that features use. */
export interface Sql {
  exec<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: (string | number | null)[]
  ): { toArray(): Row[]; readonly rowsWritten: number };
}

/** Our tables in one room's storage. */
export class Tables {
  readonly #sql: () => Sql;
  #known: Set<string> | undefined;

  constructor(sql: () => Sql) {
    this.#sql = sql;
  }

  /** Whether a table exists. */
  has(name: string): boolean {
    return this.#all().has(name);
  }

  /** Whether any of ours exists. */
  any(): boolean {
    return this.#all().size > 0;
  }

  /** Creates a table before its first write. */
  ensure(name: string, columns: string): void {
    if (this.has(name)) return;
    this.#sql().exec(`CREATE TABLE IF NOT EXISTS ${name} ${columns}`);
    this.#known?.add(name);
  }

  /** Forgets what is known: after a purge, or when a transaction was rolled back. */
  forget(): void {
    this.#known = undefined;
  }

  #all(): Set<string> {
    if (!this.#known) {
      const rows = this.#sql().exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'greenroom%'",
      );
      this.#known = new Set(rows.toArray().map((row) => row.name));
    }
    return this.#known;
  }
}
