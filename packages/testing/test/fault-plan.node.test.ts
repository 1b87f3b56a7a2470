// Plans of faults, and the chance that decides them.
import { seeded } from "@greenroom/testing";
import { expect, test } from "vitest";

import { planFaults } from "../src/fault-plan.ts";
import { quantile } from "../src/quantile.ts";

const COUNTS = {
  kills: 3,
  cuts: 50,
  stalls: 5,
  delays: 5,
  halfOpens: 3,
  refusals: 1,
  blackouts: 1,
  lateHandshakes: 1,
};

test("the same seed gives the same numbers, and another seed gives others", () => {
  const first = (seed: number): number[] => {
    const chance = seeded(seed);
    return Array.from({ length: 5 }, () => chance.next());
  };
  expect(first(7)).toEqual(first(7));
  expect(first(7)).not.toEqual(first(8));
});

test("whole numbers and choices are spread over all that there is", () => {
  const chance = seeded(1);
  const seen = new Set(Array.from({ length: 200 }, () => chance.whole(3, 6)));
  expect(seen).toEqual(new Set([3, 4, 5, 6]));
  expect(() => chance.one([])).toThrow(RangeError);
});

test("the same seed gives the same plan", () => {
  expect(planFaults(3, 1_000, COUNTS)).toEqual(planFaults(3, 1_000, COUNTS));
  expect(planFaults(3, 1_000, COUNTS)).not.toEqual(planFaults(4, 1_000, COUNTS));
});

test("a plan has each fault as often as it was asked for, in order, within the run", () => {
  const plan = planFaults(1, 1_000, COUNTS);
  for (const [kind, count] of Object.entries(COUNTS)) {
    expect(plan.filter(({ fault }) => fault.kind === kind)).toHaveLength(count);
  }
  const times = plan.map(({ after }) => after);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times[0]).toBeGreaterThanOrEqual(20);
  expect(times.at(-1)).toBeLessThanOrEqual(950);
});

test("kills are spread over the run, not gathered", () => {
  const kills = planFaults(9, 10_000, { ...COUNTS, kills: 10 }).filter(
    ({ fault }) => fault.kind === "kills",
  );
  kills.forEach(({ after }, index) => {
    expect(after).toBeGreaterThanOrEqual(200 + index * 930);
    expect(after).toBeLessThanOrEqual(200 + (index + 1) * 930);
  });
});

test("a quantile is the nearest rank", () => {
  expect(quantile([], 0.99)).toBe(0);
  expect(quantile([5], 0.99)).toBe(5);
  expect(quantile([3, 1, 2, 4], 0.5)).toBe(2);
  expect(
    quantile(
      Array.from({ length: 200 }, (_, index) => index + 1),
      0.99,
    ),
  ).toBe(198);
});
