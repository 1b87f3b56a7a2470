// The guide's figures of limits are those of the code and of the committed runs.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { LIMITS } from "../../src/limits.ts";

const DOCS = join(import.meta.dirname, "../../../../docs");
const page = readFileSync(join(DOCS, "guide/limits.md"), "utf8");
const reportOf = (name: string): Record<string, number> =>
  (
    JSON.parse(readFileSync(join(DOCS, `results/${name}.json`), "utf8")) as {
      report: Record<string, number>;
    }
  ).report;

test("[Q1] the guide has every limit with its default", () => {
  const written = (n: number): string => n.toLocaleString("en-US");
  for (const [name, limit] of Object.entries(LIMITS)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``));
    const numbers = typeof limit === "number" ? [limit] : [limit.perSecond, limit.burst];
    for (const number of numbers) expect(row).toContain(written(number));
  }
});

test("the committed run of the hostile fuzz had 100,000 frames, and nothing went wrong", () => {
  const { frames, faults, honest } = reportOf("fuzz-hostile");
  expect(frames).toBeGreaterThanOrEqual(100_000);
  expect(honest).toBeGreaterThan(1_000);
  expect(faults).toBe(0);
});

test("the committed run of the slow reader had 200 MB and 20 readers, and stayed within its bound", () => {
  const report = reportOf("slow-reader");
  expect(report).toMatchObject({ megabytes: 200, readers: 20, slow: 1, bound: 160, faults: 0 });
  expect(report["grown"]).toBeLessThanOrEqual(160);
  expect(report["missedWhileSlow"]).toBeGreaterThan(3_000);
  expect(page).toContain("more than 160 MiB");
});

test("the committed run of abuse had 50 honest clients, whose p99 stayed within twice that of the quiet run", () => {
  const report = reportOf("abuse");
  expect(report).toMatchObject({ honest: 50, faults: 0 });
  expect(report["p99Ratio"]).toBeLessThanOrEqual(2);
});
