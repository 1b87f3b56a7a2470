// Finds the tests in workerd that bypass the test kit (@greenroom/testing/workers): that get a room's
// stub, evict, ring or move the clock by hand, themselves or by a helper. Fails when one has no reason
// in kit-exempt.ts, and when a reason there is no test's any more.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

import { EXEMPT } from "./kit-exempt.ts";
import { namesAny, testsNaming, type Wanted } from "./syntax.ts";
import { ROOT } from "./workspace.ts";

const FILES = ["packages/{server,testing}/test/**/*.ts", "examples/*/test/**/*.ts"];
const ELSEWHERE = /\.(node|browser)\.test\.ts$|\/node\//;

/** What the plugin lends, and names that stand for a stub that is got, or a clock that is moved. */
const PLUGIN = "cloudflare:test";
const BY_HAND = ["getByName", "idFromName", "newUniqueId", "setSystemTime", "useFakeTimers"];

/** Tests of a file that may bypass the kit, by how their titles begin, and why. */
export type Exemption = { path: string; titles: readonly string[]; why: string };

export type Count = {
  path: string;
  tests: number;
  /** Those that bypass the kit and have no reason. */
  bypassing: readonly string[];
  exempt: number;
  /** Titles of exemptions that no bypassing test has. */
  unused: readonly string[];
};

/** The helpers, by their paths, that do by hand what the kit does. */
export function helpersOf(files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const helpers = new Set<string>();
  for (let known = -1; known !== helpers.size;) {
    known = helpers.size;
    for (const [path, source] of files) {
      if (!path.endsWith(".test.ts") && namesAny(path, source, wantedBy(path, helpers))) {
        helpers.add(path);
      }
    }
  }
  return helpers;
}

/** Which tests of a file bypass the kit. */
export function countOf(
  path: string,
  source: string,
  helpers: ReadonlySet<string> = new Set(),
  exemptions: readonly Exemption[] = [],
): Count {
  const tests = testsNaming(path, source, wantedBy(path, helpers));
  const titles = exemptions.filter((each) => each.path === path).flatMap((each) => each.titles);
  const hasReason = (text: string): boolean => titles.some((title) => text.startsWith(title));
  const bypassing = tests.filter(({ named }) => named).map(({ text }) => text);
  return {
    path,
    tests: tests.length,
    bypassing: bypassing.filter((text) => !hasReason(text)),
    exempt: bypassing.filter(hasReason).length,
    unused: titles.filter((title) => !bypassing.some((text) => text.startsWith(title))),
  };
}

function wantedBy(path: string, helpers: ReadonlySet<string>): Wanted {
  return {
    isModule: (from) =>
      from === PLUGIN || (from.startsWith(".") && helpers.has(join(dirname(path), from))),
    properties: BY_HAND,
  };
}

if (import.meta.main) {
  const paths = globSync(FILES, { cwd: ROOT })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => !ELSEWHERE.test(path) && !path.includes("/node_modules/"));
  const files = new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
  const helpers = helpersOf(files);
  const counts = [...files]
    .filter(([path]) => path.endsWith(".test.ts"))
    .map(([path, source]) => countOf(path, source, helpers, EXEMPT));
  const total = (of: (count: Count) => number): number =>
    counts.reduce((sum, count) => sum + of(count), 0);
  const bypassing = total((count) => count.bypassing.length);
  const exempt = total((count) => count.exempt);
  const all = total((count) => count.tests);
  if (process.argv.includes("--files")) {
    for (const count of counts) {
      const reasoned = count.exempt > 0 ? ` and ${count.exempt} for a reason` : "";
      console.log(`${count.bypassing.length}${reasoned} of ${count.tests} ${count.path}`);
    }
  }
  console.log(
    `${bypassing + exempt} of ${all} tests in workerd bypass the test kit: ` +
      `${exempt} for a reason that scripts/kit-exempt.ts gives, ${bypassing} for none`,
  );
  for (const { path, bypassing: titles } of counts) {
    for (const title of titles) {
      console.error(
        `${path}: "${title}" bypasses the kit. Use testRoom of "@greenroom/testing/workers", ` +
          "or say in scripts/kit-exempt.ts why it cannot.",
      );
    }
  }
  const unused = [
    ...counts.flatMap(({ path, unused }) => unused.map((title) => `${path}: "${title}"`)),
    ...EXEMPT.filter(({ path }) => !files.has(path)).map(({ path }) => path),
  ];
  for (const each of unused) console.error(`${each} has a reason in kit-exempt.ts, and no need.`);
  if (bypassing + unused.length > 0) process.exit(1);
}
