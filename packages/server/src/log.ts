/**
 * The log of a room, and everything that commits with it, in one row per burst.
 *
 * Entries live in segments. The newest segment is one row that a burst appends to: its entries,
 * the marks of the sessions whose messages made them, the message counter and its time. A full
 * segment is followed by a new row; once the log holds enough, the new row is the oldest one
 * moved to the front, so that a bounded log costs no deletes. Rows are numbered `k` without
 * gaps: the ends are two point reads on waking, and a seq is found by bisection.
 *
 * It is long because one row is all of this at once: what is written together is decided here.
 */
import { decodeMarks, encodeMarks, type LogSpan, type Mark, NO_MARK } from "@greenroom/protocol";

import { byteLength } from "./accept.ts";
import { KeptMarks } from "./kept-marks.ts";
import type { Account } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import type { LogOptions } from "./log-options.ts";
import { rowsOf } from "./log-rows.ts";
import {
  BODY,
  entriesOf,
  type Head,
  type HeadRow,
  LOG,
  LOG_COLUMNS,
  type LogEntry,
  type MarksRow,
  type Piece,
  pieceOf,
  type Row,
  type Start,
} from "./segments.ts";
import type { Tables } from "./tables.ts";

/** What one write adds. */
export interface Batch {
  /** JSON texts of entries. */
  readonly entries: readonly string[];
  readonly marks: ReadonlyMap<string, Mark>;
  /** How many messages were accepted. */
  readonly messages: number;
  /** What the room has cost, as the meter keeps it. */
  readonly bill?: string;
  /** When, in ms since 1970; what is written without a message does not put off the room's end. */
  readonly at: number;
}

/**
 * Entries and bytes (body and marks each) after which a segment is full: a row of less than a page,
 * for SQLite writes whole pages, and a longer row is a chain of them.
 */
const SEGMENT_ENTRIES = 8;
const SEGMENT_BYTES = 2 * 1024;
/** Marks are looked for in so many of the newest segments; older ones are copied to a table. */
const HORIZON = 256;
/** How many segments one query reads for their marks. */
const MARKS_READ = 32;
/** How many segments are read together where they are likely to be asked for: more than 50 entries have. */
const NEAR = 8;

/** One room's log. */
export class Log {
  readonly #tables: Tables;
  readonly #options: Required<LogOptions>;
  readonly #marks: KeptMarks;
  /** `undefined` until read; null when nothing was ever kept. */
  #head: Head | null | undefined;
  #tail: Start | undefined;
  /** Where the segments begin that this instance began. */
  readonly #starts = new Map<number, Start>();
  /** Marks of older segments that were read, and how far down. */
  readonly #older = new Map<string, { readonly mark: Mark; readonly k: number }>();
  #readDownTo = Number.POSITIVE_INFINITY;

  /** `sessions` is how many marks are kept of those whose messages the log does not hold any more. */
  constructor(tables: Tables, options: Required<LogOptions>, sessions: number = LIMITS.sessions) {
    this.#marks = new KeptMarks(tables, sessions);
    this.#tables = tables;
    this.#options = options;
  }

