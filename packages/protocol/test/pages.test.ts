import { describe, expect, test } from "vitest";

import { encodePageRequest, readPage, readPageRequest } from "../src/index.ts";

describe("a page", () => {
  test("[F3] a question that was encoded is read as it was", () => {
    const request = { id: 3, seq: 120, limit: 50 };
    expect(readPageRequest(encodePageRequest(request))).toEqual(request);
  });

  test.each([
    "",
    "[",
    "{}",
    "null",
    '["b"]',
    '["b",1,2]',
    '["b",1,2,"3"]',
    '["b",-1,2,3]',
    '["b",1.5,2,3]',
  ])("[F4] what is no question is `undefined`: %s", (text) =>
    expect(readPageRequest(text)).toBe(undefined),
  );

  test("[F2] an answer is entries from a seq, or a fault", () => {
    const entries = [
      ["said", "a", 1],
      ["left", null, 2],
    ] as const;
    expect(readPage(["b", 1, 7, ...entries])).toEqual({ id: 1, seq: 7, entries });
    expect(readPage(["b", 1, 0])).toEqual({ id: 1, seq: 0, entries: [] });
    expect(readPage(["b", 1, { code: "limited" }])).toEqual({ id: 1, fault: { code: "limited" } });
  });

  test.each([
    [["b"]],
    [["b", 1]],
    [["b", "1", 7]],
    [["b", 1, 7, "said"]],
    [["b", 1, 7, ["said", 1]]],
    [["b", 1, null]],
  ])("[F4] what is no answer is `undefined`: %j", (item) => expect(readPage(item)).toBe(undefined));
});
