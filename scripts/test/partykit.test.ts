import { expect, test } from "vitest";

import { faultsOf, type Repository, rowsOf } from "../partykit.ts";

const ids = [
  ...Array.from({ length: 33 }, (_, n) => `A${n + 1}`),
  ...Array.from({ length: 14 }, (_, n) => `B${n + 1}`),
];
const repository: Repository = {
  exists: (path) => path === "src/x.ts" || path === "test/x.test.ts",
  titles: () => ids.map((id) => `[${id}] holds | always`),
};
const row = (id: string, handled = "`src/x.ts`", title = `[${id}] holds \\| always`): string =>
  `| ${id} | it breaks | ${handled} | \`test/x.test.ts\`: ${title} |`;
const check = (changed: Record<string, string | undefined>): string[] => {
  const lines = ids.map((id) => (id in changed ? changed[id] : row(id)));
  return faultsOf(rowsOf(lines.filter(Boolean).join("\n")), repository);
};

test("a page with a test for every weakness is in order", () => {
  expect(check({})).toEqual([]);
});

test("a reason stands for a test", () => {
  const reason = "| A9 | x | Does not apply: rooms are given no props by anybody. | |";
  expect(check({ A9: reason })).toEqual([]);
  expect(check({ A9: "| A9 | x | Does not apply: no. | |" })).toHaveLength(1);
});

test.each([
  ["a missing row", { B14: undefined }, "has 0 rows for B14"],
  ["a row given twice", { B14: `${row("B14")}\n${row("B14")}` }, "has 2 rows for B14"],
  [
    "a file that is not there",
    { A1: row("A1", "`src/y.ts`") },
    "names src/y.ts, which is not there",
  ],
  ["no file", { A1: row("A1", "somehow") }, "names no file"],
  [
    "a test that is not there",
    { A1: row("A1", "`src/x.ts`", "[A1] something else") },
    "has not: [A1] something else",
  ],
  [
    "a test of another id",
    { A1: row("A1", "`src/x.ts`", "[A2] holds \\| always") },
    "does not quote [A1]",
  ],
])("%s is found", (_what, changed, fault) => {
  expect(check(changed).join("\n")).toContain(fault);
});
