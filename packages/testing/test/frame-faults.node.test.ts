// Which frames a seed spoils: decided by their place in their direction, and by nothing else.
import { expect, test } from "vitest";

import { type Bound, FrameFaults, type HappenedFault } from "../src/frame-faults.ts";

const RATES = { cut: 0.1, stall: 0.05, "half-open": 0.05, duplicate: 0.2, reorder: 0.2 };

/** What happens to frames that come in this order. */
function spoiled(
  seed: number,
  order: readonly Bound[],
  prepare?: (faults: FrameFaults) => void,
): HappenedFault[] {
  const faults = new FrameFaults();
  faults.shake(seed, RATES);
  prepare?.(faults);
  for (const to of order) faults.next(to);
  return faults.happened.toSorted(
    (one, other) => one.to.localeCompare(other.to) || one.frame - other.frame,
  );
}

const EACH: readonly Bound[] = Array.from({ length: 60 }, (_, n) => (n % 2 ? "room" : "client"));
const ROOM_FIRST = EACH.toSorted().toReversed();

test("the same seed spoils the same frames, in whichever order the two directions mix", () => {
  const each = spoiled(7, EACH);
  expect(each.length).toBeGreaterThan(15);
  expect(spoiled(7, EACH)).toEqual(each);
  expect(spoiled(7, ROOM_FIRST)).toEqual(each);
});

test("the directions do not mirror each other, and other seeds spoil other frames", () => {
  const of = (all: readonly HappenedFault[], direction: Bound): object[] =>
    all.flatMap(({ to, ...rest }) => (to === direction ? [rest] : []));
  const all = spoiled(7, EACH);
  expect(of(all, "room")).not.toEqual(of(all, "client"));
  const told = Array.from({ length: 50 }, (_, seed) => JSON.stringify(spoiled(seed, EACH)));
  expect(new Set(told).size).toBe(50);
});

test("a planned fault comes instead of a drawn one, and moves none of them", () => {
  const drawn = spoiled(7, EACH);
  const planned = spoiled(7, EACH, (faults) => faults.plan("cut-after", { to: "room", after: 4 }));
  const isOther = ({ to, frame }: HappenedFault): boolean => to !== "room" || frame !== 5;
  expect(planned.filter(isOther)).toEqual(drawn.filter(isOther));
  expect(planned).toContainEqual({ fault: "cut-after", to: "room", frame: 5 });
});

test("no frame to the room is overtaken by a seed: its number would make it a repeat", () => {
  const many = Array.from({ length: 500 }, (): Bound => "room");
  expect(spoiled(3, many).map(({ fault }) => fault)).not.toContain("reorder");
});

test("a seed is a whole number", () => {
  expect(() => new FrameFaults().shake(0.5, RATES)).toThrow("seed is 0.5");
});
