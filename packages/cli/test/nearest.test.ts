import { describe, expect, test } from "vitest";

import { distance, nearest } from "../src/nearest.ts";

describe("nearest", () => {
  test.each([
    ["ChatRoon", "ChatRoom"],
    ["Chatroom", "ChatRoom"],
    ["chat_room", "ChatRoom"],
    ["ChatRooms", "ChatRoom"],
  ])("takes %s for %s", (name, meant) => {
    expect(nearest(name, ["GameRoom", "ChatRoom", "Lobby"])).toBe(meant);
  });

  test("takes the closest of several", () => {
    expect(nearest("RoomC", ["RoomAB", "RoomB", "Broom"])).toBe("RoomB");
  });

  test("suggests nothing that is not close", () => {
    expect(nearest("Lobby", ["ChatRoom", "Hobbies"])).toBeUndefined();
    expect(nearest("X", [])).toBeUndefined();
  });

  test("distance counts the letters to change", () => {
    expect(distance("kitten", "sitting")).toBe(3);
    expect(distance("", "abc")).toBe(3);
  });
});
