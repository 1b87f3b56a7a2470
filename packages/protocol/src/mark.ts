/**
 * A session's mark: its newest carried-out number, and the outcomes that a repeat would ask for.
 *
 * Most numbers have no outcome of their own: at or below the mark means taken. Answers and
 * rejections are kept, as the JSON of the item that was sent, within bounds.
 */

/** The most outcomes that a session's mark keeps. */
export const OUTCOMES_KEPT: number = 32;
/** The most characters that the outcomes of a session's mark have together. */
export const OUTCOME_BYTES: number = 64 * 1024;

/** The newest outcome is kept whatever the others, up to so many characters. */
export const OUTCOME_LARGEST: number = 512 * 1024;

/** What the room sent for one number, as JSON text of the item. */
export interface Outcome {
  readonly n: number;
  readonly item: string;
}

/** A session's mark. `floor` is the newest number whose outcome was dropped. */
export interface Mark {
  readonly n: number;
  readonly floor: number;
  readonly outcomes: readonly Outcome[];
}

/** The mark of a session that was never heard of. */
export const NO_MARK: Mark = Object.freeze({ n: 0, floor: 0, outcomes: [] });

/** Moves a mark to `n`, with the outcomes that are new; drops the oldest beyond the bounds. */
export function advance(mark: Mark, n: number, fresh: readonly Outcome[]): Mark {
  const top = Math.max(mark.n, n);
  if (fresh.length === 0) return { ...mark, n: top };
  const outcomes = [...mark.outcomes, ...fresh];
  let size = 0;
  for (const { item } of outcomes) size += item.length;
  let floor = mark.floor;
  while (
    outcomes.length > OUTCOMES_KEPT ||
    (size > OUTCOME_BYTES && (outcomes.length > 1 || size > OUTCOME_LARGEST))
  ) {
    const dropped = outcomes.shift() as Outcome;
    size -= dropped.item.length;
    floor = dropped.n;
  }
  return { n: top, floor, outcomes };
}

/** What a repeat of number `n` is told: the kept item, that it was taken, or that nobody knows. */
export function outcomeOf(mark: Mark, n: number, isCall: boolean): string | "taken" | "unknown" {
  const kept = mark.outcomes.find((outcome) => outcome.n === n);
  if (kept) return kept.item;
  return isCall || n <= mark.floor ? "unknown" : "taken";
}

/** Writes marks as one JSON object; ids are base64url and need no escaping. */
export function encodeMarks(marks: ReadonlyMap<string, Mark>): string {
  const parts: string[] = [];
  for (const [id, { n, floor, outcomes }] of marks) {
    parts.push(
      outcomes.length === 0 && floor === 0
        ? `"${id}":${n}`
        : `"${id}":[${[n, floor, ...outcomes.map(({ item }) => item)].join(",")}]`,
    );
  }
  return `{${parts.join(",")}}`;
}

/** Reads what `encodeMarks` wrote. */
export function decodeMarks(text: string): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const [id, value] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
    marks.set(id, decodeMark(value));
  }
  return marks;
}

function decodeMark(value: unknown): Mark {
  if (typeof value === "number") return { n: value, floor: 0, outcomes: [] };
  const [n = 0, floor = 0, ...items] = value as [number, number, ...[string, number][]];
  return { n, floor, outcomes: items.map((item) => ({ n: item[1], item: JSON.stringify(item) })) };
}
