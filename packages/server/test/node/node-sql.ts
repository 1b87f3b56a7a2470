// The platform's SQL storage over SQLite in Node, for tests of features without workerd.
import { DatabaseSync } from "node:sqlite";

import type { Sql } from "../../src/tables.ts";

/** A database that can crash: what was not committed is gone. */
export interface NodeStorage {
  readonly sql: Sql;
  /** The same contract as the platform's: nests, and rolls back on a throw. */
  transactionSync<T>(run: () => T): T;
  /** Makes everything so far durable. */
  commit(): void;
  /** Forgets everything since the last commit. */
  crash(): void;
  /** Drops everything there is. */
  deleteAll(): void;
  /** Statements that have run. */
  readonly statements: string[];
}

/** An empty database in memory. */
export function nodeStorage(): NodeStorage {
  const database = new DatabaseSync(":memory:");
  const statements: string[] = [];
  database.exec("BEGIN");
  let depth = 0;
  return {
    statements,
    sql: {
      exec: (query, ...bindings) => {
        statements.push(query);
        const rows = database.prepare(query).all(...bindings);
        // SAFETY: the caller names the row it asks for, as with the platform's own `exec`.
        return {
          toArray: () => rows.map((row) => ({ ...row })) as never[],
          rowsRead: rows.length,
          rowsWritten: 0,
        };
      },
    },
    transactionSync(run) {
      const name = `s${(depth += 1)}`;
      database.exec(`SAVEPOINT ${name}`);
      try {
        const result = run();
        database.exec(`RELEASE ${name}`);
        return result;
      } catch (fault) {
        database.exec(`ROLLBACK TO ${name}`);
        database.exec(`RELEASE ${name}`);
        throw fault;
      } finally {
        depth -= 1;
      }
    },
    commit: () => database.exec("COMMIT; BEGIN"),
    crash: () => database.exec("ROLLBACK; BEGIN"),
    deleteAll() {
      const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      for (const { name } of rows) database.exec(`DROP TABLE "${String(name)}"`);
    },
  };
}

/** A seeded source of chance: the same seed gives the same numbers (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
