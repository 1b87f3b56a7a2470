// Who is shut out of a room, and who is too many.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { at, SECOND, TOMORROW } from "./clock.ts";
import { dial } from "./dial.ts";
import { sessionToken, speak, type Speaker } from "./speak.ts";
import { through, tokenOf } from "./through.ts";

afterEach(() => {
  vi.useRealTimers();
});

const claims = (user: string): string => tokenOf({ sub: user, name: user });
const bearer = (user: string): Record<string, string> => ({
  Authorization: `Bearer ${claims(user)}`,
});

/** A connection of a user to a room under test. */
function come(name: string, user: string, session = sessionToken()): Promise<Speaker> {
  return speak(through("door", name), { session, token: claims(user) });
}

/** With what somebody is turned away. */
async function awayFrom(
  name: string,
  user: string,
  session = sessionToken(),
  kind = "door",
): Promise<object> {
  const { helloProtocols } = await import("@greenroom/protocol");
  const protocols = helloProtocols({ session, epoch: null, seq: null }, claims(user));
  return (await dial(through(kind, name), { protocols })).closed;
}

test("[W13] a member that is kicked hears why", async () => {
  const anna = await come("kick", "anna");
  const ben = await come("kick", "ben");
  anna.message(1, "kick", ben.id);
  expect(await ben.dialled.closed).toEqual({ code: 4003, reason: "kicked: you know why" });
  expect(await anna.item("s")).toEqual(["s", "left", "BEN ben"]);
});

test("[W13] [C3] a reason that is too long is cut, and not in the middle of a character", async () => {
  const anna = await come("long", "anna");
  await runInDurableObject(env.DoorRoom.getByName("long"), (room) => {
    room.member(anna.id)?.kick("\u{1F6AA}".repeat(60));
  });
  const { reason } = (await anna.dialled.closed) as { reason: string };
  expect(reason).toMatch(/^kicked: \u{1F6AA}+\uFFFD?$/u);
  expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123);
});

test("[W14] a ban closes every connection of a user, outlives sleep and crash, and shuts out HTTP", async () => {
  const room = env.DoorRoom.getByName("ban");
  const anna = await come("ban", "anna");
  const [ben, again] = [await come("ban", "ben"), await come("ban", "ben")];
  anna.message(1, "ban", { user: "ben" });
  const banned = { code: 4006, reason: "banned: spam" };
  expect([await ben.dialled.closed, await again.dialled.closed]).toEqual([banned, banned]);
  for (const how of ["hibernate", "close"] as const) {
    await evictDurableObject(room, { webSockets: how });
    expect(await awayFrom("ban", "ben")).toEqual(banned);
    const answer = await through("door", "ban").fetch("https://x/", { headers: bearer("ben") });
    expect([answer.status, await answer.json()]).toEqual([403, { code: "banned", reason: "spam" }]);
  }
  const carl = await come("ban", "carl"); // others come in
  carl.message(1, "unban", "ben");
  expect(await carl.outcome(1)).toEqual({});
  await come("ban", "ben");
});

test("[W14] a ban ends at its time, and its row goes with the next one", async () => {
  at(TOMORROW);
  const anna = await come("ban-for", "anna");
  anna.message(1, "ban", { user: "ben", for: 10 * SECOND });
  await anna.outcome(1);
  at(TOMORROW + 10 * SECOND - 1);
  expect(await awayFrom("ban-for", "ben")).toMatchObject({ code: 4006 });
  at(TOMORROW + 10 * SECOND);
  await come("ban-for", "ben");
  anna.message(2, "ban", { user: "carl" });
  await anna.outcome(2);
  await runInDurableObject(env.DoorRoom.getByName("ban-for"), (_room, { storage }) => {
    const rows = storage.sql.exec("SELECT name FROM greenroom_access").toArray();
    expect(rows).toEqual([{ name: "ban:carl" }]);
  });
});

test("[W14] a ban whose handler fails was none, and one goes with the room", async () => {
  const stub = env.DoorRoom.getByName("ban-rolled-back");
  const anna = await come("ban-rolled-back", "anna");
  const ben = await come("ban-rolled-back", "ben");
  anna.message(1, "banAndFail", "ben");
  expect((await anna.outcome(1)).fault?.code).toBe("failed");
  ben.call(1, "who"); // still there
  expect((await ben.outcome(1)).answer).toMatchObject({ user: "ben" });
  await come("ban-rolled-back", "ben");
  anna.message(2, "ban", { user: "ben" });
  await anna.outcome(2);
  await runInDurableObject(stub, async (_room, { storage }) => {
    await storage.deleteAll();
    expect(storage.sql.exec("SELECT 1 FROM sqlite_master").toArray()).toEqual([]);
  });
  await come("ban-rolled-back", "ben");
});

