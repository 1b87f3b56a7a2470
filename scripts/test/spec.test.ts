// Rules and tests, held to each other.
import { expect, test } from "vitest";

import { idsOf, mismatches, rulesOf } from "../spec.ts";

const title = (text: string) => ({ text, path: "a.test.ts", line: 1 });

test("reads rules from the lines that start with a bold id", () => {
  const spec = "# Spec\n- **L1** one\n- **CH12** two\n- L3 is text\n  - **L4** is nested\n";
  expect(rulesOf(spec)).toEqual([
    { id: "L1", line: 2 },
    { id: "CH12", line: 3 },
  ]);
});

test("reads ids from titles, several in one", () => {
  expect(idsOf("[L1] [A13] closes [once] and [0]")).toEqual(["L1", "A13"]);
});

test("accepts rules with tests, and known weaknesses", () => {
  const titles = [title("[L1] holds"), title("[A33] and [B14] are handled")];
  expect(mismatches([{ id: "L1", line: 1 }], titles)).toEqual([]);
});

test("names a rule without a test, a test of no rule, and a rule given twice", () => {
  const rules = [
    { id: "L1", line: 1 },
    { id: "L2", line: 2 },
    { id: "L1", line: 3 },
  ];
  const faults = mismatches(rules, [title("[L1] holds"), title("[L9] [A34] [B15] hold")]);
  expect(faults).toHaveLength(5);
  expect(faults.join("\n")).toMatch(
    /L2 has no test[\s\S]*L1 is given twice[\s\S]*L9[\s\S]*A34[\s\S]*B15/,
  );
});

test("names a rule that has the id of a known weakness", () => {
  const rules = [
    { id: "B14", line: 1 },
    { id: "B15", line: 2 },
  ];
  expect(mismatches(rules, [title("[B14] [B15] hold")])).toEqual([
    "packages/protocol/SPEC.md:1 rule B14 has the id of a known weakness",
  ]);
});
