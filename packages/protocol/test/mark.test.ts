import { describe, expect, test } from "vitest";

import {
  advance,
  decodeMarks,
  encodeMarks,
  type Mark,
  NO_MARK,
  type Outcome,
  OUTCOMES_KEPT,
  outcomeOf,
} from "../src/index.ts";
import { Draw } from "./seeded.ts";

const answer = (n: number, value: unknown = n): Outcome => ({
  n,
  item: JSON.stringify(["v", n, value]),
});
const rejection = (n: number): Outcome => ({
  n,
  item: JSON.stringify(["x", n, { code: "failed" }]),
});

/** What a room does with a number: carries it out, or answers it again. */
function meet(mark: Mark, n: number): "carried out" | "repeated" {
  return n > mark.n ? "carried out" : "repeated";
}

describe("a mark", () => {
  test("[S1] a session that was never heard of has carried out nothing", () => {
    expect(meet(NO_MARK, 1)).toBe("carried out");
  });

  test("[S1] moves up and never back", () => {
    const mark = advance(advance(NO_MARK, 7, []), 3, []);
    expect(mark.n).toBe(7);
    expect([6, 7, 8].map((n) => meet(mark, n))).toEqual(["repeated", "repeated", "carried out"]);
  });

  test("[S3] a repeat is told what was told first", () => {
    let mark = advance(NO_MARK, 1, []);
    mark = advance(mark, 2, [answer(2, "B")]);
    mark = advance(mark, 3, [rejection(3)]);
    expect(outcomeOf(mark, 1, false)).toBe("taken");
    expect(outcomeOf(mark, 2, true)).toBe('["v",2,"B"]');
    expect(outcomeOf(mark, 3, false)).toBe('["x",3,{"code":"failed"}]');
  });

  test("[S3] the newest 32 outcomes are kept, and of older ones nobody knows", () => {
    let mark = NO_MARK;
    for (let n = 1; n <= 40; n++) mark = advance(mark, n, [answer(n)]);
    expect(mark.outcomes).toHaveLength(OUTCOMES_KEPT);
    expect(outcomeOf(mark, 8, true)).toBe("unknown");
    expect(outcomeOf(mark, 9, true)).toBe('["v",9,9]');
    // A message at or below the newest dropped outcome may have been rejected.
    expect(outcomeOf(mark, 8, false)).toBe("unknown");
  });

  test("[S3] outcomes are kept while they fit, the newest one alone up to 512 KiB", () => {
    const large = "x".repeat(40 * 1024);
    let mark = advance(NO_MARK, 1, [answer(1, large)]);
    mark = advance(mark, 2, [answer(2, large)]);
    expect(mark.outcomes.map(({ n }) => n)).toEqual([2]);
    expect(mark.floor).toBe(1);
    mark = advance(mark, 3, [answer(3, "x".repeat(400 * 1024))]);
    expect(mark.outcomes.map(({ n }) => n)).toEqual([3]);
    mark = advance(mark, 4, [answer(4, "x".repeat(600 * 1024))]);
    expect(mark.outcomes).toEqual([]);
    expect(outcomeOf(mark, 4, true)).toBe("unknown");
    expect(meet(mark, 4)).toBe("repeated");
  });

  test("[S3] a call without a kept outcome is unknown, a message is taken", () => {
    const mark = advance(NO_MARK, 5, []);
    expect(outcomeOf(mark, 4, true)).toBe("unknown");
    expect(outcomeOf(mark, 4, false)).toBe("taken");
  });
});

describe("marks in a row", () => {
  test("[S2] are read as they were written, dropped outcomes included", () => {
    const marks = new Map<string, Mark>([
      ["plain", advance(NO_MARK, 7, [])],
      ["answered", advance(NO_MARK, 2, [answer(1), rejection(2)])],
      ["dropped", advance(NO_MARK, 3, [answer(3, "x".repeat(600 * 1024))])],
    ]);
    expect(decodeMarks(encodeMarks(marks))).toEqual(marks);
    expect(decodeMarks(encodeMarks(new Map()))).toEqual(new Map());
  });

  test("[S1] [S3] a session is told the same after its mark was stored, by seed", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const draw = new Draw(seed);
      let mark = NO_MARK;
      const first = new Map<number, string>();
      for (let n = 1; n <= 60; n++) {
        const kind = draw.int(3);
        const value = draw.random() < 0.1 ? "x".repeat(draw.int(80_000)) : draw.json();
        const outcome = kind === 0 ? undefined : kind === 1 ? answer(n, value) : rejection(n);
        mark = advance(mark, n, outcome ? [outcome] : []);
        first.set(n, outcome?.item ?? "taken");
        if (draw.random() < 0.3) {
          mark = decodeMarks(encodeMarks(new Map([["id", mark]]))).get("id") ?? NO_MARK;
        }
      }
      for (const [n, told] of first) {
        const again = outcomeOf(mark, n, told.startsWith('["v"'));
        if (again !== "unknown")
          expect(JSON.stringify([n, again]), `seed ${seed}`).toBe(JSON.stringify([n, told]));
        else expect(n, `seed ${seed}`).toBeLessThanOrEqual(mark.floor);
      }
      expect(mark.outcomes.length, `seed ${seed}`).toBeLessThanOrEqual(OUTCOMES_KEPT);
    }
  });
});
