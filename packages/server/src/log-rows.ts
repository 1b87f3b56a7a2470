/** What of a batch goes into one row: the platform takes none over 2 MB, and stores nothing of one that is. Pure. */
import { encodeMarks, type Mark } from "@greenroom/protocol";

import { byteLength } from "./accept.ts";
import type { Batch } from "./log.ts";

/** Bytes of entries and marks in one row. A single entry, or the mark of one session, may have 1 MiB. */
const ROW = 768 * 1024;
/** A character has three bytes at most. */
const SURELY = ROW / 3;

/** A batch in as many parts as it takes; nearly always it is the one that was given. */
export function rowsOf(batch: Batch): readonly Batch[] {
  if (charactersOf(batch) <= SURELY) return [batch];
  const { at } = batch;
  const rows: { entries: string[]; marks: Map<string, Mark>; messages: number; at: number }[] = [];
  let size = Infinity;
  const rowFor = (text: string): (typeof rows)[number] => {
    const bytes = byteLength(text);
    if (size + bytes > ROW) {
      rows.push({ entries: [], marks: new Map(), messages: 0, at });
      size = 0;
    }
    size += bytes;
    return rows.at(-1) as (typeof rows)[number]; // SAFETY: the first text has made the first row
  };
  for (const entry of batch.entries) rowFor(entry).entries.push(entry);
  for (const [id, mark] of batch.marks) {
    rowFor(encodeMarks(new Map([[id, mark]]))).marks.set(id, mark);
  }
  // The count and the bill stand in the newest row.
  const newest = rows.pop();
  return [...rows, { ...batch, ...newest, messages: batch.messages }];
}

function charactersOf({ entries, marks }: Batch): number {
  let size = 0;
  for (const entry of entries) size += entry.length;
  for (const { outcomes } of marks.values()) {
    size += 64; // its session's id, its numbers and commas
    for (const { item } of outcomes) size += item.length;
  }
  return size;
}
