import { execFile } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Grown } from "../growth/grown.ts";

const MAIN = join(import.meta.dirname, "../growth/main.ts");

/** What a run prints; how it ends is not asked: with a step or two there is no order to find. */
function growth(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (_fault, stdout) => resolve(stdout));
  });
}

test("every curve tells each of its measures at each step, rows as whole numbers", async () => {
  const { results } = JSON.parse(await growth("--most", "10", "--json")) as { results: Grown[] };
  expect([...new Set(results.map(({ curve }) => curve))]).toEqual([
    "log",
    "members",
    "rooms",
    "timers",
  ]);
  for (const { measure, curve, unit, order, allowed, points } of results) {
    expect(["constant", "logarithmic", "linear"]).toContain(allowed);
    expect(order).toBeTypeOf("string");
    for (const { x, y } of points) {
      expect(x).toBeLessThanOrEqual(10);
      // At ten members the heap moves more by chance than by members.
      if (!measure.startsWith("memory"))
        expect(y, `${curve}: ${measure}`).toBeGreaterThanOrEqual(0);
      else expect(Number.isFinite(y), `${curve}: ${measure}`).toBe(true);
    }
    if (measure === "rows and alarms written by a message" && unit === "rows") {
      // One row, and an alarm where a new second begins.
      for (const { y } of points) expect(y).toBeGreaterThanOrEqual(1);
      for (const { y } of points) expect(y).toBeLessThanOrEqual(2);
    }
  }
}, 120_000);
