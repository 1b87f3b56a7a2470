import { helloProtocols, PING } from "@greenroom/protocol";
import { type RawSocket, testRoom, type TestRoom, time } from "@greenroom/testing/workers";
// Connections that end because time passes: claims that end, and clients that fall silent.
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { type DoorRoom, open } from "./rooms/doors.ts";
import { sessionToken, speak, type SpokenTo, type Speaker } from "./speak.ts";
import { roomThrough, tokenOf } from "./through.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

afterEach(() => vi.restoreAllMocks());

const ENDED = { code: 4100, reason: "unauthenticated" };

/** A connection whose claims end so long from now, in ms. */
function come(room: SpokenTo, user: string, ends?: number): Promise<Speaker> {
  const exp = ends === undefined ? {} : { exp: (time.now + ends) / SECOND };
  return speak(room, { token: tokenOf({ sub: user, name: user, ...exp }) });
}

test("[W11] claims that end close their connection at that time, by the alarm, across sleep", async () => {
  const room = await roomThrough("door");
  const start = time.now;
  const anna = await come(room, "anna", 5 * MINUTE);
  const ben = await come(room, "ben", 2 * MINUTE + 500);
  const carl = await come(room, "carl");
  expect(await room.alarm()).toBe(start + 2 * MINUTE + 500);
  await room.evict();
  await time.advance(2 * MINUTE + 500);
  expect(await ben.dialled.closed()).toEqual(ENDED);
  expect(await carl.item("s")).toEqual(["s", "left", "BEN ben"]);
  expect(await room.alarm()).toBe(start + 5 * MINUTE);
  await room.evict();
  await time.advanceTo(start + 5 * MINUTE);
  expect(await anna.dialled.closed()).toEqual(ENDED);
  carl.call(1, "who");
  expect((await carl.outcome(1)).answer).toMatchObject({ user: "carl" });
});

test("[W11] a message that comes after the end is not taken, though no alarm has rung", async () => {
  const room = await roomThrough("door");
  const start = time.now;
  const anna = await come(room, "anna", MINUTE);
  await time.advance(MINUTE - 1);
  anna.message(1, "say", "in time");
  expect(await anna.outcome(1)).toEqual({});
  for (const isAsleep of [false, true]) {
    const ben = await come(room, "ben", 1);
    if (isAsleep) await room.evict();
    time.freeze(start + MINUTE);
    ben.message(1, "say", "too late");
    expect(await ben.dialled.closed()).toEqual(ENDED);
    time.freeze(start + MINUTE - 1);
  }
  await room.run(({ log, lifecycle }) => {
    expect([log.head, lifecycle.messages]).toEqual([1, 1]);
  });
});

test("[W11] claims that have ended already are not let in", async () => {
  const room = await roomThrough("door", {
    authenticate: () => ({ sub: "a", name: "a", exp: time.now / SECOND }),
  });
  const a = await room.open({ protocols: ["greenroom.1"] });
  expect(await a.closed()).toEqual(ENDED);
  const answer = await room.fetch();
  expect([answer.status, await answer.json()]).toEqual([401, { code: "unauthenticated" }]);
});

test("[W11] a room without a contract closes with them, too", async () => {
  const room = await roomThrough("raw");
  const Authorization = `Bearer ${tokenOf({ sub: "a", exp: (time.now + MINUTE) / SECOND })}`;
  const a = await room.open({ headers: { Authorization } });
  expect(await room.alarm()).toBe(time.now + MINUTE);
  await time.advance(MINUTE);
  expect(await a.closed()).toEqual(ENDED);
  // The platform has no alarm for the year 33658.
  const later = await roomThrough("raw", { authenticate: () => ({ exp: 1e12 }) }, room.name);
  const b = await later.open();
  expect(JSON.parse(await b.next())).toEqual([{ exp: 1e12 }, { exp: 1e12 }]);
  expect(await room.alarm()).toBe(null);
});

test("[W11] the alarm is all that the end of claims stores, and nothing is left of it", async () => {
  const room = await roomThrough("open");
  const nothing = { rows: 0, tables: [], keys: 0, alarm: null };
  const anna = await come(room, "anna", MINUTE);
  expect(await room.stored()).toEqual({ ...nothing, alarm: time.now + MINUTE });
  anna.dialled.close(1000, "");
  await anna.dialled.closed();
  await time.advance(MINUTE);
  expect(await room.stored()).toEqual(nothing);
});

test("[W11] claims of the newer connection count, and those of one that has left do not", async () => {
  const room = await roomThrough("open");
  const start = time.now;
  const session = sessionToken();
  const as = (ends: number): Promise<Speaker> => {
    const token = tokenOf({ sub: "anna", exp: (start + ends) / SECOND });
    return speak(room, { session, token });
  };
  await as(MINUTE);
  const newer = await as(10 * MINUTE);
  await time.advance(MINUTE);
  expect(await room.alarm()).toBe(start + 10 * MINUTE);
  newer.call(1, "who");
  expect((await newer.outcome(1)).answer).toMatchObject({ user: "anna" });
});

test("[W11] [T3] claims that would have ended later keep nothing of a room that has expired", async () => {
  const room = await roomThrough("open");
  const token = tokenOf({ sub: "anna", exp: time.now / SECOND + 3_600 });
  const anna = await room.connect(open, { kind: "open", token });
  await anna.send("say", "hello");
  await time.advance(30 * MINUTE);
  expect(await anna.closed()).toEqual({ code: 4001, reason: "expired" });
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});

/** Moves the clock by which the platform stamps its answers, alone: `advance` lets everybody ask on the way. */
function passSilently(ms: number): void {
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + ms);
}

/** Joins without ever pinging. */
function join(room: TestRoom<DoorRoom>): Promise<RawSocket> {
  const hello = { session: sessionToken(), epoch: null, seq: null };
  return room.open({ protocols: helloProtocols(hello, tokenOf({ sub: "x", name: "x" })) });
}

/** Asks whether anybody is there, and waits for the answer. */
async function ping(member: RawSocket): Promise<void> {
  member.send(PING);
  for (let frame = ""; frame !== "greenroom:pong";) frame = await member.next();
}

test("[R10] who pinged and then not for five minutes is closed when the alarm rings, and leaves once", async () => {
  const room = await roomThrough("door");
  const rooted = await come(room, "root");
  const deadline = await room.alarm();
  const pinged = await join(room);
  await ping(pinged);
  const never = await join(room);
  expect(await room.alarm()).toBe(deadline); // a silence to come sets none
  await room.evict();
  await room.ring();
  await room.run((instance) => expect(instance.members()).toHaveLength(3));
  passSilently(5 * MINUTE + SECOND);
  await room.ring();
  expect(await pinged.closed()).toEqual({ code: 4203, reason: "silent" });
  expect(await rooted.item("s")).toEqual(["s", "left", "X x"]);
  await room.run((instance) => expect(instance.members()).toHaveLength(2));
  never.send(JSON.stringify(["c", 1, "who"]));
  for (let frame = ""; !frame.includes('["v",1');) frame = await never.next();
  expect(rooted.items.filter(([kind]) => kind === "s")).toHaveLength(1);
});

test("[R10] [T10] a room that is kept while somebody is connected is not kept by one who is gone", async () => {
  const room = await testRoom(env.PresenceRoom);
  const member = await room.open();
  await ping(member);
  member.send("hello");
  await member.next();
  const due = (await room.alarm()) ?? 0;
  expect(due).toBeGreaterThan(time.now);
  time.freeze(due);
  passSilently(10 * MINUTE);
  await room.ring();
  expect((await member.closed()).code).toBe(4203);
});
