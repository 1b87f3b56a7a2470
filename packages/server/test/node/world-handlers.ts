// The handlers of the room in memory: each says what it is given, and ends in a way of its own.
import type { Route } from "../../src/jobs.ts";
import { refuse } from "../../src/report.ts";
import type { Sql } from "../../src/tables.ts";
import { isNoted } from "./judge.ts";

/** What handlers do in their world. */
export interface Around {
  /** The handler's own SQL. */
  note(key: string): void;
  publish(value: unknown): void;
  /** Waits for its turn; says whether the instance is still there. */
  later(): Promise<boolean>;
}

/** The handler of a message or call. */
export function routeIn(name: string, { note: keep, publish, later }: Around): Route | undefined {
  const plain = (run: Route["run"], kind: Route["kind"] = "message", isAsync = false): Route => ({
    kind,
    isAsync,
    input: (value) => value,
    output: () => undefined,
    run,
  });
  const say = (value: unknown): void => {
    keep(String(value));
    publish(value);
  };
  if (name === "say") return plain((_id, value) => say(value));
  if (name === "ask") {
    return plain((_id, value) => {
      say(value);
      return `answer to ${String(value)}`;
    }, "call");
  }
  if (name === "refused" || name === "broken") {
    return plain((_id, value) => {
      say(value);
      throw name === "refused" ? refuse("no") : new Error("broken");
    });
  }
  if (name !== "later") return undefined;
  return plain(
    async (_id, value) => {
      if (await later()) publish(value);
    },
    "message",
    true,
  );
}

/** Writes what a handler notes, which most messages do not need. */
export function note(sql: Sql, key: string): void {
  if (!isNoted(key)) return;
  sql.exec("CREATE TABLE IF NOT EXISTS done (key TEXT)");
  sql.exec("INSERT INTO done VALUES (?)", key);
}

/** What handlers have noted. */
export function notesIn(sql: Sql): string[] {
  const query = "SELECT name FROM sqlite_master WHERE name = 'done'";
  if (sql.exec<{ name: string }>(query).toArray().length === 0) return [];
  return sql
    .exec<{ key: string }>("SELECT key FROM done")
    .toArray()
    .map(({ key }) => key);
}
