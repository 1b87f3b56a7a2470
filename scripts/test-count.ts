// A reporter of vitest that writes only how many tests passed and failed, as JSON, to the file that
// TEST_COUNT_FILE names.
import { writeFileSync } from "node:fs";

import type { Reporter, TestModule } from "vitest/node";

export type TestCount = { passed: number; failed: number };

export default class TestCountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const path = process.env.TEST_COUNT_FILE;
    if (path) writeFileSync(path, JSON.stringify(count(modules, unhandled)));
  }
}

/**
 * As vitest's own summary counts: a known gap (`test.fails`) that fails as expected is not a pass.
 * A file that fails outside its tests counts as one failure, and so does each stray error.
 */
function count(modules: readonly TestModule[], unhandled: readonly unknown[]): TestCount {
  const total = { passed: 0, failed: unhandled.length };
  for (const module of modules) {
    const states = [...module.children.allTests()]
      .filter((test) => !test.options.fails || test.result().state === "failed")
      .map((test) => test.result().state);
    const failed = states.filter((state) => state === "failed").length;
    total.passed += states.filter((state) => state === "passed").length;
    total.failed += module.ok() ? failed : Math.max(failed, 1);
  }
  return total;
}