test("[W14] a member without a user is banned by its id, and a raw room has the same door", async () => {
  const guest = await speak(through("open", "guests", {}), { session: "guest-guest-guest-guest" });
  await runInDurableObject(env.OpenDoorRoom.getByName("guests"), (room) => room.ban(guest.id));
  expect(await guest.dialled.closed).toMatchObject({ code: 4006, reason: "banned" });
  const a = await dial(through("raw", "ban"), { headers: bearer("anna") });
  await a.next();
  a.send("ban anna");
  expect(await a.closed).toEqual({ code: 4006, reason: "banned" });
  expect(await (await dial(through("raw", "ban"), { headers: bearer("anna") })).closed).toEqual({
    code: 4006,
    reason: "banned",
  });
});

test("[W19] a ban takes a time of 0 ms or more, or Infinity, and nothing else", async () => {
  await come("ban-odd", "anna");
  await runInDurableObject(env.DoorRoom.getByName("ban-odd"), (room) => {
    for (const ms of [Number.NaN, -1, -Infinity]) {
      expect(() => room.ban("u-ben", { for: ms })).toThrow(`for is ${ms}`);
    }
  });
  await come("ban-odd", "ben");
  await runInDurableObject(env.DoorRoom.getByName("ban-odd"), (room, { storage }) => {
    room.ban("u-carl", { for: Infinity });
    const rows = storage.sql.exec("SELECT until FROM greenroom_access").toArray();
    expect(rows).toEqual([{ until: null }]);
  });
});

test("[W14] [W15] a room that shuts nobody out pays nothing for it", async () => {
  await come("free", "anna");
  await runInDurableObject(env.DoorRoom.getByName("free"), (_room, { storage }) => {
    const query = "SELECT name FROM sqlite_master WHERE name = 'greenroom_access'";
    expect(storage.sql.exec(query).toArray()).toEqual([]);
  });
});

test("[W15] a locked room lets in whoever was in, on any device, and nobody else", async () => {
  const room = env.DoorRoom.getByName("lock");
  const session = sessionToken();
  const anna = await come("lock", "anna", session);
  await come("lock", "ben");
  anna.message(1, "lock", "the game is on");
  expect(await anna.outcome(1)).toEqual({});
  await evictDurableObject(room, { webSockets: "close" });
  expect(await awayFrom("lock", "carl")).toEqual({ code: 4007, reason: "locked: the game is on" });
  const again = await come("lock", "anna");
  await come("lock", "ben");
  // Who was in at the first lock still is, whoever is there at the second.
  again.message(1, "lock", "still");
  await again.outcome(1);
  await come("lock", "ben");
  expect(await awayFrom("lock", "carl")).toMatchObject({ reason: "locked: still" });
  // Over HTTP a lock says nothing.
  const answer = await through("door", "lock").fetch("https://x/", { headers: bearer("carl") });
  expect(answer.status).toBe(200);
  again.message(2, "unlock", null);
  await again.outcome(2);
  await come("lock", "carl");
});

test("[W15] a member without a user comes back to a locked room with its session", async () => {
  const session = sessionToken();
  const guests = through("open", "locked-guests", {});
  const guest = await speak(guests, { session });
  guest.message(1, "lock", null);
  await guest.outcome(1);
  guest.dialled.close(1000, "");
  await speak(guests, { session });
  const other = await dial(guests, { protocols: ["greenroom.1"] });
  expect(await other.closed).toEqual({ code: 4007, reason: "locked" });
});

test("[W16] [A32] a room takes so many connections, and a user so many of them", async () => {
  const small = through("small", "caps");
  const session = sessionToken();
  const as = (user: string, own = sessionToken()): Promise<Speaker> =>
    speak(small, { session: own, token: tokenOf({ sub: user }) });
  const first = await as("anna", session);
  await as("anna");
  const full = { code: 4201, reason: "limited; retry after 10000 ms" };
  expect(await awayFrom("caps", "anna", sessionToken(), "small")).toEqual(full);
  // The session's newer connection takes the place of its older one.
  await as("anna", session);
  expect(await first.dialled.closed).toMatchObject({ code: 4002 });
  const ben = await as("ben");
  expect(await awayFrom("caps", "carl", sessionToken(), "small")).toEqual(full);
  ben.dialled.close(1000, "");
  await ben.dialled.closed;
  await as("carl");
});

test("[W16] connections that come at the same time are counted one by one", async () => {
  const small = through("small", "at-once", {});
  const dialled = await Promise.all(
    Array.from({ length: 8 }, () => dial(small, { protocols: ["greenroom.1"] })),
  );
  const closed: number[] = [];
  for (const each of dialled) void each.closed.then(({ code }) => closed.push(code));
  await vi.waitFor(() => expect(closed).toEqual([4201, 4201, 4201, 4201, 4201]));
  await runInDurableObject(env.SmallRoom.getByName("at-once"), (room) =>
    expect(room.members().length).toBe(3),
  );
});
