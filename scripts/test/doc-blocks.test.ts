// Turning the blocks of a page into files.
import { expect, test } from "vitest";

import { blocksOf, filesOf } from "../doc-blocks.ts";

const FENCE = "```";

function page(...lines: string[]): string {
  return lines.join("\n");
}

test("takes the TypeScript blocks, at the page's own line numbers", () => {
  const blocks = blocksOf(
    page(
      "# A",
      `${FENCE}ts`,
      "one();",
      FENCE,
      `${FENCE}sh`,
      "no",
      FENCE,
      `${FENCE}tsx`,
      "<b />",
      FENCE,
    ),
  );
  expect(blocks).toEqual([
    { line: 3, code: "\n\none();\n", language: "ts" },
    { line: 9, code: "\n".repeat(8) + "<b />\n", language: "tsx" },
  ]);
});

test("reads a file's name from the first line", () => {
  const names = ["// contract.ts", "// src/server.ts: the room", "// say hello", "// see a.ts"].map(
    (line) => blocksOf(page(`${FENCE}ts`, line, FENCE))[0]?.name,
  );
  expect(names).toEqual(["contract.ts", "src/server.ts", undefined, undefined]);
});

test("puts the context of the comment before a block on its first line", () => {
  const context = ["<!-- context:", "import { a } from 'a';", "-->", ""];
  const [block] = blocksOf(page(...context, `${FENCE}ts`, "a();", FENCE));
  expect(block?.code).toBe("import { a } from 'a';" + "\n".repeat(5) + "a();\n");
});

test("ignores other comments, and blocks inside longer fences", () => {
  const blocks = blocksOf(
    page(
      "<!-- note -->",
      `${FENCE}ts`,
      "a();",
      FENCE,
      "````md",
      `${FENCE}ts`,
      "b();",
      FENCE,
      "````",
    ),
  );
  expect(blocks.map(({ code }) => code.trim())).toEqual(["a();"]);
});

test("reads blocks inside lists", () => {
  const [block] = blocksOf(page("- item", `  ${FENCE}ts`, "  a(", "    b);", `  ${FENCE}`));
  expect(block?.code).toBe("\n\na(\n  b);\n");
});

test("gives each block the named files above it, in their latest form", () => {
  const block = (line: number, code: string, name?: string) => ({
    line,
    code,
    language: "ts" as const,
    ...(name === undefined ? {} : { name }),
  });
  const files = filesOf([
    block(1, "1", "a.ts"),
    block(2, "2"),
    block(3, "3", "a.ts"),
    block(4, "4", "b.ts"),
  ]);
  expect(files).toEqual([
    { path: "1/a.ts", code: "1", checked: true },
    { path: "2/a.ts", code: "1", checked: false },
    { path: "2/block.ts", code: "2", checked: true },
    { path: "3/a.ts", code: "3", checked: true },
    { path: "4/a.ts", code: "3", checked: false },
    { path: "4/b.ts", code: "4", checked: true },
  ]);
});
