// The naive worker makes the mistakes that everybody makes first; the doctor names those that can be seen.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { diagnose } from "../src/index.ts";

const NAIVE = join(import.meta.dirname, "fixtures/naive-worker");
const { findings } = diagnose({ path: NAIVE });

describe("the naive worker of the nine pitfalls", () => {
  test.each([
    [1, "hibernation clears memory", "private messageCount = 0;"],
    [2, "setTimeout dies with the instance", "setTimeout(() => this.expire(), IDLE)"],
    [5, "no hibernation API", "server!.accept()"],
    [6, "deleteAll drops the schema under a living instance", "this.ctx.storage.deleteAll()"],
    [7, "a compatibility date too old", '"compatibility_date": "2023-05-18"'],
    [8, "new_classes instead of new_sqlite_classes", '"new_classes": ["ChatRoom"]'],
    [9, "one alarm slot for two things", "setAlarm(Date.now() + IDLE)"],
  ])("pitfall %i, %s, is named at its line", (pitfall, _title, code) => {
    const lines = findings
      .filter((each) => each.pitfall === pitfall)
      .map(({ file, line }) => lineOf(file, line));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.some((line) => line.includes(code))).toBe(true);
  });
});

function lineOf(file: string, line: number): string {
  return readFileSync(join(NAIVE, file), "utf8").split("\n")[line - 1] ?? "";
}
