/**
 * A burst: what the messages of one turn have done, before it is written and sent.
 *
 * Plain data and pure functions. A message that fails takes back what it added; at the end the
 * burst is one batch for the log and one frame for each member.
 */
import { encodeEntries, encodeItem, type Mark } from "@greenroom/protocol";

/** Something that leaves with the burst: an entry, or an item for everybody or for some. */
export type Outgoing =
  | { readonly seq: number; readonly entry: string }
  | { readonly item: string; readonly to?: string; readonly except?: string };

/** What a burst has gathered. */
export interface Burst {
  /** JSON texts of entries that are not written yet. */
  entries: string[];
  /** Marks that are not written yet, by public id. */
  marks: Map<string, Mark>;
  /** Accepted messages that are not written yet. */
  messages: number;
  /** Characters gathered since the last write. */
  size: number;
  /** Characters that were gathered before it. */
  sent: number;
  /** What leaves with the burst, in order. */
  outgoing: Outgoing[];
  /** What was answered to whom, in order; the last `taken` is said once. */
  answers: Map<string, { items: string[]; taken: number }>;
}

/** A burst in which nothing has happened. */
export function emptyBurst(): Burst {
  return {
    entries: [],
    marks: new Map(),
    messages: 0,
    size: 0,
    sent: 0,
    outgoing: [],
    answers: new Map(),
  };
}

/** What a failing message takes back. */
export interface Savepoint {
  readonly entries: number;
  readonly outgoing: number;
  readonly messages: number;
  readonly size: number;
}

/** Notes how far a burst has come. */
export function savepoint(burst: Burst): Savepoint {
  const { entries, outgoing, messages, size } = burst;
  return { entries: entries.length, outgoing: outgoing.length, messages, size };
}

/** Takes back what came after a savepoint; marks and answers are only added after a success. */
export function rollBack(burst: Burst, to: Savepoint): void {
  burst.entries.length = to.entries;
  burst.outgoing.length = to.outgoing;
  burst.messages = to.messages;
  burst.size = to.size;
}

/** Notes an answer to a member: an item, or that everything up to `n` is taken. */
export function answer(burst: Burst, id: string, item: string | { readonly taken: number }): void {
  let answers = burst.answers.get(id);
  if (!answers) burst.answers.set(id, (answers = { items: [], taken: 0 }));
  if (typeof item === "string") answers.items.push(item);
  else answers.taken = Math.max(answers.taken, item.taken);
}

/** What a member was answered, as items joined by commas; empty when nothing. */
export function answersFor(burst: Burst, id: string): string {
  const answers = burst.answers.get(id);
  if (!answers) return "";
  const items =
    answers.taken > 0 ? [...answers.items, encodeItem(["a", answers.taken])] : answers.items;
  return items.join(",");
}

/** Whether every member gets the same of what leaves. */
export function isShared(outgoing: readonly Outgoing[]): boolean {
  return outgoing.every(
    (out) => "entry" in out || (out.to === undefined && out.except === undefined),
  );
}

/** What leaves for one member, as items joined by commas; runs of entries become one item. */
export function render(outgoing: readonly Outgoing[], id?: string): string {
  const items: string[] = [];
  let run: string[] = [];
  let first = 0;
  const endRun = (): void => {
    if (run.length > 0) items.push(encodeEntries(first, run.join(",")));
    run = [];
  };
  for (const out of outgoing) {
    if ("entry" in out) {
      if (run.length === 0) first = out.seq;
      run.push(out.entry);
    } else if (
      (out.to === undefined || out.to === id) &&
      (out.except === undefined || out.except !== id)
    ) {
      endRun();
      items.push(out.item);
    }
  }
  endRun();
  return items.join(",");
}
