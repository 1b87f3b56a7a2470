// What is sold, as rows of the room's own table.
import type { Lot } from "./contract.ts";

/** The first version of the schema; what is added later is another step. */
export const SCHEMA = `
  CREATE TABLE lots (id INTEGER PRIMARY KEY, title, state DEFAULT 'waiting', price DEFAULT 0, bidder);
  INSERT INTO lots (title) VALUES
    ('The ghost light'), ('A brass key'), ('One velvet curtain'), ('Opera glasses')`;

type Row = Omit<Lot, "bidder"> & { bidder: string | null };

/** All lots, in the order in which they are sold. */
export function lotsOf(sql: SqlStorage): Lot[] {
  const rows = sql.exec<Row>("SELECT * FROM lots ORDER BY id").toArray();
  return rows.map((row) => ({ ...row, bidder: JSON.parse(row.bidder ?? "null") }));
}
