// The directions in which packages may import.
import { expect, test } from "vitest";

import { violations } from "../boundaries.ts";

const file = (path: string, from: string, typeOnly = false) => ({
  path: `packages/${path}`,
  folder: path.split("/")[0]!,
  imports: [{ from, typeOnly, line: 1 }],
});

test.each([
  ["protocol/src/a.ts", "./b.ts", false],
  ["protocol/src/a.ts", "@standard-schema/spec", true],
  ["server/src/a.ts", "@greenroom/protocol", false],
  ["server/src/a.ts", "cloudflare:workers", false],
  ["client/src/a.ts", "partysocket/ws", false],
  ["react/src/a.ts", "@greenroom/client", false],
  ["testing/src/a.ts", "@greenroom/server", false],
])("%s may import %s", (path, from, typeOnly) => {
  expect(violations([file(path, from, typeOnly)])).toEqual([]);
});

test.each([
  ["protocol/src/a.ts", "@standard-schema/spec", false],
  ["protocol/src/a.ts", "node:crypto", false],
  ["protocol/src/a.ts", "../../server/src/room.ts", false],
  ["protocol/src/a.ts", "@greenroom/server", true],
  ["client/src/a.ts", "@greenroom/server", true],
  ["client/src/a.ts", "cloudflare:workers", false],
  ["server/src/a.ts", "@greenroom/client", false],
  ["server/src/a.ts", "@greenroom/testing", true],
  ["server/src/a.ts", "nanoid", false],
  ["cli/src/a.ts", "@greenroom/testing", false],
  ["unheard-of/src/a.ts", "./b.ts", false],
])("%s may not import %s", (path, from, typeOnly) => {
  expect(violations([file(path, from, typeOnly)])).toHaveLength(1);
});

test("a third file of the server may not import partyserver", () => {
  const files = ["a", "b", "c"].map((name) => file(`server/src/${name}.ts`, "partyserver"));
  expect(violations(files.slice(0, 2))).toEqual([]);
  expect(violations(files)).toEqual([expect.stringContaining("3 files import partyserver")]);
});
