/**
 * The timers of a room as rows: one row a timer, read once per wake.
 *
 * Names that begin with "$" are the room's own: `$alarm` is what user code set with
 * `ctx.storage.setAlarm`, `$deadline` an end that was moved, `$end` an end that was asked for.
 * There is no index on `next`: reading a row is a thousand times cheaper than writing one.
 * The room's bill rides on each row that is written: an empty room that ticks keeps its bill, too.
 */
import type { Tables } from "./tables.ts";
import type { TimerSpec } from "./timer-when.ts";

const TABLE = "greenroom_timers";
const COLUMNS = `(name TEXT PRIMARY KEY, due INTEGER NOT NULL, next INTEGER, attempt INTEGER NOT NULL,
  spec TEXT NOT NULL, payload TEXT NOT NULL, error TEXT NOT NULL, bill TEXT NOT NULL) WITHOUT ROWID`;

/** One timer, without its payload. */
export interface TimerRow {
  readonly name: string;
  /** The occurrence that it rings for, in ms since 1970. */
  readonly due: number;
  /** When it rings next, which is later than `due` after a failure; null when it rings no more. */
  readonly next: number | null;
  /** Tries that have failed. */
  readonly attempt: number;
  readonly spec: TimerSpec;
  /** JSON. */
  readonly specText: string;
  /** What the last try failed with; empty when none has. */
  readonly error: string;
}

type Stored = Omit<TimerRow, "spec"> & { readonly bill: string } & Record<string, SqlStorageValue>;

/** The timers of one room's storage. */
export class TimerTable {
  readonly #tables: Tables;
  readonly #bill: () => string;
  /** Whether a row was written; a transaction that is rolled back looks at it. */
  isChanged = false;
  #rows: Map<string, TimerRow> | undefined;
  #bills: string[] = [];
  #span: { readonly first: number | null; readonly kept: number } | undefined;

  constructor(tables: Tables, bill: () => string) {
    this.#tables = tables;
    this.#bill = bill;
  }

  /** All timers by name. */
  all(): ReadonlyMap<string, TimerRow> {
    if (this.#rows) return this.#rows;
    this.#rows = new Map();
    this.#bills = [];
    if (!this.#tables.has(TABLE)) return this.#rows;
    const query = `SELECT name, due, next, attempt, spec AS specText, error, bill FROM ${TABLE}`;
    for (const { bill, ...row } of this.#tables.rows<Stored>(query)) {
      this.#bills.push(bill);
      // SAFETY: the column holds what `put` was given.
      this.#rows.set(row.name, { ...row, spec: JSON.parse(row.specText) as TimerSpec });
    }
    return this.#rows;
  }

  get(name: string): TimerRow | undefined {
    return this.all().get(name);
  }

  /** The bills that were found with the timers. */
  bills(): readonly string[] {
    this.all();
    return this.#bills;
  }

  /** The payload of a timer, as JSON. */
  payload(name: string): string {
    const query = `SELECT payload FROM ${TABLE} WHERE name = ?`;
    return this.#tables.rows<{ payload: string }>(query, name)[0]?.payload ?? "null";
  }

  /** Writes a timer; one row. */
  put(
    row: Omit<TimerRow, "spec" | "specText" | "error">,
    spec: TimerSpec = {},
    payload: string = "null",
  ): void {
    const { name, due, next, attempt } = row;
    const specText = JSON.stringify(spec);
    this.#tables.ensure(TABLE, COLUMNS);
    this.#tables.rows(
      `INSERT OR REPLACE INTO ${TABLE} VALUES (?, ?, ?, ?, ?, ?, '', ?)`,
      name,
      due,
      next,
      attempt,
      specText,
      payload,
      this.#bill(),
    );
    this.#change(name, { ...row, spec, specText, error: "" });
  }

  /** Moves a timer to another occurrence or another try; one row. */
  move(row: TimerRow): void {
    const { name, due, next, attempt, error } = row;
    this.#tables.rows(
      `UPDATE ${TABLE} SET due = ?, next = ?, attempt = ?, error = ?, bill = ? WHERE name = ?`,
      due,
      next,
      attempt,
      error,
      this.#bill(),
      name,
    );
    this.#change(name, row);
  }

  /** Removes a timer; one row. Says whether there was one. */
  remove(name: string): boolean {
    if (!this.get(name)) return false;
    this.#tables.rows(`DELETE FROM ${TABLE} WHERE name = ?`, name);
    this.#change(name, undefined);
    return true;
  }

  /** When the first rings, and until when timers keep the room; `leaseOf` is for those that run. */
  span(leaseOf: (name: string) => number | undefined): {
    readonly first: number | null;
    readonly kept: number;
  } {
    if (this.#span) return this.#span;
    let first: number | null = null;
    let kept = 0;
    for (const { name, next, spec } of this.all().values()) {
      if (next === null) continue;
      const at = leaseOf(name) ?? next;
      if (first === null || at < first) first = at;
      if (spec.keepAlive && at > kept) kept = at;
    }
    return (this.#span = { first, kept });
  }

  /** A timer has begun or ended to run. */
  touch(): void {
    this.#span = undefined;
  }

  /** Forgets what was read: the storage was cleared, or a transaction rolled back. */
  forget(): void {
    this.#rows = undefined;
    this.#span = undefined;
  }

  #change(name: string, row: TimerRow | undefined): void {
    const rows = this.all() as Map<string, TimerRow>;
    if (row) rows.set(name, row);
    else rows.delete(name);
    this.isChanged = true;
    this.#span = undefined;
  }
}
