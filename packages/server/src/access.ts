/**
 * Who is shut out of a room: banned users, and everybody while it is locked.
 *
 * One small table of its own, created by the first ban or lock and gone with the room: a room that
 * bans nobody reads and writes nothing for it.
 */
import { badOption } from "@greenroom/protocol";

import type { Denial } from "./accept.ts";
import type { Tables } from "./tables.ts";

const TABLE = "greenroom_access";
const COLUMNS =
  "(name TEXT PRIMARY KEY, until INTEGER, reason TEXT NOT NULL, inside TEXT NOT NULL) WITHOUT ROWID";
/** The row of the lock; those of bans begin otherwise. */
const LOCK = "lock";
const BAN = "ban:";

/** How a user is banned. */
export interface BanOptions {
  /** In ms; `Infinity` is for as long as the room lives. @default Infinity */
  readonly for?: number;
  /** What the user may read; at most 100 bytes of it arrive. */
  readonly reason?: string;
}

type Row = { name: string; until: number | null; reason: string; inside: string };

/** Bans and the lock of one room. */
export class Access {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Why somebody stays outside; `person` is the user, or the member's id where there is none. */
  denial(person: string, now: number): Denial | undefined {
    const rows = this.#rows(BAN + person, LOCK);
    const ban = rows.find(({ name, until }) => name !== LOCK && (until === null || until > now));
    if (ban) return { code: "banned", reason: ban.reason || undefined };
    const lock = rows.find(({ name }) => name === LOCK);
    if (!lock || insideOf(lock).includes(person)) return undefined;
    return { code: "locked", reason: lock.reason || undefined };
  }

  /** Bans somebody; one row, and one less for each ban that has ended. */
  ban(person: string, now: number, { for: ms = Infinity, reason = "" }: BanOptions): void {
    if (typeof ms !== "number" || !(ms >= 0)) {
      throw badOption("ban: for", ms, "ms");
    }
    this.#tables.ensure(TABLE, COLUMNS);
    this.#tables.run(`DELETE FROM ${TABLE} WHERE until <= ?`, now);
    this.#put(BAN + person, ms === Infinity ? null : Math.ceil(now + ms), reason, []);
  }

  unban(person: string): void {
    this.#remove(BAN + person);
  }

  /** Locks the room for all but those who are in; who was in at an earlier lock still is. */
  lock(inside: readonly string[], reason: string): void {
    this.#tables.ensure(TABLE, COLUMNS);
    const before = this.#rows(LOCK).flatMap(insideOf);
    this.#put(LOCK, null, reason, [...new Set([...before, ...inside])]);
  }

  unlock(): void {
    this.#remove(LOCK);
  }

  #rows(...names: string[]): Row[] {
    if (!this.#tables.has(TABLE)) return [];
    const wanted = names.map(() => "?").join();
    const query = `SELECT * FROM ${TABLE} WHERE name IN (${wanted})`;
    return this.#tables.rows<Row>(query, ...names);
  }

  #put(name: string, until: number | null, reason: string, inside: readonly string[]): void {
    const query = `INSERT OR REPLACE INTO ${TABLE} VALUES (?, ?, ?, ?)`;
    this.#tables.run(query, name, until, reason, JSON.stringify(inside));
  }

  #remove(name: string): void {
    if (this.#tables.has(TABLE)) this.#tables.run(`DELETE FROM ${TABLE} WHERE name = ?`, name);
  }
}

function insideOf({ inside }: Row): string[] {
  return JSON.parse(inside) as string[]; // SAFETY: the column holds what `lock` was given
}
