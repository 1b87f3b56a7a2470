// Which tests bypass the test kit.
import { expect, test } from "vitest";

import { countOf, helpersOf } from "../kit.ts";

/** The modules that the tests below import. */
const HELPERS = new Set(["test/dial.ts", "test/clock.ts"]);

const count = (source: string): number[] => {
  const { tests, bypassing } = countOf("test/a.test.ts", source, HELPERS);
  return [bypassing.length, tests];
};

test("counts a test that names what the plugin lends, or what does it by hand", () => {
  const source = `
    import { evictDurableObject as evict } from "cloudflare:test";
    import { dial } from "./dial.ts";
    import { testRoom } from "@greenroom/testing/workers";
    test("one", async () => { await evict(stub); });
    test("two", async () => { await dial(stub); });
    test("three", () => { vi.setSystemTime(1); });
    test("four", () => { env.Room.getByName("x"); });
    test("five", async () => { await testRoom(env.Room); });
  `;
  expect(count(source)).toEqual([4, 5]);
});

test("counts a test that does it through helpers of its file", () => {
  const source = `
    import { runInDurableObject } from "cloudflare:test";
    const left = (stub) => runInDurableObject(stub, () => 0);
    async function nothing(stub) { return (await left(stub)) === 0; }
    test("one", async () => { await nothing(stub); });
    test("two", () => { expect(1).toBe(1); });
  `;
  expect(count(source)).toEqual([1, 2]);
});

test("counts a table of tests as one, and groups as none", () => {
  const source = `
    import { ring } from "./clock.ts";
    describe("a group", () => {
      test.each([1, 2])("of %i", async (n) => { await ring(n); });
      test("of none", () => undefined);
    });
  `;
  expect(count(source)).toEqual([1, 2]);
});

test("finds the helpers that do it by hand, themselves or by another helper", () => {
  const files = new Map([
    ["test/clock.ts", 'import { runInDurableObject } from "cloudflare:test";'],
    ["test/deep/dial.ts", "export const of = () => env.Room.getByName('x');"],
    ["test/deep/crowd.ts", 'import { ring } from "../clock.ts";'],
    ["test/words.ts", 'import type { Ring } from "./clock.ts"; export const WORDS = 1;'],
    ["test/a.test.ts", 'import { runInDurableObject } from "cloudflare:test";'],
  ]);
  expect([...helpersOf(files)].toSorted()).toEqual([
    "test/clock.ts",
    "test/deep/crowd.ts",
    "test/deep/dial.ts",
  ]);
});

test("leaves out what has a reason, and names the reasons that no test has any more", () => {
  const source = `
    import { ring } from "./clock.ts";
    test("rings by hand", async () => { await ring(1); });
    test("rings for another reason", async () => { await ring(1); });
    test("does nothing", () => undefined);
  `;
  const exempt = (path: string) =>
    countOf("test/a.test.ts", source, HELPERS, [
      { path, titles: ["rings by", "does"], why: "a test" },
    ]);
  expect(exempt("test/a.test.ts")).toMatchObject({
    bypassing: ["rings for another reason"],
    exempt: 1,
    unused: ["does"],
  });
  expect(exempt("test/b.test.ts")).toMatchObject({ exempt: 0, unused: [] });
});
