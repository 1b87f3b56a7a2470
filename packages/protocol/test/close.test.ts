import { describe, expect, test } from "vitest";

import {
  CLOSE_CODES,
  type CloseName,
  closeName,
  closePolicy,
  closeReason,
  CLOSES,
  EXPIRED,
} from "../src/index.ts";

const NAMES = Object.keys(CLOSES) as CloseName[];

describe("close codes", () => {
  test("[C1] each range has one policy", () => {
    for (let code = 4000; code <= 4999; code++) {
      const expected =
        code >= 4100 && code < 4200
          ? "authenticate"
          : code >= 4200 && code < 4300
            ? "retry"
            : "stop";
      expect(closePolicy(code).do).toBe(expected);
    }
  });

  test("[C1] a client comes back after what the reason asks", () => {
    expect(closePolicy(4201, "limited; retry after 1500 ms")).toEqual({ do: "retry", after: 1500 });
    expect(closePolicy(4201, "limited")).toEqual({ do: "retry", after: 0 });
    expect(closePolicy(1012, "retry after 9 ms")).toEqual({ do: "retry", after: 9 });
  });

  test("[C1] nobody is sent away for longer than ten minutes", () => {
    expect(closePolicy(4201, "retry after 999999999 ms")).toEqual({ do: "retry", after: 600_000 });
  });

  test.each(["retry after -5 ms", "retry after x ms", "retry after 1e9 ms", "retry after 5", ""])(
    "[C1] %j asks for nothing",
    (reason) => expect(closePolicy(4201, reason)).toEqual({ do: "retry", after: 0 }),
  );

  test("[C2] 1000 and 1008 stop, other codes of the platform come back", () => {
    for (const code of [1000, 1008]) expect(closePolicy(code).do).toBe("stop");
    for (const code of [
      1001, 1002, 1003, 1005, 1006, 1007, 1009, 1010, 1011, 1012, 1013, 1014, 1015,
    ]) {
      expect(closePolicy(code)).toEqual({ do: "retry", after: 0 });
    }
  });

  test("[C3] every code of ours has a name, a meaning, and a code of its own", () => {
    expect(new Set(NAMES.map((name) => CLOSES[name][0])).size).toBe(NAMES.length);
    for (const name of NAMES) {
      const [code, meaning] = CLOSES[name];
      expect(code).toBe(CLOSE_CODES[name]);
      expect(closeName(code)).toBe(name);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
    expect(Object.keys(CLOSE_CODES)).toEqual(NAMES);
    expect(CLOSE_CODES.expired).toBe(EXPIRED);
    expect(closeName(4999)).toBeUndefined();
    expect(closeName(1000)).toBeUndefined();
  });

  test("[C3] a reason begins with the name, fits into a close frame, and says when to come back", () => {
    for (const name of NAMES) {
      expect(closeReason(name)).toBe(name);
      const reason = closeReason(name, 599_999.5);
      expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123);
      expect(closePolicy(CLOSES.limited[0], reason)).toEqual({ do: "retry", after: 600_000 });
    }
  });

  test.each(["spam", "x".repeat(500), "\u{1F6AA}".repeat(100), "a\uD83D".repeat(100)])(
    "[C3] the room's own words follow the name, as far as a close frame takes them: %j",
    (words) => {
      const reason = closeReason("kicked", undefined, words);
      expect(reason.startsWith(`kicked: ${words.slice(0, 4)}`.slice(0, 9))).toBe(true);
      expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123);
      expect(reason.isWellFormed()).toBe(true);
      expect(closeReason("limited", 5, words)).toMatch(/^limited; retry after 5 ms: /);
    },
  );
});
