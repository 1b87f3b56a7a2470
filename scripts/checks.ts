// The checks of `npm test`. Each is the script of package.json of the same name.

import { Failure } from "./failure.ts";

/** `after` are the checks that have to end first, where they are asked for, too. */
export type Check = { name: string; what: string; after?: string[] };

export const TESTS = "test:unit";

/**
 * In the order in which they begin. The tests take longest and wait much: once there are types, they
 * go on beside all others, which run one after the other, the quick ones first.
 */
export const CHECKS: Check[] = [
  { name: "types", what: "the types of sources, tests, examples and scripts" },
  // A scenario of the bench makes the packages' declarations, too.
  { name: TESTS, what: "the tests: Node, workerd and Chromium", after: ["types"] },
  { name: "format", what: "the formatting of every file" },
  { name: "boundaries", what: "which package may import what" },
  { name: "spec", what: "SPEC.md's rules against the tests" },
  { name: "kit", what: "the tests in workerd that bypass the test kit" },
  { name: "partykit", what: "the weaknesses of partyserver and partysocket against the tests" },
  { name: "errors", what: "the page of errors against the tables" },
  { name: "figures", what: "the figures of the pages, and the pictures, against the results" },
  { name: "sizes", what: "the bundles' sizes against their limits" },
  // Long before the tests in Chromium, which build the same pages.
  { name: "dry-run", what: "the reference Worker's bundle, as a deploy makes it" },
  { name: "lint", what: "the linter's rules" },
  { name: "docs:check", what: "every TypeScript block of the pages", after: ["types"] },
  { name: "exports", what: "the packed packages, by publint and are-the-types-wrong" },
  // Both pack.
  {
    name: "pack",
    what: "the packed packages, used by a project outside the workspace",
    after: ["exports"],
  },
];

/** Only the named checks; a name that is none of them is an error. */
export function checksNamed(names: string[] | undefined): Check[] {
  if (names === undefined) return CHECKS;
  const known = CHECKS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(`no check is called ${unknown.join(", ")}; there are ${known.join(", ")}`);
  }
  return CHECKS.filter(({ name }) => names.includes(name));
}

/** What can begin: the first that waits for none of those that wait or run. */
export function nextOf(waiting: Check[], running: Check[]): Check | undefined {
  const unfinished = [...waiting, ...running].map(({ name }) => name);
  return waiting.find(({ after = [] }) => after.every((name) => !unfinished.includes(name)));
}
