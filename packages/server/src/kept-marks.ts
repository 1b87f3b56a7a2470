/**
 * The marks of sessions that have not spoken for long: one row each, the oldest dropped where there
 * are more than the room keeps.
 *
 * A dropped mark must not make a message run twice. So the table remembers that marks were dropped,
 * and who comes back unknown to such a room is taken for one of those (`sessions.ts`).
 */
import { decodeMarks, encodeMarks, type Mark } from "@greenroom/protocol";

import type { Tables } from "./tables.ts";

const TABLE = "greenroom_sessions";
/** `k` is the segment of the log that held the mark: the older, the longer its session is silent. */
const COLUMNS = "(session TEXT PRIMARY KEY, k INTEGER NOT NULL, mark TEXT NOT NULL) WITHOUT ROWID";
/** The row that says that marks were dropped: no session has this id. */
const DROPPED = "";
/** The share of the marks that is dropped at once, so that not every new one costs a search. */
const SHARE = 10;

/** The kept marks of one room. */
export class KeptMarks {
  readonly #tables: Tables;
  readonly #most: number;
  /** How many there are; `undefined` until counted. */
  #count: number | undefined;
  #hasDropped: boolean | undefined;

  constructor(tables: Tables, most: number) {
    this.#tables = tables;
    this.#most = most;
  }

  /** The mark of a session, if it is kept. */
  read(session: string): Mark | undefined {
    const row = this.#row(session);
    return row && decodeMarks(row.mark).get(session);
  }

  /** Whether marks were dropped in this epoch. */
  hasDropped(): boolean {
    this.#hasDropped ??= this.#row(DROPPED) !== undefined;
    return this.#hasDropped;
  }

  /** Keeps the mark of a session, which segment `k` was the last to hold. */
  keep(session: string, mark: Mark, k: number): void {
    this.#tables.ensure(TABLE, COLUMNS);
    const isNew = this.#row(session) === undefined;
    this.#write(session, k, encodeMarks(new Map([[session, mark]])));
    if (this.#most === Infinity || !isNew) return;
    const query = `SELECT count(*) AS n FROM ${TABLE} WHERE session <> ?`;
    this.#count =
      this.#count === undefined
        ? (this.#tables.rows<{ n: number }>(query, DROPPED)[0]?.n ?? 0)
        : this.#count + 1;
    if (this.#count > this.#most) this.#drop();
  }

  /** Forgets what is cached: after a purge, or when a transaction was rolled back. */
  forget(): void {
    this.#count = undefined;
    this.#hasDropped = undefined;
  }

  /** Drops those that are silent for longest. */
  #drop(): void {
    const many = (this.#count ?? 0) - this.#most + Math.floor(this.#most / SHARE);
    this.#tables.run(
      `DELETE FROM ${TABLE} WHERE session IN (SELECT session FROM ${TABLE} WHERE session <> ? ORDER BY k LIMIT ?)`,
      DROPPED,
      many,
    );
    if (!this.hasDropped()) this.#write(DROPPED, 0, "{}");
    this.#hasDropped = true;
    this.#count = (this.#count ?? 0) - many;
  }

  #write(session: string, k: number, mark: string): void {
    this.#tables.run(`INSERT OR REPLACE INTO ${TABLE} VALUES (?, ?, ?)`, session, k, mark);
  }

  #row(session: string): { readonly mark: string } | undefined {
    if (!this.#tables.has(TABLE)) return undefined;
    return this.#tables.rows<{ mark: string }>(
      `SELECT mark FROM ${TABLE} WHERE session = ?`,
      session,
    )[0];
  }
}
