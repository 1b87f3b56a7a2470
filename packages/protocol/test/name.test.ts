import { describe, expect, test } from "vitest";

import { isRoomName, NAME_LIMIT, parseRoomPath, roomPath } from "../src/index.ts";
import { Draw } from "./seeded.ts";

describe("names of rooms", () => {
  test.each([
    "a",
    "lobby",
    "my room",
    "...",
    " ",
    "a/b",
    "%2e",
    "\u{1f331}",
    "\0",
    "x".repeat(NAME_LIMIT),
  ])("[N1] %j is a name", (name) => expect(isRoomName(name)).toBe(true));

  test.each([
    "",
    ".",
    "..",
    "\ud800",
    "a\udfffb",
    "x".repeat(NAME_LIMIT + 1),
    "\u{1f331}".repeat(65),
  ])("[N1] %j is none, and has no path", (name) => {
    expect(isRoomName(name)).toBe(false);
    expect(() => roomPath("chat", name)).toThrow(expect.objectContaining({ code: "bad-name" }));
  });

  test("[N2] a name travels as one segment", () => {
    expect(roomPath("chat", "my room/?#%")).toBe("/rooms/chat/my%20room%2F%3F%23%25");
    expect(roomPath("chat", "a", "api/v1")).toBe("/api/v1/chat/a");
  });

  test("[N2] every name arrives as it was written, through a URL, by seed", () => {
    for (let seed = 1; seed <= 3000; seed++) {
      const draw = new Draw(seed);
      const name = draw
        .list(12, () => draw.pick([".", "/", "%", "2e", "\\", draw.text()]))
        .join("");
      if (!isRoomName(name)) continue;
      const { pathname } = new URL(roomPath("chat", name), "ws://localhost");
      expect(parseRoomPath(pathname), `seed ${seed}`).toEqual({ kind: "chat", name });
    }
  });

  test("[N2] a name is decoded exactly once", () => {
    expect(parseRoomPath("/rooms/chat/%252e%252e")).toEqual({ kind: "chat", name: "%2e%2e" });
    expect(parseRoomPath("/rooms/chat/a%2Fb")).toEqual({ kind: "chat", name: "a/b" });
  });

  test.each([
    "/rooms/chat/%2e%2e",
    "/rooms/chat/.",
    "/rooms/chat/%",
    "/rooms/chat/%ff",
    "/rooms/chat/",
  ])("[N1] [N2] %s names a kind, and no room", (path) =>
    expect(parseRoomPath(path)).toEqual({ kind: "chat", error: "bad-name" }),
  );

  test.each([
    "/",
    "/rooms",
    "/rooms/",
    "/rooms//a",
    "/rooms/chat/a/b",
    "/rooms/chat/a/",
    "/other/chat/a",
    "/rooms/%/a",
  ])("[N3] %s is no room's path", (path) => expect(parseRoomPath(path)).toBeUndefined());

  test("[N3] a path under another prefix is no room's path", () => {
    expect(parseRoomPath("/api/chat/a", "api")).toEqual({ kind: "chat", name: "a" });
    expect(parseRoomPath("/rooms/chat/a", "api")).toBeUndefined();
  });
});
