// Who is shut out of a room, and who is too many.
import { helloProtocols } from "@greenroom/protocol";
import { type TestRoom, time } from "@greenroom/testing/workers";
import { expect, test, vi } from "vitest";

import { sessionToken, speak, type Speaker } from "./speak.ts";
import { roomThrough, tokenOf } from "./through.ts";

const SECOND = 1_000;

const claims = (user: string): string => tokenOf({ sub: user, name: user });
const bearer = (user: string): Record<string, string> => ({
  Authorization: `Bearer ${claims(user)}`,
});

type Openable = Pick<TestRoom<undefined>, "open">;

/** A connection of a user to a room under test. */
function come(room: Openable, user: string, session = sessionToken()): Promise<Speaker> {
  return speak(room, { session, token: claims(user) });
}

/** With what somebody is turned away. */
async function awayFrom(room: Openable, user: string, session = sessionToken()): Promise<object> {
  const protocols = helloProtocols({ session, epoch: null, seq: null }, claims(user));
  return (await room.open({ protocols })).closed();
}

test("[W13] a member that is kicked hears why", async () => {
  const room = await roomThrough("door");
  const anna = await come(room, "anna");
  const ben = await come(room, "ben");
  anna.message(1, "kick", ben.id);
  expect(await ben.dialled.closed()).toEqual({ code: 4003, reason: "kicked: you know why" });
  expect(await anna.item("s")).toEqual(["s", "left", "BEN ben"]);
});

test("[W13] [C3] a reason that is too long is cut, and not in the middle of a character", async () => {
  const room = await roomThrough("door");
  const anna = await come(room, "anna");
  await room.run((instance) => {
    instance.member(anna.id)?.kick("\u{1F6AA}".repeat(60));
  });
  const { reason } = (await anna.dialled.closed()) as { reason: string };
  expect(reason).toMatch(/^kicked: \u{1F6AA}+\uFFFD?$/u);
  expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123);
});

test("[W14] a ban closes every connection of a user, outlives sleep and crash, and shuts out HTTP", async () => {
  const room = await roomThrough("door");
  const anna = await come(room, "anna");
  const [ben, again] = [await come(room, "ben"), await come(room, "ben")];
  anna.message(1, "ban", { user: "ben" });
  const banned = { code: 4006, reason: "banned: spam" };
  expect([await ben.dialled.closed(), await again.dialled.closed()]).toEqual([banned, banned]);
  for (const how of ["sleep", "move", "crash"] as const) {
    if (how === "sleep") await room.evict();
    else if (how === "move") await room.evict({ sockets: "close" });
    else await room.crash();
    expect(await awayFrom(room, "ben")).toEqual(banned);
    const answer = await room.fetch("", { headers: bearer("ben") });
    expect([answer.status, await answer.json()]).toEqual([403, { code: "banned", reason: "spam" }]);
  }
  const carl = await come(room, "carl"); // others come in
  carl.message(1, "unban", "ben");
  expect(await carl.outcome(1)).toEqual({});
  await come(room, "ben");
});

test("[W14] a ban ends at its time, and its row goes with the next one", async () => {
  const room = await roomThrough("door");
  const anna = await come(room, "anna");
  anna.message(1, "ban", { user: "ben", for: 10 * SECOND });
  await anna.outcome(1);
  await time.advance(10 * SECOND - 1);
  expect(await awayFrom(room, "ben")).toMatchObject({ code: 4006 });
  await time.advance(1);
  await come(room, "ben");
  anna.message(2, "ban", { user: "carl" });
  await anna.outcome(2);
  await room.run((_room, { storage }) => {
    const rows = storage.sql.exec("SELECT name FROM greenroom_access").toArray();
    expect(rows).toEqual([{ name: "ban:carl" }]);
  });
});

test("[W14] a ban whose handler fails was none, and one goes with the room", async () => {
  const room = await roomThrough("door");
  const anna = await come(room, "anna");
  const ben = await come(room, "ben");
  anna.message(1, "banAndFail", "ben");
  expect((await anna.outcome(1)).fault?.code).toBe("failed");
  ben.call(1, "who"); // still there
  expect((await ben.outcome(1)).answer).toMatchObject({ user: "ben" });
  await come(room, "ben");
  anna.message(2, "ban", { user: "ben" });
  await anna.outcome(2);
  await room.run(async (_room, { storage }) => {
    await storage.deleteAll();
    expect(storage.sql.exec("SELECT 1 FROM sqlite_master").toArray()).toEqual([]);
  });
  await come(room, "ben");
});

