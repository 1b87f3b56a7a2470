// Ratios of what ran side by side, and the goals that are held to them.
import { expect, test } from "vitest";

import { mend } from "../../scripts/quotes.ts";
import { pairedRatio, ratioIn } from "../paired.ts";
import { verdictsOn } from "../reached.ts";
import { repeatedOf, type Sample, summarize } from "../results.ts";
import { fileOf } from "../run-report.ts";
import { inTurn } from "../scenario.ts";
import { tables } from "../table.ts";

const METRIC = "round trip, p50";

/** A repetition each, on a machine that becomes slower and slower: twice as slow for everybody in the end. */
const SAMPLES: readonly Sample[] = [10, 11, 13, 16, 20].flatMap((slow, rep) =>
  Object.entries({ raw: 1, greenroom: rep === 1 ? 6 : 2, partyserver: 4 }).map(
    ([target, times]) => ({
      target,
      metric: METRIC,
      unit: "us",
      value: slow * times,
    }),
  ),
);

test("a ratio is the median of the ratios of each repetition, and not of what the machine did meanwhile", () => {
  expect(pairedRatio([20, 66, 26, 32, 40], [10, 11, 13, 16, 20])).toEqual({
    ratio: 2,
    min: 2,
    max: 6,
  });
  // The medians alone would say 32 / 13.
  const [raw, greenroom, partyserver] = summarize("echo", SAMPLES, "raw");
  expect([raw?.ratio, greenroom?.ratio, partyserver?.ratio]).toEqual([1, 2, 4]);
  expect(greenroom).toMatchObject({ median: 32, min: 20, max: 66 });
});

test("what has no fellow has no ratio", () => {
  expect(pairedRatio([1, 2], [1])).toBeUndefined();
  expect(pairedRatio([1, 2], [0, 0])).toBeUndefined();
  expect(pairedRatio([6, 4, 2], [0, 2, 2])).toEqual({ ratio: 1.5, min: 1, max: 2 });
  expect(pairedRatio()).toBeUndefined();
  expect(summarize("echo", SAMPLES, "ws")[0]?.ratio).toBeNull();
});

test("goals and quotes hold any two targets against each other in the same way, by the file of a run", () => {
  const repeated = repeatedOf("echo", SAMPLES);
  const results = summarize("echo", SAMPLES, "raw");
  expect(
    ratioIn(repeated, { scenario: "echo", metric: METRIC }, "greenroom", "partyserver"),
  ).toEqual({
    ratio: 0.5,
    min: 0.5,
    max: 1.5,
  });
  const file = JSON.parse(fileOf({ seconds: 1, results }, repeated)) as Parameters<
    typeof verdictsOn
  >[0];
  expect(file.results).toEqual(results);
  const goal = (run: typeof file): number | undefined =>
    verdictsOn(run).find(({ scenario, target }) => scenario === "echo" && target === "greenroom")
      ?.ratio;
  expect(goal(file)).toBe(2);
  // A file without repetitions, as older ones are, is read by its medians.
  expect(goal({ results })).toBeCloseTo(32 / 13);
  const page = `<!-- result: run.json; echo; greenroom; ${METRIC}; times partyserver -->0.50`;
  expect(mend(page, new Map([["run.json", file]])).faults).toEqual([]);
});

test("a goal is not reached by what was not measured", () => {
  const goal = { scenario: "rooms", metric: "acknowledged messages" };
  const result = (target: string, median: number) => ({
    ...goal,
    target,
    unit: "1/s",
    median,
    min: median,
    max: median,
    ratio: null,
    baseline: "raw",
  });
  const found = (own: number, other: number) =>
    verdictsOn({ results: [result("greenroom", own), result("raw", other)] }).find(
      ({ scenario, target }) => scenario === "rooms" && target === "greenroom",
    );
  expect(found(9_000, 3_000)).toMatchObject({ ratio: 3, isReached: true });
  expect(found(9_000, 0)).toMatchObject({ ratio: Number.NaN, isReached: false });
  expect(found(0, 0)).toMatchObject({ ratio: Number.NaN, isReached: false });
});

test("the table for people has the spread of the ratio", () => {
  const text = tables(summarize("echo", SAMPLES, "raw"), repeatedOf("echo", SAMPLES));
  expect(text).toMatch(/^ {2}greenroom +32 +20 +66 +2\.00 +2\.00 +6\.00$/m);
});

test("targets take turns: another begins each time, and none always follows the same one", () => {
  const targets = ["a", "b", "c", "d"];
  const reps = [0, 1, 2, 3].map((rep) => inTurn(targets, rep));
  expect(reps.map((order) => order.toSorted())).toEqual(reps.map(() => targets));
  expect(reps.map((order) => order.join(""))).toEqual(["abcd", "adcb", "cdab", "cbad"]);
  expect(inTurn([], 3)).toEqual([]);
});
