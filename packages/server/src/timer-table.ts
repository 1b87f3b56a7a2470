/**
 * The timers of a room as rows: one row a timer, found by its name, or as the next to ring.
 *
 * Names that begin with "$" are the room's own: `$alarm` is what user code set with
 * `ctx.storage.setAlarm`, `$deadline` an end that was moved, `$end` an end that was asked for.
 * To find the first of a few timers, all are read: that is a thousand times cheaper than a row
 * that is written. A room that has to read many makes an index, which costs a row with each that
 * is set or moved from then on.
 * The room's bill rides on each row that is written: an empty room that ticks keeps its bill, too.
 */
import type { Tables } from "./tables.ts";
import type { TimerSpec } from "./timer-when.ts";

const TABLE = "greenroom_timers";
const COLUMNS =
  "(name TEXT PRIMARY KEY, due INTEGER NOT NULL, next INTEGER, attempt INTEGER NOT NULL, spec TEXT NOT NULL, payload TEXT NOT NULL, error TEXT NOT NULL, bill TEXT NOT NULL) WITHOUT ROWID";
/** So many are read without an index. */
const FEW = 64;
/** When a timer rings next; a failed one, never. */
const NEXT = "ifnull(next, 9e15)";
const ORDER = `ORDER BY ${NEXT}, due, name`;
const KEEPS = "instr(spec, 'keepAlive')";

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
  /** What the last try failed with; empty when none has. */
  readonly error: string;
}

/** Where a timer stands among the others. */
export type Place = Pick<TimerRow, "name" | "due" | "next">;

type Stored = Omit<TimerRow, "spec"> & { spec: string; bill: string } & Record<
    string,
    SqlStorageValue
  >;

/** When the first timer rings, and until when timers keep the room; null when none does. */
interface Span extends Record<string, SqlStorageValue> {
  readonly first: number | null;
  readonly kept: number | null;
}

/** The timers of one room's storage. */
export class TimerTable {
  readonly #tables: Tables;
  readonly #bill: () => string;
  /** Some that were asked for in this wake: those of the room's own are, with each message. */
  readonly #known = new Map<string, TimerRow | undefined>();
  #span: Span | undefined;

  constructor(tables: Tables, bill: () => string) {
    this.#tables = tables;
    this.#bill = bill;
  }

  get(name: string): TimerRow | undefined {
    const known = this.#known;
    if (known.size > FEW) known.clear();
    if (!known.has(name)) known.set(name, this.#rows("name = ?", name)[0]);
    return known.get(name);
  }

  /** The timers that are due, in the order of their times. */
  due(until: number): TimerRow[] {
    return this.#rows(`${NEXT} <= ? ${ORDER}`, until);
  }

  /** Timers of user code in the order in which they ring, the failed ones last: so many, or with -1 all, behind a place. */
  page(limit: number, after: Place = { next: -9e15, due: 0, name: "" }): TimerRow[] {
    return this.#rows(
      // The room's own stand before "@", and all letters behind it.
      `name > '@' AND ${NEXT} >= ?1 AND (${NEXT}, due, name) > (?1, ?2, ?3) ${ORDER} LIMIT ?4`,
      after.next ?? 9e15,
      after.due,
      after.name,
      limit,
    );
  }

  /** The names of those that begin with `prefix`. */
  names(prefix: string): string[] {
    return this.#rows("name > ? AND name < ?", prefix, `${prefix}\uffff`).map(({ name }) => name);
  }

  /** The bills that were found with the timers; of many, with those that ring first. */
  bills(): string[] {
    return this.#rows(`1 ${ORDER} LIMIT ${FEW}`).map(({ bill }) => bill);
  }

  /** The payload of a timer, as JSON. */
  payload(name: string): string {
    const query = `SELECT payload FROM ${TABLE} WHERE name = ?`;
    return this.#tables.rows<{ payload: string }>(query, name)[0]?.payload ?? "null";
  }

  /** Writes a timer; one row. Without a payload it keeps the one that it has. */
  put(row: TimerRow, payload: string | null = null): void {
    const { name, due, next, attempt, spec, error } = row;
    this.#tables.ensure(TABLE, COLUMNS);
    this.#tables.run(
      `INSERT OR REPLACE INTO ${TABLE} VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, (SELECT payload FROM ${TABLE} WHERE name = ?1), 'null'), ?7, ?8)`,
      name,
      due,
      next,
      attempt,
      JSON.stringify(spec),
      payload,
      error,
      this.#bill(),
    );
    const span = this.#span;
    // What the others tell stays as it is. Whoever puts a timer has asked for it, or it has run.
    this.#span =
      span && !this.#known.get(name) && !spec.keepAlive
        ? { ...span, first: Math.min(span.first ?? Infinity, next ?? Infinity) }
        : undefined;
    this.#known.set(name, row);
  }

  /** Removes a timer; one row. Says whether there was one. */
  remove(name: string): boolean {
    if (!this.get(name)) return false;
    this.#tables.run(`DELETE FROM ${TABLE} WHERE name = ?`, name);
    this.#known.set(name, undefined);
    this.touch();
    return true;
  }

  /** When the first rings, but for those that run, and until when timers keep the room. */
  span(running: ReadonlyMap<string, unknown>): Span {
    return (this.#span ??= this.#look(running));
  }

  /** A timer has begun or ended to run. */
  touch(): void {
    this.#span = undefined;
  }

  /** Forgets what was read: the storage was cleared, or a transaction rolled back. */
  forget(): void {
    this.#known.clear();
    this.touch();
  }

  /** Reads what `span` tells; where that takes many rows, the next time finds an index. */
  #look(running: ReadonlyMap<string, unknown>): Span {
    const tables = this.#tables;
    if (!tables.has(TABLE)) return { first: null, kept: null };
    const [span] = tables.rows<Span>(
      `SELECT (SELECT min(${NEXT}) FROM ${TABLE} WHERE NOT instr(?, '\n' || name || '\n')) AS first, (SELECT max(next) FROM ${TABLE} WHERE ${KEEPS}) AS kept`,
      `\n${[...running.keys()].join("\n")}\n`, // no name has a line break
    );
    if (tables.read > 2 * FEW) {
      tables.ensure(`${TABLE}_first`, `ON ${TABLE} (${NEXT}, due)`, "INDEX");
      tables.ensure(`${TABLE}_kept`, `ON ${TABLE} (next) WHERE ${KEEPS}`, "INDEX");
    }
    return span as Span; // SAFETY: there is always one row
  }

  #rows(where: string, ...bindings: (string | number)[]): (TimerRow & { readonly bill: string })[] {
    if (!this.#tables.has(TABLE)) return [];
    const query = `SELECT name, due, next, attempt, spec, error, bill FROM ${TABLE} WHERE ${where}`;
    // SAFETY: the column holds what `put` was given.
    return this.#tables
      .rows<Stored>(query, ...bindings)
      .map((row) => ({ ...row, spec: JSON.parse(row.spec) as TimerSpec }));
  }
}
