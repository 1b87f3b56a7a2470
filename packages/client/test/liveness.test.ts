import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CLOCK } from "../src/clock.ts";
import { type Liveness, liveness } from "../src/liveness.ts";

let life: Liveness;
const ping = vi.fn<() => void>();
const dead = vi.fn<() => void>();

beforeEach(() => {
  vi.useFakeTimers();
  ping.mockReset();
  dead.mockReset();
  life = liveness(CLOCK, 40_000, ping, dead);
  life.start();
});

afterEach(() => {
  life.stop();
  vi.useRealTimers();
});

test("[D5] [B5] a socket that answers nothing is dead after `silence`", () => {
  vi.advanceTimersByTime(24_999);
  expect(ping).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(1);
  expect(ping).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(14_999);
  expect(dead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(dead).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000_000);
  expect(dead).toHaveBeenCalledTimes(1);
  expect(ping).toHaveBeenCalledTimes(1);
});

test("[D5] [D18] any frame counts as heard; it is asked once a minute, or when it has become quiet", () => {
  for (let round = 0; round < 20; round++) {
    vi.advanceTimersByTime(10_000);
    life.heard();
    // The first minute began with the opening, at which the driver asks.
    expect(ping).toHaveBeenCalledTimes(Math.floor((round + 1) / 6));
  }
  vi.advanceTimersByTime(24_999);
  expect(ping).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(1);
  expect(ping).toHaveBeenCalledTimes(4);
  life.heard();
  vi.advanceTimersByTime(24_000);
  expect(ping).toHaveBeenCalledTimes(4);
  expect(dead).not.toHaveBeenCalled();
});

test("[D5] after a sleep of the machine it asks once and judges soon", () => {
  vi.advanceTimersByTime(10_000);
  vi.setSystemTime(Date.now() + 3_600_000); // timers stood still meanwhile
  vi.advanceTimersByTime(15_000);
  expect(ping).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(4999);
  expect(dead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(dead).toHaveBeenCalledTimes(1);
});

test("[D5] a timer that a hidden page delays kills no socket that answers", () => {
  ping.mockImplementation(() => life.heard());
  for (let minute = 0; minute < 10; minute++) {
    vi.setSystemTime(Date.now() + 35_000); // each timer of 25 s comes after 60 s
    vi.advanceTimersByTime(25_000);
  }
  expect(ping.mock.calls.length).toBeGreaterThanOrEqual(9);
  expect(dead).not.toHaveBeenCalled();
});

test("[D6] a probe asks at once and gives up after 5 s without an answer", () => {
  life.probe();
  expect(ping).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(4999);
  expect(dead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(dead).toHaveBeenCalledTimes(1);
});

test("[D6] a probe that is answered changes nothing", () => {
  life.probe();
  vi.advanceTimersByTime(3000);
  life.heard();
  vi.advanceTimersByTime(20_000);
  expect(dead).not.toHaveBeenCalled();
  expect(ping).toHaveBeenCalledTimes(1);
});

test("[D6] a second probe does not put off the judgement of the first", () => {
  life.probe();
  vi.advanceTimersByTime(4000);
  life.probe();
  vi.advanceTimersByTime(1000);
  expect(dead).toHaveBeenCalledTimes(1);
});

test("[D5] a short `silence` asks in time", () => {
  life.stop();
  life = liveness(CLOCK, 8000, ping, dead);
  life.start();
  vi.advanceTimersByTime(5000);
  expect(ping).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(2999);
  expect(dead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(dead).toHaveBeenCalledTimes(1);
});

test("[D5] a clock that is set back hides no dead socket", () => {
  vi.advanceTimersByTime(10_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(15_000 + 25_000);
  expect(ping).toHaveBeenCalledTimes(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(15_000 + 40_000);
  expect(dead).toHaveBeenCalledTimes(1);
});

test("[D5] nothing is timed after a stop, and a probe then asks nobody", () => {
  life.stop();
  expect(vi.getTimerCount()).toBe(0);
  life.probe();
  life.heard();
  expect(vi.getTimerCount()).toBe(0);
  expect(ping).not.toHaveBeenCalled();
});
