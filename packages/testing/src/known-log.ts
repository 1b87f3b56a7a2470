/** A room's log as its clients know it together, put together from what each was given. Pure. */
import type { Findings } from "./findings.ts";
import type { ClientHistory, HeardEntry } from "./history.ts";

/** An entry, and who was given it first. */
interface KnownEntry extends HeardEntry {
  readonly by: string;
}

/** For each epoch, in order, its entries by seq. */
export type KnownLog = ReadonlyMap<string, ReadonlyMap<number, KnownEntry>>;

/** Follows each client through what it was given, entry by entry; gives all that they know together. */
export function knownLog(clients: readonly ClientHistory[], findings: Findings): KnownLog {
  const log = new Map<string, Map<number, KnownEntry>>();
  clients.forEach((client, index) => follow(client, `client ${index}`, log, findings));
  return log;
}

/** In the end every client that is still there, and was not told that it begins anew, has come to the head of the log. */
export function judgeEnds(
  clients: readonly ClientHistory[],
  log: KnownLog,
  findings: Findings,
): void {
  const [epoch, entries] = [...log].at(-1) ?? ["", new Map<number, KnownEntry>()];
  const head = newest(entries);
  clients.forEach(({ heard, left }, index) => {
    const last = heard.findLast((item) => "resume" in item);
    if (left || (last?.resume === "reset" && (last.epoch ?? "") !== epoch)) return;
    let end = 0;
    for (const item of heard) if ((item.epoch ?? "") === epoch) end = Math.max(end, item.seq);
    if (end >= head) return;
    const text = `client ${index} was given nothing after entry ${end} of ${head}`;
    findings.add("lost", `end ${index}`, text, head - end);
  });
}

/** The keys of a log, in order. */
export function keysOf(log: KnownLog): string[] {
  return [...log.values()].flatMap((entries) =>
    [...entries.values()]
      .toSorted((one, other) => one.seq - other.seq)
      .flatMap(({ key }) => (key === undefined ? [] : [key])),
  );
}

/** How many entries nobody was given, because everybody was told to skip them. */
export function holesOf(log: KnownLog): number {
  let holes = 0;
  for (const entries of log.values()) {
    let oldest = Number.POSITIVE_INFINITY;
    for (const seq of entries.keys()) oldest = Math.min(oldest, seq);
    if (entries.size > 0) holes += newest(entries) - oldest + 1 - entries.size;
  }
  return holes;
}

function follow(
  { heard }: ClientHistory,
  who: string,
  log: Map<string, Map<number, KnownEntry>>,
  findings: Findings,
): void {
  let last: number | undefined;
  for (const item of heard) {
    if ("resume" in item) {
      if (item.resume === "resumed" && last !== undefined && item.seq > last) {
        const text = `${who} was resumed after ${item.seq} and had come to ${last}`;
        findings.add("lost", `gap ${who} ${last}`, text, item.seq - last);
      }
      // Resumed behind its place it would be given again what it has: that is found entry by entry.
      last = item.resume === "reset" ? item.seq : Math.max(last ?? 0, item.seq);
      continue;
    }
    const { seq, key, epoch } = item;
    const entries = log.get(epoch ?? "") ?? new Map<number, KnownEntry>();
    log.set(epoch ?? "", entries);
    const known = entries.get(seq);
    if (!known) entries.set(seq, { ...item, by: who });
    else if (known.key !== key) {
      const text = `entry ${seq} is ${known.key} for ${known.by} and ${key} for ${who}`;
      findings.add("reordered", `entry ${epoch} ${seq}`, text);
    }
    const next = (last ?? seq - 1) + 1;
    if (seq > next) {
      const text = `${who} was given entry ${seq} after ${next - 1}`;
      findings.add("lost", `gap ${who} ${next - 1}`, text, seq - next);
    } else if (seq < next) {
      const wrong = known?.key === key ? "duplicated" : "reordered";
      const text = `${who} was given entry ${seq} (${key}) after ${next - 1}`;
      findings.add(wrong, `again ${who} ${epoch} ${seq}`, text);
    }
    last = Math.max(last ?? seq, seq);
  }
}

function newest(entries: ReadonlyMap<number, HeardEntry>): number {
  let head = 0;
  for (const seq of entries.keys()) head = Math.max(head, seq);
  return head;
}
