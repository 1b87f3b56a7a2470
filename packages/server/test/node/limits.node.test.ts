// The numbers of a room's limits, and the arithmetic of its rates: pure.
import { expect, test } from "vitest";

import { checkLimits, type LimitOptions, LIMITS, limitsOf } from "../../src/limits.ts";
import { FULL, take, used, wait } from "../../src/rate-bucket.ts";
import { Rates } from "../../src/rates.ts";

const refused = (options: unknown): string => {
  try {
    checkLimits(limitsOf(options as LimitOptions));
  } catch (fault) {
    return (fault as Error).message;
  }
  return "taken";
};

test("[Q1] every limit has a default, and false switches it off", () => {
  expect(limitsOf(undefined)).toEqual(LIMITS);
  expect(limitsOf({ message: true, rate: true })).toEqual(LIMITS);
  const limits = limitsOf({ message: 1_000, rate: false, roomRate: { perSecond: 5, burst: 2 } });
  expect(limits).toEqual({
    ...LIMITS,
    message: 1_000,
    rate: { perSecond: Infinity, burst: Infinity },
    roomRate: { perSecond: 5, burst: 2 },
  });
  expect(limitsOf({ sessions: false }).sessions).toBe(Infinity);
  expect(refused({ message: 1_000, rate: false, sessions: false, lag: Infinity })).toBe("taken");
});

test("[Q1] what cannot be a limit is refused with its name, its value and what it takes", () => {
  expect(refused({ message: 0 })).toContain("limits.message is 0; it takes a number from 1");
  expect(refused({ lag: "1 MiB" })).toContain("limits.lag is 1 MiB; it takes");
  expect(refused({ rate: 100 })).toContain("limits.rate.perSecond is undefined; it takes");
  expect(refused({ roomRate: { perSecond: 1, burst: 0 } })).toContain("roomRate.burst is 0");
  expect(refused({ rate: { perSecond: NaN, burst: 1 } })).toContain("perSecond is NaN");
  expect(refused({ messages: 1 })).toContain("limits.messages is no limit; there are message,");
});

test("[Q2] a bucket gives its burst at once, and then one message an interval", () => {
  const rate = { perSecond: 10, burst: 3 };
  let bucket = FULL;
  for (const expected of [0, 0, 0]) {
    expect(wait(bucket, rate, 1_000)).toBe(expected);
    bucket = take(bucket, rate, 1_000);
  }
  expect(used(bucket, rate, 1_000)).toBe(1);
  expect(wait(bucket, rate, 1_000)).toBe(100);
  expect(wait(bucket, rate, 1_060)).toBe(40);
  expect(wait(bucket, rate, 1_100)).toBe(0);
  bucket = take(bucket, rate, 1_100);
  expect(wait(bucket, rate, 1_100)).toBe(100);
  // Long after, it is full, and not fuller than that.
  expect(used(bucket, rate, 60_000)).toBe(0);
  for (let taken = 0; taken < 3; taken++) bucket = take(bucket, rate, 60_000);
  expect(wait(bucket, rate, 60_000)).toBe(100);
});

test("[Q2] in the long run a bucket gives its rate, whoever asks how often", () => {
  const rate = { perSecond: 100, burst: 50 };
  let bucket = FULL;
  let taken = 0;
  for (let now = 0; now < 60_000; now += 3) {
    if (wait(bucket, rate, now) > 0) continue;
    bucket = take(bucket, rate, now);
    taken += 1;
  }
  expect(taken).toBeGreaterThan(6_000);
  expect(taken).toBeLessThanOrEqual(6_050);
});

test("[Q2] a rate that is off never makes anybody wait", () => {
  const { rate } = limitsOf({ rate: false });
  let bucket = FULL;
  for (let message = 0; message < 1_000; message++) bucket = take(bucket, rate, 5);
  expect(wait(bucket, rate, 5)).toBe(0);
  expect(used(bucket, rate, 5)).toBe(0);
});

test("[Q7] who is sent away again and again stays away for longer each time, up to ten minutes", () => {
  const rates = new Rates<{ of: string }>(limitsOf({ rate: { perSecond: 10, burst: 50 } }), {
    read: () => undefined,
    write: () => undefined,
    personOf: ({ of }) => of,
  });
  const connection = (): { of: string } => ({ of: "greedy" }); // another one each time
  let now = 1_000_000;
  const times: number[] = [];
  for (let time = 0; time < 9; time++) {
    times.push(rates.sendAway(connection(), now));
    expect(rates.away("greedy", now)).toEqual({
      code: "limited",
      retryAfter: times.at(-1),
      outright: false,
    });
    now += times.at(-1) ?? 0;
    expect(rates.away("greedy", now)).toBeUndefined();
  }
  const seconds = times.map((ms) => ms / 1_000);
  expect(seconds).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600]);
  // Forgiven after a while.
  expect(rates.sendAway(connection(), now + 10 * 60_000)).toBe(5_000);
  expect(rates.away("another", now)).toBeUndefined();
});
