// The counter and the silence of the hand-written rooms.

export const COUNTER = "CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, n INTEGER)";
export const COUNT = "INSERT INTO counter VALUES (1, 1) ON CONFLICT DO UPDATE SET n = n + 1";
export const HALF_HOUR: number = 30 * 60_000;