  /** What the log holds. */
  span(): LogSpan {
    const head = this.#load();
    return { epoch: this.epoch, tail: head ? this.#oldest().seq : 1, head: this.head };
  }

  /** The epoch of what the log holds; null when nothing was ever kept. */
  get epoch(): string | null {
    return this.#load()?.epoch ?? null;
  }

  /** The newest entry; 0 when there is none. */
  get head(): number {
    const head = this.#load();
    return head ? head.seq + head.count - 1 : 0;
  }

  /** The counter that rides on the newest row. */
  account(): Account {
    return this.#load() ?? { messages: 0, at: 0 };
  }

  /** The mark of a session. */
  mark(session: string): Mark {
    const head = this.#load();
    if (!head) return NO_MARK;
    const recent = head.marks.get(session) ?? this.#older.get(session)?.mark;
    if (recent) return recent;
    const horizon = this.#horizon(head);
    while (this.#readDownTo > horizon) {
      this.#readOlder(head);
      const found = this.#older.get(session);
      if (found) return found.mark;
    }
    return this.#marks.read(session) ?? NO_MARK;
  }

  /** Whether marks were dropped in this epoch, because there were more sessions than are kept. */
  hasDropped(): boolean {
    return this.#marks.hasDropped();
  }

  /**
   * Writes a batch: one row, or as many as it is too large for, and one more for each mark that would
   * be lost with an old segment.
   */
  write(batch: Batch): void {
    for (const row of rowsOf(batch)) this.#writeRow(row);
  }

  /**
   * The entries after a seq, as JSON texts joined by commas, one piece a segment: as many of the
   * first as it takes to have `most` characters.
   */
  pieces(after: number, most: number): Piece[] {
    const head = this.#load();
    const pieces: Piece[] = [];
    if (!head || after >= head.seq + head.count - 1) return pieces;
    // As many together as are likely to have so much.
    const together = Math.min(NEAR, Math.ceil((most * head.k) / head.before));
    let size = 0;
    for (let k = this.#find(head, after + 1); k <= head.k && size < most; k += together) {
      for (const row of this.#read<Row>(BODY, k, k + together - 1)) {
        const piece = size < most && pieceOf(row, after);
        if (!piece) continue;
        pieces.push(piece);
        size += piece.entries.length;
      }
    }
    return pieces;
  }

  /** At most `limit` entries after a seq, oldest first. */
  after(seq: number, limit: number): LogEntry[] {
    const found: LogEntry[] = [];
    const head = this.#load();
    if (!head) return found;
    for (let k = this.#find(head, seq + 1); k <= head.k && found.length < limit; k++) {
      found.push(...this.#entries(k).filter((entry) => entry.seq > seq));
    }
    return found.slice(0, limit);
  }

  /** At most `limit` entries before a seq, oldest first: the newest of them. */
  before(seq: number, limit: number): LogEntry[] {
    const found: LogEntry[] = [];
    const head = this.#load();
    if (!head) return found;
    const tail = this.#oldest();
    for (let k = this.#find(head, seq - 1); k >= tail.k && found.length < limit; k--) {
      found.unshift(...this.#entries(k).filter((entry) => entry.seq < seq));
    }
    return limit > 0 ? found.slice(-limit) : [];
  }

  /** Forgets what is cached: after a purge, or when a transaction was rolled back. */
  forget(): void {
    this.#marks.forget();
    this.#head = undefined;
    this.#tail = undefined;
    this.#starts.clear();
    this.#older.clear();
    this.#readDownTo = Number.POSITIVE_INFINITY;
  }

  #writeRow(batch: Batch): void {
    const head = this.#load();
    const body = batch.entries.join(",");
    const bytes = body === "" ? 0 : byteLength(body);
    const full =
      head !== null &&
      (head.count + batch.entries.length > SEGMENT_ENTRIES ||
        head.bytes + bytes > SEGMENT_BYTES ||
        head.marksSize > SEGMENT_BYTES);
    if (head && !full) this.#append(head, batch, body, bytes);
    else this.#begin(head, batch, body, bytes);
  }

  #append(head: Head, batch: Batch, body: string, bytes: number): void {
    const comma = head.count > 0 && body !== "" ? "," : "";
    const marks = batch.marks.size === 0 ? head.marks : new Map([...head.marks, ...batch.marks]);
    const marksText = encodeMarks(marks);
    const next: Head = {
      ...head,
      count: head.count + batch.entries.length,
      bytes: head.bytes + comma.length + bytes,
      messages: head.messages + batch.messages,
      at: batch.messages > 0 ? batch.at : head.at,
      bill: batch.bill ?? head.bill,
      marks,
      marksSize: marksText.length,
    };
    this.#tables.run(
      `UPDATE ${LOG} SET count = ?, bytes = ?, messages = ?, at = ?, bill = ?, marks = ?, body = body || ? WHERE k = ?`,
      next.count,
      next.bytes,
      next.messages,
      next.at,
      next.bill,
      marksText,
      comma + body,
      head.k,
    );
    this.#head = next;
  }

