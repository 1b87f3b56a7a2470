import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import type { Result } from "../results.ts";

const FOLDER = join(import.meta.dirname, "..");
const TINY = [
  ..."--targets raw,greenroom --reps 1 --seconds 0.1 --warm-up 0".split(" "),
  ..."--members 2 --rooms 2 --in-flight 2 --entries 8 --json".split(" "),
];

const named = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder)).map((file) => file.replace(/\.ts$/, ""));

/** What a run is doubtful for when the machine is busy; all else is a fault. */
const BUSY =
  /other processes used|of a core; the target could do more|repetitions in|moves where|has nothing for/;

test("every scenario runs, loses nothing, and tells medians with their spread and ratio", async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(FOLDER, "main.ts"), "all", ...TINY],
    { maxBuffer: 1e7 },
  );
  const results = JSON.parse(stdout) as Result[];
  expect(new Set(results.map(({ scenario }) => scenario))).toEqual(new Set(named("scenarios")));
  for (const result of results) {
    expect(Object.keys(result)).toEqual([
      "scenario",
      "target",
      "metric",
      "unit",
      "median",
      "min",
      "max",
      "ratio",
      "baseline",
    ]);
    expect(result.min).toBeLessThanOrEqual(result.median);
    expect(result.median).toBeLessThanOrEqual(result.max);
    expect(Number.isFinite(result.median)).toBe(true);
  }
  const deliveries = results.filter(({ metric }) => metric.endsWith("deliveries"));
  expect(deliveries.map(({ target }) => target)).toEqual(["raw", "greenroom"]);
  for (const { median } of deliveries) expect(median).toBeGreaterThan(0);
  const warnings = stderr.split("\n").filter((line) => line.startsWith("warning:"));
  expect(warnings.filter((line) => !BUSY.test(line))).toEqual([]);
}, 240_000);

test("--list names every scenario and every target", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(FOLDER, "main.ts"),
    "--list",
  ]);
  const words = new Set(stdout.split("\n").map((line) => line.trim().split(" ")[0]));
  for (const name of [...named("scenarios"), ...named("targets")]) expect(words).toContain(name);
});
