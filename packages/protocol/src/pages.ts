/**
 * Pages: older entries of the log, as a client asks for them. A question and its answer as they
 * travel. Pure.
 */
import { type Entry, type Fault, isEntry, isFault } from "./frames.ts";
import { isCount } from "./hello.ts";

/** What a client asks for: at most `limit` entries before `seq`. */
export interface PageRequest {
  /** The client's own, from 1: the answer has it, too. */
  readonly id: number;
  readonly seq: number;
  readonly limit: number;
}

/** The answer: entries, dense from `seq`, or why there are none. */
export type Page =
  | { readonly id: number; readonly seq: number; readonly entries: readonly Entry[] }
  | { readonly id: number; readonly fault: Fault };

/** Writes the question. */
export function encodePageRequest({ id, seq, limit }: PageRequest): string {
  return JSON.stringify(["b", id, seq, limit]);
}

/** Reads the question; `undefined` where it is none. */
export function readPageRequest(text: string): PageRequest | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined; // not JSON: no question
  }
  const [, id, seq, limit] = Array.isArray(frame) ? (frame as unknown[]) : [];
  return isCount(id) && isCount(seq) && isCount(limit) ? { id, seq, limit } : undefined;
}

/** Reads the item that answers; `undefined` for one of a later version, or of the wrong shape. */
export function readPage([, id, second, ...entries]: readonly unknown[]): Page | undefined {
  if (!isCount(id)) return undefined;
  if (isFault(second)) return { id, fault: second };
  return isCount(second) && entries.every(isEntry) ? { id, seq: second, entries } : undefined;
}
