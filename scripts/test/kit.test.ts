// Which tests bypass the test kit.
import { expect, test } from "vitest";

import { countOf } from "../kit.ts";

const count = (source: string): number[] => {
  const { tests, bypassing } = countOf("a.test.ts", source);
  return [bypassing, tests];
};

test("counts a test that names what the plugin lends, or what does it by hand", () => {
  const source = `
    import { evictDurableObject as evict } from "cloudflare:test";
    import { dial } from "../dial.ts";
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

test("leaves out what has a reason, and names the reasons that no test has any more", () => {
  const source = `
    import { ring } from "./clock.ts";
    test("rings by hand", async () => { await ring(1); });
    test("rings for another reason", async () => { await ring(1); });
    test("does nothing", () => undefined);
  `;
  const exempt = (path: string) =>
    countOf("a.test.ts", source, [{ path, titles: ["rings by", "does"], why: "a test" }]);
  expect(exempt("a.test.ts")).toMatchObject({ bypassing: 1, exempt: 1, unused: ["does"] });
  expect(exempt("b.test.ts")).toMatchObject({ bypassing: 2, exempt: 0, unused: [] });
});
