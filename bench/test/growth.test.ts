import { execFile } from "node:child_process";
import { join } from "node:path";

import { beforeAll, expect, test } from "vitest";

import type { Grown } from "../growth/grown.ts";

const MAIN = join(import.meta.dirname, "../growth/main.ts");

/** Each goes so far that what it holds in memory is more than the heap moves by chance: 10 MB and more. */
const RUNS = [
  ["log", "presence", "timers", "--most", "10"],
  ["members", "--most", "100"],
  ["rooms", "--most", "30"],
];
/** What may be true of memory: of what is measured in a working process, by its unit. */
const MEMORY: Readonly<Record<string, readonly [least: number, most: number]>> = {
  KB: [20, 5_000],
  MB: [10, 1_000],
};

let results: Grown[] = [];
beforeAll(async () => {
  results = (await Promise.all(RUNS.map(growth))).flat();
}, 120_000);

/** What a run finds; how it ends is not asked: with a step or two there is no order to find. */
function growth(args: readonly string[]): Promise<Grown[]> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...args, "--json"], (_fault, stdout, stderr) => {
      if (stdout === "") reject(new Error(stderr));
      else resolve((JSON.parse(stdout) as { results: Grown[] }).results);
    });
  });
}

test("every curve tells each of its measures at each step, and why what may grow does", () => {
  const curves = ["log", "presence", "timers", "members", "rooms"];
  expect([...new Set(results.map(({ curve }) => curve))]).toEqual(curves);
  for (const { measure, curve, order, allowed, because, points } of results) {
    const what = `${curve}: ${measure}`;
    expect(["constant", "logarithmic", "linear"], what).toContain(allowed);
    expect(because === null, what).toBe(allowed === "constant");
    expect(order).toBeTypeOf("string");
    if (measure.startsWith("memory")) continue;
    for (const { y } of points) expect(y, what).toBeGreaterThanOrEqual(0);
  }
});

test("rows are counted, and are no more at a later step", () => {
  const rows = results.filter(({ unit }) => unit === "rows");
  expect(rows.length).toBeGreaterThan(10);
  for (const { measure, curve, ok } of rows) expect(ok, `${curve}: ${measure}`).toBe(true);
  for (const { measure, points } of rows) {
    if (measure !== "rows and alarms written by a message") continue;
    // One row, and an alarm where a new second begins.
    for (const { y } of points) expect(y).toBeGreaterThanOrEqual(1);
    for (const { y } of points) expect(y).toBeLessThanOrEqual(2);
  }
});

test("memory is that of a process, and of what it was given to hold", () => {
  const found = results.filter(({ measure }) => measure.startsWith("memory"));
  expect(found).toHaveLength(4);
  for (const { measure, curve, unit, points } of found) {
    const [least, most] = MEMORY[unit]!;
    // At the first steps it may have moved by chance.
    const { y } = points.at(-1)!;
    expect(y, `${curve}: ${measure}`).toBeGreaterThan(least);
    expect(y, `${curve}: ${measure}`).toBeLessThan(most);
  }
});
