/** Notes which SQL writes rows: on a room that is in memory, for as long as it stays there. */
import type { RowsBySql } from "./expect-cost.ts";

/** Begins to note; what the rooms put in front of the platform's function stays behind this. */
export function noteWrites(sql: SqlStorage): RowsBySql {
  const rows = new Map<string, number>();
  const { exec } = sql;
  const noting: SqlStorage["exec"] = (query, ...bound) => {
    const cursor = exec.call(sql, query, ...bound);
    // A statement has written all that it writes before its first row can be read.
    const { rowsWritten } = cursor;
    if (rowsWritten > 0) rows.set(query, (rows.get(query) ?? 0) + rowsWritten);
    return cursor as never; // SAFETY: the cursor of the same rows
  };
  Object.defineProperty(sql, "exec", { value: noting, configurable: true, writable: true });
  return rows;
}
