// The checks of `npm test`, in stages. Each check is the script of package.json of the same name.

import { Failure } from "./failure.ts";

export type Check = { name: string; what: string };

/** A stage starts when the one before it has ended; `atOnce` of its checks run side by side. */
export type Stage = { atOnce: number; checks: Check[] };

export const TESTS = "test:unit";

export const STAGES: Stage[] = [
  {
    atOnce: 2,
    checks: [
      { name: "format", what: "the formatting of every file" },
      { name: "lint", what: "the linter's rules" },
      { name: "types", what: "the types of sources, tests, examples and scripts" },
      { name: "boundaries", what: "which package may import what" },
      { name: "spec", what: "SPEC.md's rules against the tests" },
      { name: "kit", what: "how many tests bypass the test kit" },
      { name: "partykit", what: "the weaknesses of partyserver and partysocket against the tests" },
      { name: "errors", what: "the page of errors against the tables" },
      { name: "figures", what: "the figures of the pages, and the pictures, against the results" },
    ],
  },
  {
    // After `types`: both make the packages' declarations.
    atOnce: 2,
    checks: [
      { name: "docs:check", what: "every TypeScript block of the pages" },
      { name: "sizes", what: "the bundles' sizes against their limits" },
      { name: "dry-run", what: "the reference Worker's bundle, as a deploy makes it" },
    ],
  },
  { atOnce: 1, checks: [{ name: TESTS, what: "the tests: Node, workerd and Chromium" }] },
  {
    // One after the other: both build the packages.
    atOnce: 1,
    checks: [
      { name: "exports", what: "the packed packages, by publint and are-the-types-wrong" },
      { name: "pack", what: "the packed packages, used by a project outside the workspace" },
    ],
  },
];

/** The stages with only the named checks; a name that is none of them is an error. */
export function stagesWith(names: string[] | undefined): Stage[] {
  if (names === undefined) return STAGES;
  const known = STAGES.flatMap(({ checks }) => checks.map(({ name }) => name));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(`no check is called ${unknown.join(", ")}; there are ${known.join(", ")}`);
  }
  return STAGES.map(({ atOnce, checks }) => ({
    atOnce,
    checks: checks.filter(({ name }) => names.includes(name)),
  }));
}
