import { expect, test } from "vitest";

import { backoff } from "../src/backoff.ts";

/** Numbers by chance, the same in every run. */
function* seeded(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

test("[D2] the first attempt falls around the slot that the room handed out", () => {
  expect(backoff(0, 2000, 0)).toBe(1000);
  expect(backoff(0, 2000, 0.5)).toBe(2250);
  expect(backoff(0, 2000, 1)).toBe(3500);
  expect(backoff(0, 0, 0.5)).toBe(250);
});

test("[D2] later attempts have full jitter in windows that double up to 20 s", () => {
  const windows = Array.from({ length: 12 }, (_, tries) => backoff(tries, 0, 1));
  expect(windows).toEqual([
    500, 500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000, 20_000, 20_000,
  ]);
  expect(backoff(9, 0, 0)).toBe(0);
  expect(backoff(5000, 0, 1)).toBe(20_000);
});

test("[D2] [B1] a thousand clients dropped together do not come back together", () => {
  const random = seeded(7);
  const slot = 1000 * 5; // what a room of a thousand hands out
  const delays = Array.from({ length: 1000 }, () => backoff(0, slot, random.next().value));
  const perSecond = new Map<number, number>();
  for (const delay of delays) {
    const second = Math.floor(delay / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  expect(Math.max(...perSecond.values())).toBeLessThan(260);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(slot / 2);
});
