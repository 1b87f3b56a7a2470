// Reading imports and test titles from sources.
import { expect, test } from "vitest";

import { importsOf, testTitlesOf } from "../syntax.ts";

test("finds every kind of import and tells the type-only ones", () => {
  const source = `
    import type { A } from "a";
    import { type B, type C } from "b";
    import { type D, e } from "d";
    export * from "f";
    export type { G } from "g";
    import "h";
    const i = await import("i");
    type J = import("j").J;
    // import { no } from "comment";
    const text = 'import { no } from "string"';
  `;
  expect(importsOf("x.ts", source).map(({ from, typeOnly }) => [from, typeOnly])).toEqual([
    ["a", true],
    ["b", true],
    ["d", false],
    ["f", false],
    ["g", true],
    ["h", false],
    ["i", false],
    ["j", true],
  ]);
});

test("finds the titles of tests however they are called", () => {
  const source = `
    describe("one", () => {
      it("two", () => {});
      test.each([1])("three %i", () => {});
      it.fails("four", () => {});
      test(\`five \${x}\`, () => {});
    });
    expect("six");
  `;
  expect(testTitlesOf("x.ts", source)).toEqual([
    { text: "one", line: 2 },
    { text: "two", line: 3 },
    { text: "three %i", line: 4 },
    { text: "four", line: 5 },
    { text: "five ${}", line: 6 },
  ]);
});
