import { expect, test } from "vitest";

import { type Check, CHECKS, checksNamed, nextOf } from "../checks.ts";

const named = (name: string): Check => checksNamed([name])[0]!;

test("a check begins when what it comes after is neither waiting nor running", () => {
  const [first, second] = [
    { name: "first", what: "" },
    { name: "second", what: "", after: ["first"] },
  ] as const satisfies Check[];
  expect(nextOf([second, first], [])).toBe(first);
  expect(nextOf([second], [first])).toBeUndefined();
  expect(nextOf([second], [])).toBe(second);
});

test("a check that is asked for alone waits for nobody", () => {
  expect(nextOf(checksNamed(["pack"]), [])).toBe(named("pack"));
});

test("all of them come to an end, one after the other or two at once", () => {
  for (const atOnce of [1, 2]) {
    const waiting = [...CHECKS];
    const running: Check[] = [];
    const ended: string[] = [];
    while (waiting.length + running.length > 0) {
      const next = running.length < atOnce ? nextOf(waiting, running) : undefined;
      if (next) running.push(...waiting.splice(waiting.indexOf(next), 1));
      else ended.push(running.shift()!.name);
    }
    expect(ended.toSorted()).toEqual(CHECKS.map(({ name }) => name).toSorted());
  }
});

test("a name that is none of theirs is refused with those that there are", () => {
  expect(() => checksNamed(["lint", "lynt"])).toThrow("no check is called lynt; there are");
});
