// Rules L of the log's storage, against a model, over SQLite in Node.
import { advance, type Mark, NO_MARK } from "@greenroom/protocol";
import { describe, expect, test } from "vitest";

import { checkLog, logOptions } from "../../src/log-options.ts";
import { Log } from "../../src/log.ts";
import type { LogEntry } from "../../src/segments.ts";
import { Tables } from "../../src/tables.ts";
import { nodeStorage, seeded } from "./node-sql.ts";

/** A log over a new database, which can be closed and opened again. */
function openLog(options: Parameters<typeof logOptions>[0]) {
  const storage = nodeStorage();
  const open = (): Log => new Log(new Tables(storage.sql), logOptions(options));
  return { storage, open };
}

const entry = (text: string): string => JSON.stringify(["said", text, 1]);

describe("[L4] a batch that is too large for one row is written in several", () => {
  const large = (size: number): string => entry("\u{20ac}".repeat(size / 3));
  const marked = (length: number): Mark =>
    advance(NO_MARK, 7, [{ n: 7, item: JSON.stringify(["v", 7, "\u{20ac}".repeat(length / 3)]) }]);
  const MARKS = new Map(Array.from({ length: 60 }, (_, i) => [`session-${i}`, marked(60_000)]));

  test.each([
    ["its entries", Array.from({ length: 12 }, () => large(300_000)), new Map<string, Mark>()],
    ["its marks", [entry("small")], MARKS],
    ["one entry and one mark", [large(1_048_000)], new Map([["one", marked(1_000_000)]])],
    ["both", Array.from({ length: 3 }, () => large(1_048_000)), MARKS],
  ])("by %s", (_what, entries, marks) => {
    const { storage, open } = openLog({ bytes: 64 * 1024 * 1024 });
    const log = open();
    log.write({ entries: [entry("before")], marks: new Map(), messages: 1, at: 1 });
    log.write({ entries, marks, messages: 3, at: 2, bill: "a bill" });
    log.write({ entries: [entry("after")], marks: new Map(), messages: 1, at: 3 });
    const rows = storage.sql.exec<{ size: number }>(
      "SELECT length(CAST(body AS BLOB)) + length(CAST(marks AS BLOB)) AS size FROM greenroom_log",
    );
    for (const { size } of rows.toArray()) expect(size).toBeLessThan(1_100_000);
    const read = open();
    expect(read.span()).toMatchObject({ tail: 1, head: entries.length + 2 });
    expect(read.account()).toMatchObject({ messages: 5, at: 3, bill: "a bill" });
    const values = [entry("before"), ...entries, entry("after")];
    const told = read.after(0, 1_000).map(({ value, at: when }) => ["said", value, when]);
    expect(told.map((each) => JSON.stringify(each)).join() === values.join()).toBe(true);
    for (const [id, mark] of marks) expect(read.mark(id)).toEqual(mark);
  });
});

