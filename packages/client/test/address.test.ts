import { parseRoomPath } from "@greenroom/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";

import { roomUrl } from "../src/address.ts";

const url = (host: string | undefined, room = "lobby", prefix = "rooms"): string =>
  roomUrl({ host, kind: "chat", room, prefix });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("hosts", () => {
  test.each([
    ["example.com", "wss://example.com"],
    ["example.com:8443", "wss://example.com:8443"],
    ["localhost", "ws://localhost"],
    ["localhost:8787", "ws://localhost:8787"],
    ["127.0.0.1:8787", "ws://127.0.0.1:8787"],
    ["[::1]:8787", "ws://[::1]:8787"],
    ["localhost.example.com", "wss://localhost.example.com"],
    ["http://example.com", "ws://example.com"],
    ["https://localhost:8787", "wss://localhost:8787"],
    ["ws://example.com/", "ws://example.com"],
    ["WSS://Example.com", "wss://example.com"],
  ])("[N2] %s is dialed as %s", (host, origin) => {
    expect(url(host)).toBe(`${origin}/rooms/chat/lobby`);
  });

  test.each([
    "",
    " ",
    "ftp://example.com",
    "https://example.com/base",
    "https://example.com/?a=b",
    "example.com#there",
    "https://me:secret@example.com",
    "exa mple.com",
  ])("[N2] %j is refused as a host", (host) => {
    expect(() => url(host)).toThrow(expect.objectContaining({ code: "bad-host" }));
  });

  test("[N2] without a host it is the page's, with the page's security", () => {
    vi.stubGlobal("location", { host: "192.168.1.7:5173", protocol: "http:" });
    expect(url(undefined)).toBe("ws://192.168.1.7:5173/rooms/chat/lobby");
    expect(url("192.168.1.7:5173")).toBe("ws://192.168.1.7:5173/rooms/chat/lobby");
    vi.stubGlobal("location", { host: "localhost:5173", protocol: "https:" });
    expect(url(undefined)).toBe("wss://localhost:5173/rooms/chat/lobby");
  });

  test("[N2] without a host and without a page it is refused", () => {
    expect(() => url(undefined)).toThrow(expect.objectContaining({ code: "bad-host" }));
  });
});

describe("rooms", () => {
  test.each(["a?b", "../x", "..a", "my room", "%2e%2e", "a/b", "a#b", "\u00e4\u{1f331}", "a%b"])(
    "[N2] [B11] %j arrives as it was written",
    (room) => {
      const { pathname, search, hash } = new URL(url("localhost:1", room));
      expect(parseRoomPath(pathname)).toEqual({ kind: "chat", name: room });
      expect(search + hash).toBe("");
    },
  );

  test.each(["", ".", "..", "x".repeat(129), "\ud800"])("[N1] [B11] %j is refused", (room) => {
    expect(() => url("localhost:1", room)).toThrow(expect.objectContaining({ code: "bad-name" }));
  });

  test("[N2] [A25] slashes around a prefix do not count", () => {
    expect(url("localhost:1", "a", "/api/rooms/")).toBe("ws://localhost:1/api/rooms/chat/a");
  });
});
