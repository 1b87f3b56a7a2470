import { describe, expect, test } from "vitest";

import { applyEdits, linesChanged } from "../src/edits.ts";
import { insertSibling } from "../src/siblings.ts";
import { textFile } from "../src/text-file.ts";

const file = textFile("/a", "one\ntwo\nthree\n");
const at = (start: number, end: number, text: string) => ({ file, start, end, text });

describe("applyEdits", () => {
  test("leaves alone what is not edited", () => {
    const { files } = applyEdits([[at(4, 7, "TWO")], [at(0, 0, "> ")]]);
    expect(files.get("/a")).toBe("> one\nTWO\nthree\n");
  });

  test("takes a group whole or not at all", () => {
    const { files, applied } = applyEdits([[at(0, 3, "1")], [at(4, 7, "2"), at(2, 5, "x")]]);
    expect(applied).toEqual([true, false]);
    expect(files.get("/a")).toBe("1\ntwo\nthree\n");
  });

  test("makes an edit once that two groups share", () => {
    const { files, applied } = applyEdits([[at(3, 3, "!")], [at(3, 3, "!")]]);
    expect(applied).toEqual([true, true]);
    expect(files.get("/a")).toBe("one!\ntwo\nthree\n");
  });
});

test("linesChanged shows whole lines", () => {
  expect(linesChanged([at(5, 6, "WO\nand a half")])).toEqual([
    { file, line: 2, before: "two", after: "tWO\nand a halfo" },
  ]);
});

describe("insertSibling", () => {
  test.each([
    ["in a line", "[1, 2]", "2", "[1, 2, 3]"],
    ["in a line with a trailing comma", "[1, 2,]", "2", "[1, 2, 3,]"],
    ["in lines", "[\n  1,\n  2\n]", "2", "[\n  1,\n  2,\n  3\n]"],
    ["in lines with a trailing comma", "[\n  1,\n  2,\n]", "2", "[\n  1,\n  2,\n  3,\n]"],
    ["before a comment", "[\n  2 // two\n]", "2", "[\n  2, // two\n  3\n]"],
    ["before a comment and a comma", "[\n  2, // two\n]", "2", "[\n  2, // two\n  3,\n]"],
    ["in lines of Windows", "[\r\n  2\r\n]", "2", "[\r\n  2,\r\n  3\r\n]"],
    ["before another", "[\n  2,\n  4\n]", "2", "[\n  2,\n  3,\n  4\n]"],
  ])("%s", (_title, before, neighbour, after) => {
    const text = textFile("/b", before);
    const start = before.indexOf(neighbour);
    const { files } = applyEdits([insertSibling(text, start, start + neighbour.length, "3")]);
    expect(files.get("/b")).toBe(after);
  });
});