test("[W14] a member without a user is banned by its id, and a raw room has the same door", async () => {
  const open = await roomThrough("open", {});
  const guest = await speak(open, { session: "guest-guest-guest-guest" });
  await open.run((instance) => instance.ban(guest.id));
  expect(await guest.dialled.closed()).toMatchObject({ code: 4006, reason: "banned" });
  const raw = await roomThrough("raw");
  const a = await raw.open({ headers: bearer("anna") });
  await a.next();
  a.send("ban anna");
  const banned = { code: 4006, reason: "banned" };
  expect(await a.closed()).toEqual(banned);
  expect(await (await raw.open({ headers: bearer("anna") })).closed()).toEqual(banned);
});

test("[W19] a ban takes a time of 0 ms or more, or Infinity, and nothing else", async () => {
  const room = await roomThrough("door");
  await come(room, "anna");
  await room.run((instance) => {
    for (const ms of [Number.NaN, -1, -Infinity]) {
      expect(() => instance.ban("u-ben", { for: ms })).toThrow(`for is ${ms}`);
    }
  });
  await come(room, "ben");
  await room.run((instance, { storage }) => {
    instance.ban("u-carl", { for: Infinity });
    const rows = storage.sql.exec("SELECT until FROM greenroom_access").toArray();
    expect(rows).toEqual([{ until: null }]);
  });
});

test("[W14] [W15] a room that shuts nobody out pays nothing for it", async () => {
  const room = await roomThrough("door");
  await come(room, "anna");
  await room.run((_room, { storage }) => {
    const query = "SELECT name FROM sqlite_master WHERE name = 'greenroom_access'";
    expect(storage.sql.exec(query).toArray()).toEqual([]);
  });
});

test("[W15] a locked room lets in whoever was in, on any device, and nobody else", async () => {
  const room = await roomThrough("door");
  const session = sessionToken();
  const anna = await come(room, "anna", session);
  await come(room, "ben");
  anna.message(1, "lock", "the game is on");
  expect(await anna.outcome(1)).toEqual({});
  await room.evict({ sockets: "close" });
  expect(await awayFrom(room, "carl")).toEqual({ code: 4007, reason: "locked: the game is on" });
  const again = await come(room, "anna");
  await come(room, "ben");
  // Who was in at the first lock still is, whoever is there at the second.
  again.message(1, "lock", "still");
  await again.outcome(1);
  await come(room, "ben");
  expect(await awayFrom(room, "carl")).toMatchObject({ reason: "locked: still" });
  // Over HTTP a lock says nothing.
  const answer = await room.fetch("", { headers: bearer("carl") });
  expect(answer.status).toBe(200);
  again.message(2, "unlock", null);
  await again.outcome(2);
  await come(room, "carl");
});

test("[W15] a member without a user comes back to a locked room with its session", async () => {
  const room = await roomThrough("open", {});
  const session = sessionToken();
  const guest = await speak(room, { session });
  guest.message(1, "lock", null);
  await guest.outcome(1);
  guest.dialled.close(1000, "");
  await speak(room, { session });
  const other = await room.open({ protocols: ["greenroom.1"] });
  expect(await other.closed()).toEqual({ code: 4007, reason: "locked" });
});

test("[W16] [A32] a room takes so many connections, and a user so many of them", async () => {
  const room = await roomThrough("small");
  const session = sessionToken();
  const first = await come(room, "anna", session);
  await come(room, "anna");
  const full = { code: 4201, reason: "limited; retry after 10000 ms" };
  expect(await awayFrom(room, "anna")).toEqual(full);
  // The session's newer connection takes the place of its older one.
  await come(room, "anna", session);
  expect(await first.dialled.closed()).toMatchObject({ code: 4002 });
  const ben = await come(room, "ben");
  expect(await awayFrom(room, "carl")).toEqual(full);
  ben.dialled.close(1000, "");
  await ben.dialled.closed();
  await come(room, "carl");
});

test("[W16] connections that come at the same time are counted one by one", async () => {
  const room = await roomThrough("small", {});
  const dialled = await Promise.all(
    Array.from({ length: 8 }, () => room.open({ protocols: ["greenroom.1"] })),
  );
  const closed: number[] = [];
  for (const each of dialled) void each.closed().then(({ code }) => closed.push(code));
  await vi.waitFor(() => expect(closed).toEqual([4201, 4201, 4201, 4201, 4201]));
  await room.run((instance) => expect(instance.members().length).toBe(3));
});
