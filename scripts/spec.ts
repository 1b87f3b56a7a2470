// Holds packages/protocol/SPEC.md and the tests to each other: every rule (`- **L1** ...`) is quoted
// as `[L1]` in a test's title, and every quoted id is a rule, or a known weakness of partyserver
// (A1 to A33) or partysocket (B1 to B14).
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { testTitlesOf, type Title } from "./syntax.ts";
import { ROOT } from "./workspace.ts";

const SPEC = "packages/protocol/SPEC.md";
const TESTS = ["packages/*/test/**/*.test.{ts,tsx}", "examples/*/test/**/*.test.{ts,tsx}"];

export type Rule = { id: string; line: number };
export type QuotedTitle = Title & { path: string };

export function rulesOf(spec: string): Rule[] {
  return spec.split("\n").flatMap((text, index) => {
    const id = text.match(/^- \*\*([A-Za-z]+\d+)\*\*\s/)?.[1];
    return id ? [{ id, line: index + 1 }] : [];
  });
}

/** The ids that a title quotes: "[L1] [A13] closes" quotes L1 and A13. */
export function idsOf(title: string): string[] {
  return [...title.matchAll(/\[([A-Za-z]+\d+)\]/g)].map((match) => match[1]!);
}

/** Rules without a test, tests of no rule, and ids given twice, be it to a weakness. */
export function mismatches(rules: Rule[], titles: QuotedTitle[]): string[] {
  const known = new Set(rules.map(({ id }) => id));
  const quoted = new Set(titles.flatMap(({ text }) => idsOf(text)));
  const faults: string[] = [];
  for (const { id, line } of rules) {
    if (!quoted.has(id))
      faults.push(`${SPEC}:${line} rule ${id} has no test: quote [${id}] in one`);
    if (rules.some((other) => other.id === id && other.line < line)) {
      faults.push(`${SPEC}:${line} rule ${id} is given twice`);
    }
  }
  for (const { id, line } of rules) {
    if (isWeakness(id)) faults.push(`${SPEC}:${line} rule ${id} has the id of a known weakness`);
  }
  for (const { text, path, line } of titles) {
    for (const id of idsOf(text)) {
      if (known.has(id) || isWeakness(id)) continue;
      faults.push(`${path}:${line} quotes [${id}], which is no rule of ${SPEC}`);
    }
  }
  return faults;
}

/** The numbered weaknesses of partyserver and partysocket that rooms guard against. */
function isWeakness(id: string): boolean {
  const [, letter, digits] = id.match(/^([AB])(\d+)$/) ?? [];
  const number = Number(digits);
  return number >= 1 && number <= (letter === "A" ? 33 : letter === "B" ? 14 : 0);
}

function readTitles(): QuotedTitle[] {
  return globSync(TESTS, { cwd: ROOT }).flatMap((path) =>
    testTitlesOf(path, readFileSync(join(ROOT, path), "utf8")).map((title) => ({ ...title, path })),
  );
}

if (import.meta.main) {
  const path = join(ROOT, SPEC);
  const rules = rulesOf(existsSync(path) ? readFileSync(path, "utf8") : "");
  const titles = readTitles();
  const faults = mismatches(rules, titles);
  if (rules.length === 0)
    faults.push(`${SPEC} is missing, or has no rules of the form "- **L1** ..."`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
  console.log(`${rules.length} rules, each with a test`);
}
