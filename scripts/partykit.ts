// Holds docs/partykit.md to the code and the tests: every numbered weakness of partyserver (A1 to
// A33) and of partysocket (B1 to B14) has a row that names files which exist and a test which
// exists and quotes its id, or that says why it does not apply.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { testTitlesOf } from "./syntax.ts";
import { ROOT } from "./workspace.ts";

const PAGE = "docs/partykit.md";
const COUNTS: Readonly<Record<string, number>> = { A: 33, B: 14 };
/** How a cell begins that says why a weakness does not apply. */
const REASON = /^does not apply: .{20,}/i;

export type Row = { id: string; line: number; handled: string; proved: string };
/** What there is: whether a file exists, and the titles of a file's tests. */
export type Repository = { exists(path: string): boolean; titles(path: string): string[] };

/** The rows `| A1 | weakness | handled | proved |` of the page. */
export function rowsOf(page: string): Row[] {
  return page.split("\n").flatMap((text, index) => {
    const cells = text.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, id = "", , handled = "", proved = ""] = cells;
    return /^[AB]\d+$/.test(id) ? [{ id, line: index + 1, handled, proved }] : [];
  });
}

/** Ids without a row or with two, files that do not exist, and tests that do not or do not quote the id. */
export function faultsOf(rows: Row[], repository: Repository): string[] {
  const faults: string[] = [];
  for (const [letter, count] of Object.entries(COUNTS)) {
    for (let n = 1; n <= count; n++) {
      const found = rows.filter(({ id }) => id === `${letter}${n}`).length;
      if (found !== 1) faults.push(`${PAGE} has ${found} rows for ${letter}${n}`);
    }
  }
  for (const row of rows) faults.push(...faultsOfRow(row, repository));
  return faults;
}

function faultsOfRow({ id, line, handled, proved }: Row, { exists, titles }: Repository): string[] {
  const where = `${PAGE}:${line} ${id}`;
  const files = [...handled.matchAll(/`([^`]+\.\w+)`/g)].map(([, path = ""]) => path);
  const missing = files
    .filter((path) => !exists(path))
    .map((path) => `${where} names ${path}, which is not there`);
  if (REASON.test(handled)) return missing;
  if (files.length === 0) return [`${where} names no file, and does not say why it does not apply`];
  const [, path = "", title = ""] = /^`([^`]+)`: (.+)$/.exec(proved) ?? [];
  if (!exists(path)) return [...missing, `${where} names no test file that is there`];
  const plain = title.replaceAll("\\|", "|");
  if (!titles(path).includes(plain))
    return [...missing, `${where} names a test that ${path} has not: ${plain}`];
  return plain.includes(`[${id}]`)
    ? missing
    : [...missing, `${where} names a test that does not quote [${id}]`];
}

if (import.meta.main) {
  const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
  const faults = faultsOf(rowsOf(read(PAGE)), {
    exists: (path) => path !== "" && existsSync(join(ROOT, path)),
    titles: (path) => testTitlesOf(path, read(path)).map(({ text }) => text),
  });
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
  const total = Object.values(COUNTS).reduce((a, b) => a + b);
  console.log(`${total} weaknesses, each with a test or a reason`);
}
