// Rule Q22: what comes in haste waits in its order, shares a step with all that does, and is bounded.
import { expect, test } from "vitest";

import { limitsOf } from "../../src/limits.ts";
import { Pace } from "../../src/pace.ts";
import { Rates } from "../../src/rates.ts";

interface Job {
  readonly source: object;
  readonly name: string;
  readonly size?: number;
}

/** A pace whose steps the test makes. */
function paceOf(share: number): {
  readonly pace: Pace<Job>;
  readonly taken: string[];
  step(): void;
  steps(): number;
} {
  const taken: string[] = [];
  let timers: (() => void)[] = [];
  const pace = new Pace<Job>({
    share,
    sourceOf: ({ source }) => source,
    sizeOf: ({ size }) => size ?? 1,
    after: (ms, call) => {
      expect(ms).toBe(20);
      timers.push(call);
      return () => undefined;
    },
    release: (jobs) => void taken.push(...jobs.map(({ name }) => name)),
  });
  const step = (): void => {
    const due = timers;
    timers = [];
    for (const call of due) call();
  };
  return { pace, taken, step, steps: () => timers.length };
}

test("[Q22] what is in haste is held, and whatever its source sends behind it", async () => {
  const { pace, taken, step, steps } = paceOf(2);
  const [a, b] = [{}, {}];
  expect(pace.hold({ source: a, name: "a1" }, false)).toBeUndefined();
  const held = ["a2", "a3", "a4", "a5"].map((name, i) => pace.hold({ source: a, name }, i === 0));
  expect(held.every((each) => each instanceof Promise)).toBe(true);
  expect(pace.hold({ source: b, name: "b1" }, false)).toBeUndefined();
  expect(taken).toEqual([]);
  step();
  expect(taken).toEqual(["a2", "a3"]);
  step();
  expect(taken).toEqual(["a2", "a3", "a4", "a5"]);
  for (const each of held) await each;
  // All is taken: nothing is held any more, and no timer runs.
  expect(pace.hold({ source: a, name: "a6" }, false)).toBeUndefined();
  expect(steps()).toBe(0);
});

test("[Q22] of all that is held one share is taken in a step, as much of each source", () => {
  const { pace, taken, step } = paceOf(4);
  const sources = [{}, {}, {}];
  for (let i = 1; i <= 5; i++)
    sources.forEach((source, s) => void pace.hold({ source, name: `${s}.${i}` }, true));
  step();
  expect(taken).toEqual(["0.1", "1.1", "2.1"]);
  step();
  expect(taken.slice(3)).toEqual(["0.2", "1.2", "2.2"]);
});

test("[Q22] more sources than a share are taken by turns", () => {
  const { pace, taken, step } = paceOf(2);
  const sources = [{}, {}, {}];
  for (let i = 1; i <= 3; i++)
    sources.forEach((source, s) => void pace.hold({ source, name: `${s}.${i}` }, true));
  step();
  step();
  step();
  expect(taken).toEqual(["0.1", "1.1", "2.1", "0.2", "1.2", "2.2"]);
});

test("[Q22] at most 1 MiB is held: what is beyond is taken at once, in its order", () => {
  const { pace, taken, step } = paceOf(2);
  const source = {};
  const half = 512 * 1024;
  for (const name of ["1", "2", "3", "4"]) void pace.hold({ source, name, size: half }, true);
  expect(taken).toEqual(["1", "2"]);
  step();
  expect(taken).toEqual(["1", "2", "3", "4"]);
});

test("[R12] what is held of a source can be taken at once", async () => {
  const { pace, taken, step } = paceOf(2);
  const source = {};
  const held = ["1", "2", "3", "4"].map((name) => pace.hold({ source, name }, true));
  pace.finish(source);
  expect(taken).toEqual(["1", "2", "3", "4"]);
  for (const each of held) await each;
  step();
  expect(taken).toHaveLength(4);
});

/** How many of `frames` sent at once by a new connection are not in haste, `later` ms after as many. */
function atOnce(options: Parameters<typeof limitsOf>[0], frames: number, later: number): number[] {
  let clock = 5_000;
  const shelf = { personOf: () => "", read: () => undefined, write: () => undefined };
  let told = 0;
  const rates = new Rates<object>(limitsOf(options), shelf, {
    clock: () => clock,
    inHaste: () => (told += 1),
  });
  const socket = {};
  const send = (): number =>
    Array.from({ length: frames }, () => rates.admit(socket, true, 1_000)).filter(
      ({ isHasty }) => !isHasty,
    ).length;
  const first = send();
  clock += later;
  const all = [first, send()];
  expect(told).toBe(2 * frames - all.reduce((sum, each) => sum + each, 0));
  return all;
}

test("[Q22] a connection is in haste that sends more than 128 frames at once, and more than 32 in 20 ms from there on", () => {
  expect(atOnce({}, 400, 20)).toEqual([128, 32]);
  expect(atOnce({}, 400, 1_000)).toEqual([128, 128]);
  expect(atOnce({}, 100, 20)).toEqual([100, 60]);
});

test("[Q22] where the rates let more through it may send more, and where none bounds it, all it likes", () => {
  const fast = { perSecond: 6_400, burst: 10_000 };
  expect(atOnce({ rate: fast }, 1_000, 20)).toEqual([512, 128]);
  expect(atOnce({ roomRate: fast }, 1_000, 20)).toEqual([512, 128]);
  expect(atOnce({ rate: false, roomRate: false }, 1_000, 20)).toEqual([1_000, 1_000]);
  expect(atOnce({ rate: false }, 1_000, 20)).toEqual([1_000, 1_000]);
});
