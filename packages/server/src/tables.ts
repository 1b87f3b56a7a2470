/**
 * Which of our tables a room has. Nothing is created before the first write, so that a room
 * that was only looked at stores nothing; existence is read from `sqlite_master` once per wake.
 */

/** The part of the platform's SQL storage that features use. */
export interface Sql {
  exec<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: (string | number | null)[]
  ): { toArray(): Row[]; readonly rowsRead: number; readonly rowsWritten: number };
}

const OURS = "FROM sqlite_master WHERE name GLOB 'greenroom*'";
const OTHERS =
  "SELECT 1 FROM sqlite_master WHERE name <> '_cf_METADATA' AND name NOT GLOB '__miniflare*' LIMIT 1";

/** Our tables and their indexes in one room's storage, and the way to their rows. */
export class Tables {
  readonly #sql: Sql;
  #known: Set<string> | undefined;
  /** How many rows the last statement has read. */
  read = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Whether a table or an index exists. */
  has(name: string): boolean {
    return this.#all().has(name);
  }

  /** Whether any of ours exists. */
  any(): boolean {
    return this.#all().size > 0;
  }

  /** Whether anything at all is stored: what the platform keeps for itself, alarms and names, does not count. */
  isEmpty(): boolean {
    return this.rows(OTHERS).length === 0;
  }

  /** Creates a table before its first write, or an index. */
  ensure(name: string, columns: string, kind: "TABLE" | "INDEX" = "TABLE"): void {
    if (this.has(name)) return;
    this.rows(`CREATE ${kind} IF NOT EXISTS ${name} ${columns}`);
    this.#known?.add(name);
  }

  /**
   * Reads a table that is most likely there: what comes behind `SELECT`. The first read of a wake tells
   * with it which tables there are, for a statement of its own would cost as much again.
   */
  of<Row extends Record<string, SqlStorageValue>>(name: string, query: string): Row[] {
    if (this.#known) return this.has(name) ? this.rows<Row>(`SELECT ${query}`) : [];
    try {
      const rows = this.rows<Row & { readonly ours: string }>(
        `SELECT (SELECT group_concat(name) ${OURS}) AS ours, ${query}`,
      );
      if (rows[0]) this.#known = new Set(rows[0].ours.split(","));
      return rows;
    } catch (fault) {
      if (this.has(name)) throw fault;
      return [];
    }
  }

  /** Runs a statement; gives its rows. */
  rows<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: (string | number | null)[]
  ): Row[] {
    const cursor = this.#sql.exec<Row>(query, ...bindings);
    const rows = cursor.toArray();
    this.read = cursor.rowsRead;
    return rows;
  }

  /** Runs a statement that gives no rows. */
  run(query: string, ...bindings: (string | number | null)[]): void {
    this.#sql.exec(query, ...bindings);
  }

  /** Forgets what is known: after a purge, or when a transaction was rolled back. */
  forget(): void {
    this.#known = undefined;
  }

  #all(): Set<string> {
    if (!this.#known) {
      const rows = this.rows<{ name: string }>(`SELECT name ${OURS}`);
      this.#known = new Set(rows.map(({ name }) => name));
    }
    return this.#known;
  }
}
