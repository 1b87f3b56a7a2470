/** Segments: the rows of the log, as they are stored and read. Pure. */
import type { Mark } from "@greenroom/protocol";

/** One entry as the room reads it. */
export interface LogEntry {
  readonly seq: number;
  readonly event: string;
  readonly value: unknown;
  /** When it was published, in ms since 1970. */
  readonly at: number;
}

/** The table of segments. */
export const LOG = "greenroom_log";
export const LOG_COLUMNS = `(k INTEGER PRIMARY KEY, seq INTEGER NOT NULL, count INTEGER NOT NULL, before INTEGER NOT NULL,
  bytes INTEGER NOT NULL, messages INTEGER NOT NULL, at INTEGER NOT NULL, epoch TEXT NOT NULL,
  bill TEXT NOT NULL, marks TEXT NOT NULL, body TEXT NOT NULL)`;

/** The newest segment, without its body. */
export interface Head {
  readonly k: number;
  readonly seq: number;
  readonly count: number;
  /** Bytes of all entries before this segment, since the epoch began. */
  readonly before: number;
  readonly bytes: number;
  readonly messages: number;
  readonly at: number;
  readonly epoch: string;
  readonly bill: string;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly marksSize: number;
}

/** Where a segment begins. */
export interface Start {
  readonly k: number;
  readonly seq: number;
  readonly before: number;
  readonly [column: string]: SqlStorageValue;
}

/** A head as it is read. */
export type HeadRow = Omit<Head, "marks" | "marksSize"> & {
  readonly marks: string;
  readonly [column: string]: SqlStorageValue;
};

/** The marks of a segment as they are read. */
export type MarksRow = Pick<HeadRow, "k" | "marks"> & Record<string, SqlStorageValue>;

/** What is read of a segment for its entries. */
export const BODY = "seq, count, body";

/** The entries of a segment as they are read. */
export interface Row extends Record<string, SqlStorageValue> {
  readonly seq: number;
  readonly count: number;
  readonly body: string;
}

/** Entries that follow each other, as JSON texts joined by commas. */
export interface Piece {
  readonly seq: number;
  readonly count: number;
  readonly entries: string;
}

/** The entries of a segment. */
export function entriesOf({ seq, body }: Row): LogEntry[] {
  const entries = JSON.parse(`[${body}]`) as [string, unknown, number][];
  return entries.map(([event, value, at], index) => ({ seq: seq + index, event, value, at }));
}

/** What a row holds after a seq; `undefined` where that is nothing. */
export function pieceOf({ seq, count, body }: Row, after: number): Piece | undefined {
  const missed = after + 1 - seq;
  if (count === 0 || missed >= count) return undefined; // a row may hold marks alone
  if (missed <= 0) return { seq, count, entries: body };
  const rest = (JSON.parse(`[${body}]`) as unknown[]).slice(missed);
  const entries = rest.map((entry) => JSON.stringify(entry)).join(",");
  return { seq: after + 1, count: count - missed, entries };
}
