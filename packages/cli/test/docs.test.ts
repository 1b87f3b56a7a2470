// The page that the findings point to has a section for each rule, and none for a rule that is gone.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { docsOf, RULES } from "../src/index.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/guide/doctor.md"), "utf8");

test("every rule has its section in docs/guide/doctor.md", () => {
  const sections = [...PAGE.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);
  expect(new Set(sections)).toEqual(new Set(Object.keys(RULES)));
  expect(sections).toHaveLength(Object.keys(RULES).length);
});

test("the link of a rule leads to its section", () => {
  expect(docsOf("timer-in-room")).toBe("docs/guide/doctor.md#timer-in-room");
});
