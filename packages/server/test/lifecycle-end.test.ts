// Rules T10 to T12: ends by presence and by hand, and what the view tells.
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { leaving, stuck } from "./rooms/ends.ts";
import { speak } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / SECOND) * SECOND + 24 * 60 * MINUTE;

beforeEach(() => {
  time.freeze(TOMORROW);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** Minutes from the beginning to the deadline. */
const deadlineOf = (room: Pick<TestRoom<undefined>, "run">): Promise<number | null> =>
  room.run((instance) => {
    const { lifecycle } = instance as unknown as { lifecycle: { deadline: number | null } };
    return lifecycle.deadline && (lifecycle.deadline - TOMORROW) / MINUTE;
  });

/** Lets time pass; gives the times of the rings. */
const passUntil = async (until: number): Promise<number[]> =>
  (await time.advance(until - time.now)).map(({ at }) => at);

describe("[T10] keepWhileConnected", () => {
  test("keeps a silent room while somebody is connected, also asleep, and ends it after the last leaving", async () => {
    const room = await testRoom(env.PresenceRoom);
    const a = await room.open();
    a.send("x");
    expect(await a.next()).toBe("1");
    const b = await room.open();
    expect(await deadlineOf(room)).toBe(10);
    for (let minutes = 10; minutes <= 50; minutes += 10) {
      expect(await passUntil(TOMORROW + minutes * MINUTE)).toEqual([TOMORROW + minutes * MINUTE]);
      await room.evict();
    }
    await passUntil(TOMORROW + 55 * MINUTE);
    a.close();
    await a.closed();
    expect(await deadlineOf(room)).toBe(60);
    time.freeze(TOMORROW + 57 * MINUTE);
    b.close();
    await b.closed();
    await vi.waitUntil(async () => (await deadlineOf(room)) === 67);
    expect(await passUntil(TOMORROW + 120 * MINUTE)).toContain(TOMORROW + 67 * MINUTE);
    expect(await room.alarm()).toBeNull();
  });

  test("gives a room whose connections a crash has ended the time to come back", async () => {
    const room = await testRoom(env.PresenceRoom);
    const a = await room.open();
    a.send("x");
    await a.next();
    await passUntil(TOMORROW + 25 * MINUTE);
    await room.crash();
    expect(await passUntil(TOMORROW + 35 * MINUTE)).toEqual([TOMORROW + 30 * MINUTE]);
    expect(await deadlineOf(room)).toBe(40);
    const b = await room.open();
    b.send("back");
    expect(await b.next()).toBe("2");
    b.close();
    await b.closed();
  });

  test("writes a row and sets an alarm once in expireAfter, and for a leaving", async () => {
    const room = await testRoom(env.PresenceRoom);
    const a = await room.open();
    a.send("x");
    await a.next();
    a.close();
    await a.closed();
    expect(await passUntil(TOMORROW + 60 * MINUTE)).toEqual([TOMORROW + 10 * MINUTE]);
    expect(await room.alarm()).toBeNull();
  });
});

describe("[T11] expire() by hand", () => {
  test("[T3] tells whoever is there, asks onExpire, takes no extension, and leaves nothing", async () => {
    const room = await testRoom(env.EndingRoom);
    const a = await speak(room);
    a.message(1, "close", "now");
    await a.until(1);
    await room.run(({ lifecycle }) => expect(lifecycle.phase).toBe("expiring"));
    expect(await room.alarm()).toBe(TOMORROW);
    await room.ring();
    expect(await a.dialled.closed()).toEqual({ code: 4001, reason: "expired" });
    await room.run(({ asked, lifecycle }, { storage }) => {
      expect(asked).toBe(1);
      expect(lifecycle).toMatchObject({ phase: "new", messages: 0, epoch: null });
      expect(storage.sql.databaseSize).toBe(4_096);
    });
    const b = await speak(room);
    b.message(1, "say", "anew");
    await b.outcome(1);
  });

  test("is taken back with the message that asked for it", async () => {
    const room = await testRoom(env.EndingRoom);
    const a = await speak(room);
    a.message(1, "close", "fail");
    expect(await a.outcome(1)).toMatchObject({ fault: { code: "failed" } });
    a.message(2, "say", "still here");
    await a.until(1);
    expect(await passUntil(TOMORROW + 29 * MINUTE)).toEqual([]);
    await room.run(({ lifecycle }) => expect(lifecycle.phase).toBe("active"));
  });

  test("is completed after a crash, and no timer rings any more", async () => {
    const room = await testRoom(env.TimersRoom);
    await room.run(({ timers, lifecycle }) => {
      timers.set("note", { after: 0 });
      lifecycle.expire();
    });
    await room.crash();
    await passUntil(TOMORROW + SECOND);
    await room.run((instance, { storage }) => {
      expect(storage.sql.databaseSize).toBe(4_096);
      expect(instance.rung()).toEqual([]);
    });
  });
});

describe("[T9] a purge that fails", () => {
  test.each(["by silence", "by hand"])(
    "is tried again by the platform, and after its last try by the room: %s",
    async (how) => {
      const room = await testRoom(env.StuckRoom, { name: how });
      const a = await room.open();
      a.send("x");
      await a.next();
      stuck.add(how);
      if (how === "by hand") await room.run(({ lifecycle }) => lifecycle.expire());
      const end = TOMORROW + (how === "by hand" ? 0 : 30 * MINUTE);
      time.freeze(end);
      for (let retry = 0; retry < 6; retry++) {
        const { fault, next } = await room.ring();
        expect(fault).toMatchObject({ message: "secret storage" });
        expect(next).toBeNull(); // set, it would replace the platform's next try
      }
      expect(await room.ring()).toEqual({ next: end + 5 * MINUTE });
      expect(await room.alarm()).toBe(end + 5 * MINUTE);
      stuck.delete(how);
      await passUntil(end + 6 * MINUTE);
      await room.run((_room, { storage }) => {
        expect(storage.sql.databaseSize).toBe(4_096);
      });
    },
  );
});

test("[T12] the view tells the phase, the count, the last message, the deadline and the epoch", async () => {
  const room = await testRoom(env.EndingRoom);
  const look = (): Promise<object> => room.run(({ lifecycle }) => ({ ...lifecycle }));
  const none = {
    messages: 0,
    lastMessageAt: null,
    deadline: null,
    epoch: null,
    expireAfter: 30 * MINUTE,
  };
  expect(await look()).toMatchObject({ phase: "new", ...none });
  const a = await speak(room);
  a.message(1, "say", "x");
  await a.outcome(1);
  const { epoch } = (await speak(room)).welcome;
  expect(await look()).toMatchObject({
    phase: "active",
    messages: 1,
    lastMessageAt: TOMORROW,
    deadline: TOMORROW + 30 * MINUTE,
    epoch,
  });
});

test("[T6] a hook that outlasts its room publishes into no other", async () => {
  const room = await testRoom(env.LingeringRoom);
  const [a, b] = [await speak(room), await speak(room)];
  a.dialled.close(1000);
  await vi.waitUntil(() => leaving.length > 0);
  b.message(1, "close", "now");
  await vi.waitUntil(async () => (await room.alarm()) !== null);
  await room.ring();
  await room.run(async (instance, { storage }) => {
    for (const leave of leaving.splice(0)) leave();
    await scheduler.wait(1);
    expect(instance.log.head).toBe(0);
    expect(storage.sql.databaseSize).toBe(4_096);
  });
  expect(await room.alarm()).toBeNull();
});

test("[T2] a room that has stored something in a method over RPC, and nothing else, ends like any other", async () => {
  for (const way of ["sql", "kv", "transaction"] as const) {
    const room = await testRoom(env.PresenceRoom);
    const due = time.now + 10 * MINUTE;
    const end = await room.run(async (instance, { storage }) => {
      await instance.setName(instance.name); // as `getRoom` does
      const { lifecycle } = instance;
      if (way === "sql") storage.sql.exec("CREATE TABLE notes (text TEXT)");
      else if (way === "kv") storage.kv.put("note", "x");
      else await storage.transaction(async (txn) => txn.put("note", "x"));
      await scheduler.wait(1);
      return lifecycle.deadline;
    });
    expect(end).toBe(due);
    expect(await room.alarm()).toBe(end);
    expect(await passUntil(due)).toEqual([end]);
    await room.run((_room, { storage }) => expect(storage.sql.databaseSize).toBe(4_096));
  }
});
