// Counts the tests in workerd that bypass the test kit (@greenroom/testing/workers): that get a
// room's stub, evict, ring or move the clock by hand. Fails when there are more than there were: a
// new test uses the kit, or says beside MOST why it cannot.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { testsNaming } from "./syntax.ts";
import { ROOT } from "./workspace.ts";

/**
 * So many may. They are about the platform's own tools, or about rooms without a contract and their
 * stubs, or were written before the kit.
 */
const MOST = 175;

const TESTS = ["packages/{server,testing}/test/**/*.test.ts", "examples/*/test/**/*.test.ts"];
const ELSEWHERE = /\.(node|browser)\.test\.ts$|\/node\//;

/** Modules that do by hand what the kit does. */
const BY_HAND = /^cloudflare:test$|\/(dial|clock|time)\.ts$/;
/** Properties that do: a stub by name, and a clock that is moved. */
const PROPERTIES = ["getByName", "setSystemTime", "useFakeTimers"];

export type Count = { path: string; tests: number; bypassing: number };

/** How many tests a file has, and how many of them bypass the kit, themselves or by the file's helpers. */
export function countOf(path: string, source: string): Count {
  const tests = testsNaming(path, source, BY_HAND, PROPERTIES);
  return { path, tests: tests.length, bypassing: tests.filter((named) => named).length };
}

if (import.meta.main) {
  const counts = globSync(TESTS, { cwd: ROOT })
    .filter((path) => !ELSEWHERE.test(path))
    .map((path) => countOf(path, readFileSync(join(ROOT, path), "utf8")));
  const total = (of: (count: Count) => number): number =>
    counts.reduce((sum, count) => sum + of(count), 0);
  const bypassing = total((count) => count.bypassing);
  const all = total((count) => count.tests);
  if (process.argv.includes("--files")) {
    for (const { path, tests, bypassing } of counts)
      console.log(`${bypassing} of ${tests} ${path}`);
  }
  console.log(`${all - bypassing} of ${all} tests in workerd use the kit, ${bypassing} bypass it`);
  if (bypassing > MOST) {
    console.error(
      `At most ${MOST} may bypass it. Use testRoom of "@greenroom/testing/workers" in new tests; ` +
        "`npm run -s kit -- --files` counts them by file.",
    );
    process.exit(1);
  }
  if (bypassing < MOST) console.log(`MOST in scripts/kit.ts can be ${bypassing}`);
}
