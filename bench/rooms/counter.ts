// The counter, the silence and the log of the hand-written rooms.

export const COUNTER = "CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, n INTEGER)";
export const COUNT = "INSERT INTO counter VALUES (1, 1) ON CONFLICT DO UPDATE SET n = n + 1";
export const HALF_HOUR: number = 30 * 60_000;

const LOG = "CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, text TEXT)";

/** A log by hand: a row a message, and whoever comes with `?since=N` is sent what came after. */
export class HandLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(LOG);
  }

  append(text: string | ArrayBuffer | ArrayBufferView): void {
    this.#sql.exec("INSERT INTO log (text) VALUES (?)", text);
  }

  /** So many messages at once, for a run that begins with a long log. */
  fill(request: Request): Response {
    const count = Number(new URL(request.url).searchParams.get("fill"));
    this.#sql.exec(
      `INSERT INTO log (text) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?)
       SELECT '{"from":0,"text":"' || hex(zeroblob(50)) || '"}' FROM c`,
      count,
    );
    return Response.json({ count });
  }

  /** Sends a newcomer what it has missed, where it says so. */
  catchUp(socket: { send(text: string): void }, request: Request): void {
    const since = new URL(request.url).searchParams.get("since");
    if (since === null) return;
    const rows = this.#sql.exec<{ text: string }>(
      "SELECT text FROM log WHERE n > ? ORDER BY n",
      Number(since),
    );
    for (const { text } of rows) socket.send(text);
  }
}