  #begin(head: Head | null, batch: Batch, body: string, bytes: number): void {
    this.#tables.ensure(LOG, LOG_COLUMNS);
    const marksText = encodeMarks(batch.marks);
    const next: Head = {
      k: head ? head.k + 1 : 1,
      seq: head ? head.seq + head.count : 1,
      count: batch.entries.length,
      before: head ? head.before + head.bytes : 0,
      bytes,
      messages: (head?.messages ?? 0) + batch.messages,
      at: head && batch.messages === 0 ? head.at : batch.at,
      epoch: head?.epoch ?? crypto.randomUUID().slice(-12),
      bill: batch.bill ?? head?.bill ?? "",
      marks: batch.marks,
      marksSize: marksText.length,
    };
    const reused = head ? this.#trim(head, next) : undefined;
    const { k, seq, count, before, messages, at, epoch, bill } = next;
    const values = [k, seq, count, before, bytes, messages, at, epoch, bill, marksText, body];
    if (reused === undefined) {
      this.#tables.run(`INSERT INTO ${LOG} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ...values);
    } else {
      this.#tables.run(
        `UPDATE ${LOG} SET (k, seq, count, before, bytes, messages, at, epoch, bill, marks, body) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE k = ?`,
        ...values,
        reused,
      );
    }
    if (head)
      for (const [session, mark] of head.marks) this.#older.set(session, { mark, k: head.k });
    for (const session of batch.marks.keys()) this.#older.delete(session);
    if (this.#readDownTo === Number.POSITIVE_INFINITY) this.#readDownTo = k;
    this.#head = next;
    this.#starts.set(k, { k, seq, before });
    this.#tail ??= { k, seq, before };
  }

  /** Drops segments from the tail while the rest is enough; gives the row that may be used again. */
  #trim(head: Head, next: Head): number | undefined {
    const leaving = next.k - HORIZON;
    let reused: number | undefined;
    let tail = this.#oldest();
    if (leaving > tail.k) this.#spill(head, next, leaving);
    while (tail.k < head.k) {
      const second = this.#start(tail.k + 1);
      const enough = next.seq + next.count - second.seq >= this.#options.entries;
      const tooMuch = next.before + next.bytes - tail.before > this.#options.bytes;
      const empty = second.seq === tail.seq && tail.k <= leaving;
      if (!enough && !tooMuch && !empty) break;
      if (tail.k >= leaving) this.#spill(head, next, tail.k);
      if (reused === undefined) reused = tail.k;
      else this.#tables.run(`DELETE FROM ${LOG} WHERE k = ?`, tail.k);
      this.#starts.delete(tail.k);
      tail = second;
    }
    this.#tail = tail;
    return reused;
  }

  /** Copies the marks that a segment is the last to hold. */
  #spill(head: Head, next: Head, k: number): void {
    while (this.#readDownTo > k) this.#readOlder(head);
    for (const [session, { mark, k: where }] of this.#older) {
      if (where !== k || head.marks.has(session) || next.marks.has(session)) continue;
      this.#marks.keep(session, mark, k);
      this.#older.delete(session);
    }
  }

  /** Reads the marks of some more segments, newest first; newer marks stand. */
  #readOlder(head: Head): void {
    const last = Math.min(this.#readDownTo, head.k) - 1;
    const first = Math.max(last - MARKS_READ + 1, this.#oldest().k);
    this.#readDownTo = first;
    for (const { k, marks } of this.#read<MarksRow>("k, marks", first, last).toReversed()) {
      for (const [session, mark] of decodeMarks(marks)) {
        if (!head.marks.has(session) && !this.#older.has(session))
          this.#older.set(session, { mark, k });
      }
    }
  }

  #horizon(head: Head): number {
    return Math.max(this.#oldest().k, head.k - HORIZON + 1);
  }

  /** The segment that holds a seq, or the nearest one. */
  #find(head: Head, seq: number): number {
    if (seq >= head.seq) return head.k;
    let low = this.#oldest().k;
    let high = head.k - 1;
    // Most come back to the newest entries: where those begin is read at once.
    const near = Math.max(low, head.k - NEAR);
    if (this.#start(near, high).seq <= seq) low = near;
    else high = Math.max(low, near - 1);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#start(middle).seq <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where segment `k` begins; those up to `last` are read with it. */
  #start(k: number, last: number = k): Start {
    const known = this.#starts.get(k);
    if (known) return known;
    for (const row of this.#read<Start>("k, seq, before", k, last)) this.#starts.set(row.k, row);
    return this.#starts.get(k) as Start; // SAFETY: k runs from the tail to the head without gaps
  }

  #read<T extends Record<string, SqlStorageValue>>(what: string, first: number, last: number): T[] {
    const query = `SELECT ${what} FROM ${LOG} WHERE k BETWEEN ? AND ? ORDER BY k`;
    return this.#tables.rows<T>(query, first, last);
  }

  #entries(k: number): LogEntry[] {
    const [row] = this.#read<Row>(BODY, k, k);
    return row ? entriesOf(row) : [];
  }

  #load(): Head | null {
    if (this.#head !== undefined) return this.#head;
    const [head] = this.#tables.of<HeadRow>(
      LOG,
      `k, seq, count, before, bytes, messages, at, epoch, bill, marks FROM ${LOG} ORDER BY k DESC LIMIT 1`,
    );
    if (!head) return (this.#head = null);
    this.#readDownTo = head.k;
    this.#head = { ...head, marks: decodeMarks(head.marks), marksSize: head.marks.length };
    return this.#head;
  }

  /** Where the oldest segment begins, where there is one: most messages do without it. */
  #oldest(): Start {
    const query = `SELECT k, seq, before FROM ${LOG} ORDER BY k LIMIT 1`;
    // SAFETY: asked for where there is a head, and so a segment.
    return (this.#tail ??= this.#tables.rows<Start>(query)[0] as Start);
  }
}
