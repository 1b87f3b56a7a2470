import { describe, expect, test } from "vitest";

import {
  type ClientFrame,
  decodeClientFrame,
  decodeRoomFrame,
  encodeClientFrame,
  encodeEntries,
  encodeItem,
  encodeMessage,
  encodeRoomFrame,
  type RoomItem,
  type Welcome,
} from "../src/index.ts";
import { Draw } from "./seeded.ts";

const welcome: Welcome = {
  id: "id",
  epoch: "E",
  resume: "resumed",
  seq: 3,
  head: 5,
  n: 7,
  slot: 10,
};

const CLIENT: ClientFrame[] = [
  ["m", 1, "say", { text: "a" }],
  ["m", Number.MAX_SAFE_INTEGER, "say", undefined],
  ["c", 2, "up", ["b"]],
  ["c", 3, "now", null],
  ["r", 4, { name: "ann" }],
  ["r", 5, undefined],
  ["f", 6, "busy"],
];

const ROOM: RoomItem[] = [
  ["w", welcome],
  ["w", { ...welcome, epoch: null, resume: "joined", snapshot: { lines: [1, 2] } }],
  ["n", "E"],
  ["e", 1, ["said", "a", 17]],
  ["e", 2, ["said", { text: "b" }, 17], ["left", null, 18]],
  ["s", "typing", "ann"],
  ["s", "typing", undefined],
  ["a", 9],
  ["v", 8, 42],
  ["v", 7, undefined],
  ["x", 6, { code: "failed", id: "abc" }],
  [
    "x",
    0,
    {
      code: "invalid",
      reason: "why",
      issues: [{ message: "too long", path: "text" }],
      retryAfter: 7,
    },
  ],
  ["q", 1, "name", { a: 1 }],
  ["q", 2, "ready", undefined],
];

/** Each with its JSON for a title. */
function titled<T>(list: readonly T[]): [string, T][] {
  return list.map((each) => [JSON.stringify(each), each]);
}

/** An item as it travels: a value of `undefined` is left out. */
function sent(item: RoomItem): unknown[] {
  return item.at(-1) === undefined ? item.slice(0, -1) : [...item];
}

describe("a client's frame", () => {
  test.each(titled(CLIENT))("[F1] [F3] %s is read as it was written", (_, frame) => {
    expect(decodeClientFrame(encodeClientFrame(frame))).toEqual({ ok: true, frame });
  });

  test("[F1] a message with its value as JSON is written as the frame is", () => {
    const frame: ClientFrame = ["m", 7, 'a"b', { text: "\u20ac" }];
    expect(encodeMessage("m", 7, 'a"b', `{"text":"\u20ac"}`)).toBe(encodeClientFrame(frame));
    expect(encodeMessage("c", 8, "now", undefined)).toBe(
      encodeClientFrame(["c", 8, "now", undefined]),
    );
  });

  test.each([
    "",
    "nonsense",
    "null",
    "7",
    '"m"',
    "{}",
    "[]",
    '["m"]',
    '["m",0,"say",1]',
    '["m",-1,"say",1]',
    '["m",1.5,"say",1]',
    '["m",9007199254740992,"say",1]',
    '["m","1","say",1]',
    '["m",1]',
    '["m",1,7,1]',
    '["m",1,"say",1,2]',
    '["c",1,null,1]',
    '["z",1,"say",1]',
    '[["m"],1,"say",1]',
    '["constructor",1,"say",1]',
  ])("[F1] [F4] %s says why it cannot be read", (text) => {
    expect(decodeClientFrame(text)).toEqual({ ok: false, why: expect.any(String) });
  });

  test("[F1] [F4] a reason that is no text is none, and a long one is cut", () => {
    expect(decodeClientFrame('["f",1,{"toString":null,"valueOf":7}]')).toEqual({
      ok: true,
      frame: ["f", 1, ""],
    });
    const long = decodeClientFrame(JSON.stringify(["f", 1, "x".repeat(1000)]));
    expect(long).toEqual({ ok: true, frame: ["f", 1, "x".repeat(200)] });
  });
});

