// How many tests passed and failed, from vitest's JSON report.
import { existsSync, readFileSync } from "node:fs";

export type TestCount = { passed: number; failed: number };

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
};

/** A file that fails before its first test counts as one failure, and so does a missing report. */
export function countTests(path: string): TestCount {
  if (!existsSync(path)) return { passed: 0, failed: 1 };
  const report: Report = JSON.parse(readFileSync(path, "utf8"));
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles.length };
}
