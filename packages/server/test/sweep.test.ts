import { helloProtocols, PING } from "@greenroom/protocol";
import { testRoom, time } from "@greenroom/testing/workers";
// Connections that end because time passes: claims that end, and clients that fall silent.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { alarmOf, at, MINUTE, ring, SECOND, TOMORROW } from "./clock.ts";
import { dial, type Dialled } from "./dial.ts";
import { open } from "./rooms/doors.ts";
import { sessionToken, speak, type Speaker } from "./speak.ts";
import { authenticate, through, tokenOf } from "./through.ts";

beforeEach(() => {
  at(TOMORROW);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const ENDED = { code: 4100, reason: "unauthenticated" };

/** A connection whose claims end so long after the beginning, in ms. */
function come(name: string, user: string, ends?: number): Promise<Speaker> {
  const exp = ends === undefined ? {} : { exp: (TOMORROW + ends) / SECOND };
  return speak(through("door", name), { token: tokenOf({ sub: user, name: user, ...exp }) });
}

test("[W11] claims that end close their connection at that time, by the alarm, across sleep", async () => {
  const room = env.DoorRoom.getByName("ends");
  const anna = await come("ends", "anna", 5 * MINUTE);
  const ben = await come("ends", "ben", 2 * MINUTE + 500);
  const carl = await come("ends", "carl");
  expect(await alarmOf(room)).toBe(TOMORROW + 2 * MINUTE + 500);
  await evictDurableObject(room, { webSockets: "hibernate" });
  at(TOMORROW + 2 * MINUTE + 500);
  await ring(room);
  expect(await ben.dialled.closed).toEqual(ENDED);
  expect(await carl.item("s")).toEqual(["s", "left", "BEN ben"]);
  expect(await alarmOf(room)).toBe(TOMORROW + 5 * MINUTE);
  await evictDurableObject(room, { webSockets: "hibernate" });
  at(TOMORROW + 5 * MINUTE);
  await ring(room);
  expect(await anna.dialled.closed).toEqual(ENDED);
  carl.call(1, "who");
  expect((await carl.outcome(1)).answer).toMatchObject({ user: "carl" });
});

test("[W11] a message that comes after the end is not taken, though no alarm has rung", async () => {
  const room = env.DoorRoom.getByName("late-message");
  const anna = await come("late-message", "anna", MINUTE);
  at(TOMORROW + MINUTE - 1);
  anna.message(1, "say", "in time");
  expect(await anna.outcome(1)).toEqual({});
  for (const isAsleep of [false, true]) {
    const ben = await come("late-message", "ben", MINUTE);
    if (isAsleep) await evictDurableObject(room, { webSockets: "hibernate" });
    at(TOMORROW + MINUTE);
    ben.message(1, "say", "too late");
    expect(await ben.dialled.closed).toEqual(ENDED);
    at(TOMORROW + MINUTE - 1);
  }
  await runInDurableObject(room, ({ log, lifecycle }) => {
    expect([log.head, lifecycle.messages]).toEqual([1, 1]);
  });
});

test("[W11] claims that have ended already are not let in", async () => {
  const room = through("door", "ended", {
    authenticate: () => ({ sub: "a", name: "a", exp: TOMORROW / SECOND }),
  });
  expect(await (await dial(room, { protocols: ["greenroom.1"] })).closed).toEqual(ENDED);
  const answer = await room.fetch("https://x/");
  expect([answer.status, await answer.json()]).toEqual([401, { code: "unauthenticated" }]);
});

test("[W11] a room without a contract closes with them, too", async () => {
  const room = env.RawDoorRoom.getByName("raw-ends");
  const Authorization = `Bearer ${tokenOf({ sub: "a", exp: (TOMORROW + MINUTE) / SECOND })}`;
  const a = await dial(through("raw", "raw-ends"), { headers: { Authorization } });
  expect(await alarmOf(room)).toBe(TOMORROW + MINUTE);
  at(TOMORROW + MINUTE);
  await ring(room);
  expect(await a.closed).toEqual(ENDED);
  // The platform has no alarm for the year 33658.
  const b = await dial(through("raw", "raw-ends", { authenticate: () => ({ exp: 1e12 }) }));
  expect(JSON.parse(await b.next())).toEqual([{ exp: 1e12 }, { exp: 1e12 }]);
  expect(await alarmOf(room)).toBe(null);
});

test("[W11] the alarm is all that the end of claims stores, and nothing is left of it", async () => {
  const room = env.OpenDoorRoom.getByName("rowless");
  const exp = (TOMORROW + MINUTE) / SECOND;
  const anna = await speak(through("open", "rowless"), { token: tokenOf({ sub: "anna", exp }) });
  const stored = (): Promise<unknown[]> =>
    runInDurableObject(room, (_room, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE 'greenroom%'").toArray(),
    );
  expect(await alarmOf(room)).toBe(TOMORROW + MINUTE);
  expect(await stored()).toEqual([]);
  anna.dialled.close(1000, "");
  await anna.dialled.closed;
  at(TOMORROW + MINUTE);
  await ring(room);
  expect(await alarmOf(room)).toBe(null);
  expect(await stored()).toEqual([]);
});

test("[W11] claims of the newer connection count, and those of one that has left do not", async () => {
  const room = env.OpenDoorRoom.getByName("newer");
  const session = sessionToken();
  const as = (ends: number): Promise<Speaker> => {
    const token = tokenOf({ sub: "anna", exp: (TOMORROW + ends) / SECOND });
    return speak(through("open", "newer"), { session, token });
  };
  await as(MINUTE);
  const newer = await as(10 * MINUTE);
  at(TOMORROW + MINUTE);
  await ring(room);
  expect(await alarmOf(room)).toBe(TOMORROW + 10 * MINUTE);
  newer.call(1, "who");
  expect((await newer.outcome(1)).answer).toMatchObject({ user: "anna" });
});

test("[W11] [T3] claims that would have ended later keep nothing of a room that has expired", async () => {
  const name = "outlived";
  const room = await testRoom(env.OpenDoorRoom, { name, through: through("open", name) });
  const token = tokenOf({ sub: "anna", exp: time.now / SECOND + 3_600 });
  const anna = await room.connect(open, { kind: "open", token });
  await anna.send("say", "hello");
  await time.advance(30 * MINUTE);
  expect(await anna.closed()).toEqual({ code: 4001, reason: "expired" });
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});

/** Moves the clock by which the platform stamps its answers. */
function passSilently(ms: number): void {
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + ms);
}

/** Joins without ever pinging. */
function join(name: string): Promise<Dialled> {
  const hello = { session: sessionToken(), epoch: null, seq: null };
  const protocols = helloProtocols(hello, tokenOf({ sub: "x", name: "x" }));
  return dial(through("door", name, { authenticate }), { protocols });
}

/** Asks whether anybody is there, and waits for the answer. */
async function ping(member: Dialled): Promise<void> {
  member.send(PING);
  for (let frame = ""; frame !== "greenroom:pong";) frame = await member.next();
}

test("[R10] who pinged and then not for five minutes is closed when the alarm rings, and leaves once", async () => {
  const room = env.DoorRoom.getByName("silent");
  const rooted = await come("silent", "root");
  const deadline = await alarmOf(room);
  const pinged = await join("silent");
  await ping(pinged);
  const never = await join("silent");
  expect(await alarmOf(room)).toBe(deadline); // a silence to come sets none
  await evictDurableObject(room, { webSockets: "hibernate" });
  await ring(room);
  await runInDurableObject(room, (instance) => expect(instance.members()).toHaveLength(3));
  passSilently(5 * MINUTE + SECOND);
  await ring(room);
  expect(await pinged.closed).toEqual({ code: 4203, reason: "silent" });
  expect(await rooted.item("s")).toEqual(["s", "left", "X x"]);
  await runInDurableObject(room, (instance) => expect(instance.members()).toHaveLength(2));
  never.send(JSON.stringify(["c", 1, "who"]));
  for (let frame = ""; !frame.includes('["v",1');) frame = await never.next();
  expect(rooted.items.filter(([kind]) => kind === "s")).toHaveLength(1);
});

test("[R10] [T10] a room that is kept while somebody is connected is not kept by one who is gone", async () => {
  const room = env.PresenceRoom.getByName("kept by the silent");
  const member = await dial(room);
  await ping(member);
  member.send("hello");
  await member.next();
  const due = (await alarmOf(room)) ?? 0;
  expect(due).toBeGreaterThan(TOMORROW);
  at(due);
  passSilently(10 * MINUTE);
  await ring(room);
  expect((await member.closed).code).toBe(4203);
});
