/**
 * Migrations: the schema of the room's own tables, as a numbered list.
 *
 * They run before the first use of SQL by the room's code, and not before: a room that was only
 * looked at stores nothing. What ran is one number in one row; a purge takes it along, and so
 * does a transaction that is rolled back, and the next use runs them again.
 */
import { misuse } from "@greenroom/protocol";

import type { Tables } from "./tables.ts";

/** One step: the text of SQL statements, or a function where SQL is not enough. It may not wait. */
export type Migration = string | ((sql: SqlStorage) => void);

const TABLE = "greenroom_schema";
const COLUMNS = "(id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)";

/** What migrations ask of their room. */
export interface MigrationContext {
  /** The class of the room, for messages. */
  readonly room: string;
  /** From the oldest to the newest; what was deployed once must stay as it is. */
  readonly list: readonly Migration[];
  /** Storage as the room's code has it. */
  readonly usersSql: () => SqlStorage;
  readonly tables: Tables;
  transaction<T>(run: () => T): T;
}

/** The migrations of one room. */
export class Migrations {
  readonly #context: MigrationContext;
  #isDone = false;

  constructor(context: MigrationContext) {
    this.#context = context;
  }

  /** Refuses a database that a newer version of the code has made. Throws `schema-newer`. */
  check(): void {
    const { room, list } = this.#context;
    const version = this.#version();
    if (version <= list.length) return;
    throw misuse(
      "schema-newer",
      `The database is at migration ${version}, and ${room} has ${list.length}.`,
    );
  }

  /** Brings the schema up to date. Throws `migration-failed`, or `schema-newer`. */
  run(): void {
    const { list, transaction } = this.#context;
    if (this.#isDone || list.length === 0) return;
    this.check();
    this.#isDone = true; // what the migrations themselves use is not a first use
    try {
      const version = this.#version();
      if (version < list.length) transaction(() => this.#apply(version));
    } catch (fault) {
      this.#isDone = false;
      throw fault;
    }
  }

  /** The storage was cleared, or a transaction rolled back. */
  forget(): void {
    this.#isDone = false;
  }

  #apply(version: number): void {
    const { room, list, usersSql, tables } = this.#context;
    for (const [index, migration] of list.entries()) {
      if (index < version) continue;
      try {
        const result: unknown =
          typeof migration === "string" ? usersSql().exec(migration) : migration(usersSql());
        if (result instanceof Promise) throw new TypeError("It returned a promise.");
      } catch (cause) {
        throw misuse(
          "migration-failed",
          `Migration ${index + 1} of ${room} failed, and the schema stays at ${version}: ${String(cause)}.`,
          { cause },
        );
      }
    }
    tables.ensure(TABLE, COLUMNS);
    tables.run(`INSERT OR REPLACE INTO ${TABLE} VALUES (1, ?)`, list.length);
  }

  #version(): number {
    const { tables } = this.#context;
    if (!tables.has(TABLE)) return 0;
    return tables.rows<{ version: number }>(`SELECT version FROM ${TABLE}`)[0]?.version ?? 0;
  }
}
