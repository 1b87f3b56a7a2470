// The soak: its short form as a command, the slope that it holds memory to, and its picture.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { type Sample, slope } from "../../../bench/soak/memory.ts";
import { plot } from "../../../bench/soak/plot.ts";

const COMMAND = join(import.meta.dirname, "../../../bench/soak/main.ts");

test(
  "rooms that live for seconds, with cuts and a kill, lose nothing and leave nothing behind",
  { timeout: 240_000 },
  async () => {
    const flags = "--json --minutes 0.03 --clients 4 --rooms 2 --kills 1".split(" ");
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...flags]);
    const report = JSON.parse(stdout) as Record<string, number>;
    expect(report).toMatchObject({
      passed: true,
      lost: 0,
      duplicated: 0,
      reordered: 0,
      leftovers: 0,
      kills: 1,
    });
    expect(report["lives"]).toBeGreaterThanOrEqual(2);
    expect(report["expired"]).toBe(report["lives"]);
    expect(report["taken"]).toBeGreaterThan(0);
  },
);

/** A sample each 10 s. */
function samples(count: number, of: (index: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    at: index * 10,
    start: 0,
    workerd: 100,
    clients: 50,
    connected: 4,
    taken: index,
    ...of(index),
  }));
}

describe("the slope of memory", () => {
  test("is what it grows in an hour, whatever the noise around it", () => {
    const noisy = samples(100, (index) => ({ workerd: 100 + index / 10 + (index % 2) }));
    expect(slope(noisy, "workerd", 0)).toBeCloseTo(36, 0);
    expect(slope(noisy, "clients", 0)).toBe(0);
  });

  test("does not count what a start takes, nor that each start begins anew", () => {
    const started = samples(60, (index) => ({
      start: index < 30 ? 0 : 1,
      workerd: (index < 30 ? 100 : 40) + Math.min(index % 30, 10) * 8,
    }));
    expect(slope(started, "workerd", 100)).toBeCloseTo(0);
    expect(slope(started, "workerd", 0)).toBeGreaterThan(100);
  });

  test("passes over samples of a workerd that was away", () => {
    expect(
      slope(
        samples(10, (at) => (at === 4 ? { workerd: NaN } : {})),
        "workerd",
        0,
      ),
    ).toBe(0);
  });
});

test("the picture has a line for each measure, broken where workerd starts again", () => {
  const svg = plot(
    samples(20, (index) => ({ start: index < 10 ? 0 : 1 })),
    "a < b",
  );
  expect(svg).toContain("a &lt; b");
  expect(svg.match(/<path d="M/g)).toHaveLength(3);
  expect(svg.match(/class="kill"/g)).toHaveLength(3);
  // Of the three lines only that of workerd begins twice.
  expect(svg.match(/M\d+\.\d \d+\.\d/g)).toHaveLength(4);
  expect(svg).not.toContain("NaN");
});
