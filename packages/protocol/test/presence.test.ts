import { describe, expect, test } from "vitest";

import {
  byPerson,
  type Knowledge,
  type PresenceDiff,
  type PresenceEntry,
  readPresence,
  release,
  takeDiff,
  takeState,
} from "../src/index.ts";
import { Draw } from "./seeded.ts";

const entry = (id: string, shown?: unknown, person = id): PresenceEntry =>
  shown === undefined ? [id, person, 5, null] : [id, person, 5, null, shown];
const NOBODY: Knowledge = new Map();
const stated = (...entries: PresenceEntry[]): Knowledge => takeState(NOBODY, entries, false);
const shows = (known: Knowledge): Record<string, unknown> =>
  Object.fromEntries([...known].map(([id, { entry: each }]) => [id, each[4]]));

describe("reading", () => {
  test("[E1] an item of its shape is read, and any other is not", () => {
    for (const item of [
      ["p", "state", 0],
      ["p", "state", 15_000, entry("a"), entry("b", { x: 1 })],
      ["p", "diff", {}],
      ["p", "diff", { joined: [entry("a")], changed: [["a", null]], left: ["b"] }],
      ["p", "fault", { code: "invalid", issues: [] }],
      ["p", "fault", { code: "of a later version" }],
    ]) {
      expect(readPresence(item)).toBe(item);
    }
    for (const item of [
      ["p"],
      ["p", "later"],
      ["p", "state"],
      ["p", "state", -1],
      ["p", "state", 0, ["a"]],
      ["p", "state", 0, ["a", "a", "now", null]],
      ["p", "diff"],
      ["p", "diff", null],
      ["p", "diff", { joined: {} }],
      ["p", "diff", { joined: [["a", 1, 5, null]] }],
      ["p", "diff", { changed: ["a"] }],
      ["p", "diff", { left: [{}] }],
      ["p", "fault"],
      ["p", "fault", { code: 7 }],
    ]) {
      expect(readPresence(item), JSON.stringify(item)).toBeUndefined();
    }
  });

  test("[E1] never throws, whatever comes", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const draw = new Draw(seed);
      const item = ["p", draw.pick(["state", "diff", "fault", "x"]), draw.json(), draw.json()];
      expect(() => readPresence(item)).not.toThrow();
    }
  });
});

describe("state and diffs", () => {
  test("[E2] hostile ids are ids like any other", () => {
    const ids = ["__proto__", "constructor", "toString", ""];
    const known = takeDiff(stated(...ids.map((id) => entry(id, 1))), {
      changed: [["__proto__", 2]],
      left: ["constructor", "hasOwnProperty"],
    });
    expect([...known.keys()]).toEqual(["__proto__", "toString", ""]);
    expect(known.get("__proto__")?.entry[4]).toBe(2);
    expect(Object.prototype).not.toHaveProperty("4");
  });

  test("[E2] [E3] any history of diffs comes to what a state at its end says", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const draw = new Draw(seed);
      const ids = ["a", "b", "c", "__proto__"];
      const truth = new Map<string, PresenceEntry>();
      let known = NOBODY;
      let joinedAt = draw.int(10);
      for (let step = 0; step < 20; step++) {
        const touched = new Set<string>();
        const diff: { joined: PresenceEntry[]; changed: [string, unknown][]; left: string[] } = {
          joined: [],
          changed: [],
          left: [],
        };
        for (let n = draw.int(4); n > 0; n--) {
          const id = draw.pick(ids);
          if (touched.has(id)) continue;
          touched.add(id);
          const before = truth.get(id);
          if (before && draw.random() < 0.3) {
            truth.delete(id);
            diff.left.push(id);
          } else if (before && draw.random() < 0.7) {
            const shown = draw.json(1);
            truth.set(id, [id, before[1], before[2], before[3], shown]);
            diff.changed.push([id, shown]);
          } else {
            const next = entry(id, draw.random() < 0.5 ? undefined : draw.int(5));
            truth.set(id, next);
            diff.joined.push(next);
          }
        }
        if (step === joinedAt) known = takeState(known, [...truth.values()], false);
        else if (step > joinedAt) known = takeDiff(known, diff);
        if (step > joinedAt) {
          const again = takeDiff(known, diff);
          for (const [id, { entry: each }] of again) expect(known.get(id)?.entry).toBe(each);
          expect(again.size).toBe(known.size);
        }
        joinedAt = Math.min(joinedAt, 10);
      }
      expect(shows(known), `seed ${seed}`).toEqual(
        Object.fromEntries([...truth].map(([id, each]) => [id, each[4]])),
      );
    }
  });

  test("[E15] what is told again and is the same stays the same object, whenever it was shown", () => {
    const known = stated(entry("a", { x: 1 }), entry("b"));
    const again = takeState(known, [["a", "a", 99, null, { x: 1 }], entry("b")], false);
    expect(again.get("a")?.entry).toBe(known.get("a")?.entry);
    expect(takeDiff(known, { changed: [["a", { x: 1 }]] }).get("a")?.entry).toBe(
      known.get("a")?.entry,
    );
    expect(takeDiff(known, { changed: [["a", { x: 2 }]] }).get("b")).toBe(known.get("b"));
  });

  test("what is shown by nobody changes nothing", () => {
    expect(shows(takeDiff(stated(entry("a")), { changed: [["b", 1]], left: ["c"] }))).toEqual({
      a: undefined,
    });
  });
});

describe("holding", () => {
  const before = stated(entry("a", 1), entry("b", 2), entry("c", 3));

  test("[E8] keeps who is missing, and what they showed, until it is released", () => {
    const held = takeState(before, [entry("b"), entry("c", 4)], true);
    expect(shows(held)).toEqual({ a: 1, b: 2, c: 4 });
    expect(shows(release(held))).toEqual({ b: undefined, c: 4 });
  });

  test("[E8] who is back is held no longer", () => {
    const diffs: PresenceDiff[] = [{ joined: [entry("a")] }, { changed: [["a", 1]] }];
    const back = diffs.reduce(takeDiff, takeState(before, [], true));
    expect(shows(back)).toEqual({ a: 1, b: 2, c: 3 });
    expect(shows(release(back))).toEqual({ a: 1 });
  });

  test("[E8] who is back and leaves has left", () => {
    const held = takeState(before, [], true);
    const left = takeDiff(takeDiff(held, { joined: [entry("a")] }), { left: ["a"] });
    expect(shows(takeDiff(left, { joined: [entry("a")] }))).toEqual({ a: undefined, b: 2, c: 3 });
  });

  test("a state without a grace holds nobody", () => {
    expect(shows(takeState(takeState(before, [], true), [entry("c", 3)], false))).toEqual({ c: 3 });
  });
});

test("[E11] members are grouped by person, in the order of joining", () => {
  const members = [
    { id: "1", person: "ann" },
    { id: "2", person: "__proto__" },
    { id: "3", person: "ann" },
  ];
  expect([...byPerson(members)]).toEqual([
    ["ann", [members[0], members[2]]],
    ["__proto__", [members[1]]],
  ]);
});
