// Counts the tests in workerd that bypass the test kit (@greenroom/testing/workers): that get a
// room's stub, evict, ring or move the clock by hand. Fails when there are more than there were, those
// left out that have a reason in kit-exempt.ts: a new test uses the kit, or says there why it cannot.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { EXEMPT } from "./kit-exempt.ts";
import { testsNaming } from "./syntax.ts";
import { ROOT } from "./workspace.ts";

/** So many may, without a reason: they were written before the kit. */
const MOST = 0;

const TESTS = ["packages/{server,testing}/test/**/*.test.ts", "examples/*/test/**/*.test.ts"];
const ELSEWHERE = /\.(node|browser)\.test\.ts$|\/node\//;

/** Modules that do by hand what the kit does. */
const BY_HAND = /^cloudflare:test$|\/(dial|clock|time)\.ts$/;
/** Properties that do: a stub by name, and a clock that is moved. */
const PROPERTIES = ["getByName", "setSystemTime", "useFakeTimers"];

/** Tests of a file that may bypass the kit, by how their titles begin, and why. */
export type Exemption = { path: string; titles: readonly string[]; why: string };

export type Count = {
  path: string;
  tests: number;
  /** Those that bypass the kit, themselves or by the file's helpers, and have no reason. */
  bypassing: number;
  exempt: number;
  /** Titles of exemptions that no bypassing test has. */
  unused: readonly string[];
};

/** How many tests a file has, and how many of them bypass the kit. */
export function countOf(
  path: string,
  source: string,
  exemptions: readonly Exemption[] = [],
): Count {
  const tests = testsNaming(path, source, BY_HAND, PROPERTIES);
  const titles = exemptions.filter((each) => each.path === path).flatMap((each) => each.titles);
  const bypassing = tests.filter(({ named }) => named).map(({ text }) => text);
  const exempt = bypassing.filter((text) => titles.some((title) => text.startsWith(title)));
  return {
    path,
    tests: tests.length,
    bypassing: bypassing.length - exempt.length,
    exempt: exempt.length,
    unused: titles.filter((title) => !bypassing.some((text) => text.startsWith(title))),
  };
}

if (import.meta.main) {
  const counts = globSync(TESTS, { cwd: ROOT })
    .filter((path) => !ELSEWHERE.test(path))
    .map((path) => countOf(path, readFileSync(join(ROOT, path), "utf8"), EXEMPT));
  const total = (of: (count: Count) => number): number =>
    counts.reduce((sum, count) => sum + of(count), 0);
  const bypassing = total((count) => count.bypassing);
  const exempt = total((count) => count.exempt);
  const all = total((count) => count.tests);
  if (process.argv.includes("--files")) {
    for (const count of counts) {
      const reasoned = count.exempt > 0 ? ` and ${count.exempt} for a reason` : "";
      console.log(`${count.bypassing}${reasoned} of ${count.tests} ${count.path}`);
    }
  }
  console.log(
    `${all - bypassing - exempt} of ${all} tests in workerd use the kit; ` +
      `${exempt} bypass it for a reason that scripts/kit-exempt.ts gives, ${bypassing} for none`,
  );
  const paths = new Set(counts.map(({ path }) => path));
  const unused = [
    ...counts.flatMap(({ path, unused }) => unused.map((title) => `${path}: ${title}`)),
    ...EXEMPT.filter(({ path }) => !paths.has(path)).map(({ path }) => path),
  ];
  for (const each of unused) console.error(`No test bypasses the kit any more: ${each}`);
  if (bypassing > MOST) {
    console.error(
      `At most ${MOST} may bypass it. Use testRoom of "@greenroom/testing/workers" in new tests; ` +
        "`npm run -s kit -- --files` counts them by file.",
    );
  }
  if (unused.length > 0 || bypassing > MOST) process.exit(1);
  if (bypassing < MOST) console.log(`MOST in scripts/kit.ts can be ${bypassing}`);
}