describe("[L1] [L3] [L4] [L5] [S3] the log against a model", () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))("seed %i", (seed) => {
    const random = seeded(seed);
    const upTo = (n: number): number => Math.floor(random() * n);
    const keep = 1 + upTo(200);
    const bytes = random() < 0.3 ? 500 + upTo(5_000) : 4_000_000;
    const { storage, open } = openLog({ entries: keep, bytes });
    let log = open();
    const all: LogEntry[] = [];
    const marks = new Map<string, Mark>();
    let messages = 0;
    const people = 1 + upTo(300);
    let largest = 0;

    for (let step = 0; step < 300; step++) {
      const size = random() < 0.2 ? upTo(60) : random() < 0.1 ? 0 : 1;
      const texts = Array.from({ length: size }, () =>
        "x".repeat(upTo(random() < 0.05 ? 3_000 : 60)),
      );
      const moved = new Map<string, Mark>();
      for (let i = 0; i < 1 + upTo(3); i++) {
        const id = `session-${upTo(people)}`;
        const n = (marks.get(id)?.n ?? 0) + 1 + upTo(2);
        const outcomes =
          random() < 0.3 ? [{ n, item: JSON.stringify(["v", n, "y".repeat(upTo(200))]) }] : [];
        const mark = advance(log.mark(id), n, outcomes);
        moved.set(id, mark);
        marks.set(id, mark);
      }
      messages += 1;
      log.write({ entries: texts.map(entry), marks: moved, messages: 1, at: step });
      for (const text of texts)
        all.push({ seq: all.length + 1, event: "said", value: text, at: 1 });
      largest = Math.max(largest, size);
      if (random() < 0.1) log = open();
    }

    const { tail, head, epoch } = log.span();
    expect(head).toBe(all.length);
    expect(epoch).toMatch(/^[\w-]{12}$/);
    expect(log.account()).toMatchObject({ messages, at: 299 });
    const kept = all.slice(tail - 1);
    const size = (entries: readonly LogEntry[]): number =>
      entries.reduce((sum, { value }) => sum + String(value).length + 13, 0);
    // At least what was asked for while it fits, and at most one segment more.
    if (size(all.slice(-keep)) < bytes / 2)
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(keep, all.length));
    expect(kept.length).toBeLessThanOrEqual(keep + 32 + largest);
    expect(size(kept)).toBeLessThanOrEqual(bytes + 8 * 1_024 + 3_100 + largest * 80);

    for (let i = 0; i < 20; i++) {
      const seq = upTo(head + 3);
      const limit = upTo(90);
      const before = kept.filter((each) => each.seq < seq);
      expect(log.before(seq, limit)).toEqual(limit === 0 ? [] : before.slice(-limit));
      expect(log.after(seq, limit)).toEqual(kept.filter((each) => each.seq > seq).slice(0, limit));
      const pieces = log.pieces(Math.max(seq, tail - 1), Infinity);
      const most = 1 + upTo(2_000);
      const some = log.pieces(Math.max(seq, tail - 1), most);
      expect(some).toEqual(pieces.slice(0, some.length));
      const length = some.slice(0, -1).reduce((sum, { entries }) => sum + entries.length, 0);
      expect(length).toBeLessThan(most);
      if (some.length < pieces.length)
        expect(length + some.at(-1)!.entries.length).toBeGreaterThanOrEqual(most);
      const read = pieces.flatMap((piece) => {
        const entries = JSON.parse(`[${piece.entries}]`) as [string, string, number][];
        // A piece without entries would be no item that can be read.
        expect(entries).toHaveLength(Math.max(1, piece.count));
        return entries.map(([event, value, at], index) => ({
          seq: piece.seq + index,
          event,
          value,
          at,
        }));
      });
      expect(read).toEqual(kept.filter((each) => each.seq > Math.max(seq, tail - 1)));
    }
    for (const reopened of [log, open()]) {
      for (const [id, mark] of marks) expect(reopened.mark(id), id).toEqual(mark);
      expect(reopened.mark("a stranger")).toEqual(NO_MARK);
    }
    storage.commit();
  });
});

test("[L4] a bounded log costs no deletes: a full one overwrites its oldest row", () => {
  const { storage, open } = openLog({ entries: 64 });
  const log = open();
  const mark = (n: number): Map<string, Mark> => new Map([["one", { n, floor: 0, outcomes: [] }]]);
  for (let n = 1; n <= 2_000; n++)
    log.write({ entries: [entry("x")], marks: mark(n), messages: 1, at: n });
  const writes = storage.statements.filter((statement) =>
    /^\s*(INSERT|UPDATE|DELETE)/.test(statement),
  );
  expect(writes).toHaveLength(2_000);
  expect(writes.filter((statement) => statement.includes("DELETE"))).toEqual([]);
});

test("[L4] waking reads a stated number of rows, however long the log is", () => {
  for (const length of [100, 20_000]) {
    const { storage, open } = openLog({ entries: length });
    const log = open();
    for (let n = 1; n <= length; n++)
      log.write({ entries: [entry("x")], marks: new Map(), messages: 1, at: n });
    storage.statements.length = 0;
    const woken = open();
    expect(woken.span().head).toBe(length);
    woken.after(length - 5, 10);
    // The tables, the head, the tail, a bisection of the segments, and the two that are asked for.
    const bisection = Math.ceil(Math.log2(length / 8)) + 1;
    expect(storage.statements.length).toBeLessThanOrEqual(5 + bisection);
  }
});

test("an option of the log that cannot be is an error that names it", () => {
  for (const options of [
    { history: -1 },
    { entries: 0 },
    { bytes: 1.5 },
    { entries: Number.NaN },
  ]) {
    const [name] = Object.keys(options);
    expect(() => checkLog(logOptions(options))).toThrow(`log.${name} is`);
  }
  expect(() => checkLog(logOptions({ history: "snapshot" }))).not.toThrow();
});