describe("a room's frame", () => {
  test.each(titled(ROOM))("[F2] [F3] %s is read as it was written", (_, item) => {
    const read = decodeRoomFrame(encodeRoomFrame([encodeItem(item)]));
    expect(read).toEqual({ ok: true, frame: [sent(item)] });
  });

  test("[F2] [F3] many items are read in order", () => {
    const read = decodeRoomFrame(encodeRoomFrame(ROOM.map(encodeItem)));
    expect(read).toEqual({ ok: true, frame: ROOM.map(sent) });
    expect(decodeRoomFrame("[]")).toEqual({ ok: true, frame: [] });
  });

  test("[F2] entries that are JSON already are written as the item is", () => {
    const item: RoomItem = ["e", 2, ["said", "b", 17], ["left", null, 18]];
    const [, , ...entries] = item;
    const texts = entries.map((entry) => JSON.stringify(entry));
    expect(encodeEntries(2, texts.join(","))).toBe(encodeItem(item));
  });

  test.each([
    "nonsense",
    "{}",
    "[7]",
    '[["a",-1]]',
    '[["a"]]',
    '[["n",7]]',
    '[["n"]]',
    '[["e",0,["said",1,2]]]',
    '[["e",1]]',
    '[["e",1,["said",1]]]',
    '[["e",1,["said",1,2],7]]',
    '[["s",1]]',
    '[["v","1",2]]',
    '[["x",1]]',
    '[["x",1,null]]',
    '[["x",1,{}]]',
    '[["x",1,{"code":7}]]',
    '[["x",1,{"code":"failed","id":7}]]',
    '[["x",1,{"code":"failed","issues":7}]]',
    '[["x",1,{"code":"failed","retryAfter":"soon"}]]',
    '[["q",1]]',
    '[["w",null]]',
    '[["w",{}]]',
    `[["w",${JSON.stringify({ ...welcome, resume: ["joined"] })}]]`,
    `[["w",${JSON.stringify({ ...welcome, seq: -1 })}]]`,
    `[["w",${JSON.stringify({ ...welcome, epoch: 7 })}]]`,
  ])("[F2] [F4] %s says why it cannot be read", (text) => {
    expect(decodeRoomFrame(text)).toEqual({ ok: false, why: expect.any(String) });
  });

  test("[F5] items of kinds that are not known are passed over", () => {
    const text = `[["z",1],["a",1],["constructor"],["__proto__",2],[],[{"toString":1}],[["a",9]],["a",2]]`;
    expect(decodeRoomFrame(text)).toEqual({
      ok: true,
      frame: [
        ["a", 1],
        ["a", 2],
      ],
    });
  });

  test("[F5] a rejection with a code that is not known is a failure, and costs no other item", () => {
    expect(decodeRoomFrame('[["x",1,{"code":"of-tomorrow","id":"i"}],["a",2]]')).toEqual({
      ok: true,
      frame: [
        ["x", 1, { code: "failed", id: "i" }],
        ["a", 2],
      ],
    });
  });
});

describe("hostile texts", () => {
  const SEEDS = 3000;

  /** A frame of ours, bent: parts replaced, doubled, left out; the text cut or with bytes changed. */
  function bent(draw: Draw): string {
    const frame: unknown[] = JSON.parse(
      draw.random() < 0.5
        ? encodeClientFrame(draw.pick(CLIENT))
        : encodeRoomFrame(draw.list(4, () => encodeItem(draw.pick(ROOM)))),
    );
    for (let changes = draw.int(4); changes > 0; changes--) {
      const list =
        draw.random() < 0.5 ? frame : draw.pick(frame.filter(Array.isArray).concat([frame]));
      const at = draw.int(list.length + 1);
      list.splice(at, draw.int(2), ...draw.list(2, () => draw.json()));
    }
    const text = JSON.stringify(frame);
    if (draw.random() < 0.7) return text;
    const at = draw.int(text.length);
    return text.slice(0, at) + draw.text() + text.slice(at + draw.int(3));
  }

  test(`[F4] ${SEEDS} bent frames are read or say why, and nothing else`, () => {
    const unread: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const draw = new Draw(seed);
      const text = draw.random() < 0.2 ? JSON.stringify(draw.json(6)) : bent(draw);
      for (const decode of [decodeClientFrame, decodeRoomFrame]) {
        const decoded = decode(text);
        const isValue = decoded.ok ? Array.isArray(decoded.frame) : decoded.why.length > 0;
        if (!isValue) unread.push(`seed ${seed}: ${text}`);
      }
    }
    expect(unread).toEqual([]);
  });

  test("[F3] whatever value travels arrives, by seed", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const draw = new Draw(seed);
      const value = draw.json(5);
      const frame: ClientFrame = ["m", 1 + draw.int(1000), draw.text(), value];
      expect(decodeClientFrame(encodeClientFrame(frame)), `seed ${seed}`).toEqual({
        ok: true,
        frame: JSON.parse(JSON.stringify(frame)),
      });
      const item: RoomItem = ["e", 1 + draw.int(9), [draw.text(), value, 5]];
      expect(decodeRoomFrame(encodeRoomFrame([encodeItem(item)])), `seed ${seed}`).toEqual({
        ok: true,
        frame: [JSON.parse(JSON.stringify(item))],
      });
    }
  });

  test("[F4] depth is no way in", () => {
    for (const depth of [1000, 100_000]) {
      const deep = "[".repeat(depth) + "]".repeat(depth);
      for (const text of [deep, `["f",1,${deep}]`, `[[${deep}]]`, `[["a",1],["x",1,${deep}]]`]) {
        expect(decodeClientFrame(text)).toHaveProperty("ok");
        expect(decodeRoomFrame(text)).toHaveProperty("ok");
      }
    }
  });

  test("[F4] a `__proto__` in a value reaches no prototype", () => {
    decodeRoomFrame(
      '[["s","typing",{"__proto__":{"polluted":1}}],["x",1,{"code":"failed","__proto__":{"polluted":1}}]]',
    );
    decodeClientFrame(
      '["m",1,"say",{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]',
    );
    expect("polluted" in {}).toBe(false);
  });
});
