import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CLOCK } from "../src/clock.ts";
import { type Outage, outage } from "../src/outage.ts";

let told: string[];
let blip: Outage;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  blip = outage(CLOCK, 5000, (moment) => told.push(moment));
});

afterEach(() => {
  vi.useRealTimers();
});

test("[D7] a blip is not told", () => {
  blip.begin();
  vi.advanceTimersByTime(4999);
  blip.end("restored");
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("[D7] an outage is told once, then its end", () => {
  blip.begin();
  vi.advanceTimersByTime(3000);
  blip.begin(); // another attempt of the same outage
  vi.advanceTimersByTime(2000);
  expect(told).toEqual(["lost"]);
  vi.advanceTimersByTime(60_000);
  blip.begin();
  blip.end("restored");
  blip.end("restored");
  expect(told).toEqual(["lost", "restored"]);
});

test("[D7] an outage that ends for good has failed", () => {
  blip.begin();
  vi.advanceTimersByTime(5000);
  blip.end("failed");
  expect(told).toEqual(["lost", "failed"]);
});

test("[D7] an outage that the app ends is told no more", () => {
  blip.begin();
  vi.advanceTimersByTime(5000);
  blip.end();
  expect(told).toEqual(["lost"]);
});
