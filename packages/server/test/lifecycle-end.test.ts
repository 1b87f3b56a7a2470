// Rules T10 to T12: ends by presence and by hand, and what the view tells.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { alarmOf, at, MINUTE, passUntil, ring, SECOND, TOMORROW } from "./clock.ts";
import { dial } from "./dial.ts";
import { stuck } from "./rooms/ends.ts";
import type { TimersRoom } from "./rooms/timers.ts";
import { speak } from "./speak.ts";

beforeEach(() => {
  at(TOMORROW);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const deadlineOf = (stub: DurableObjectStub): Promise<number | null> =>
  runInDurableObject(stub, (room) => {
    const { lifecycle } = room as unknown as { lifecycle: { deadline: number | null } };
    return lifecycle.deadline && (lifecycle.deadline - TOMORROW) / MINUTE;
  });

describe("[T10] keepWhileConnected", () => {
  test("keeps a silent room while somebody is connected, also asleep, and ends it after the last leaving", async () => {
    const room = env.PresenceRoom.getByName("present");
    const a = await dial(room);
    a.send("x");
    expect(await a.next()).toBe("1");
    const b = await dial(room);
    expect(await deadlineOf(room)).toBe(10);
    expect(
      await passUntil(
        () => room,
        TOMORROW + 55 * MINUTE,
        async () => evictDurableObject(room),
      ),
    ).toHaveLength(5);
    a.close();
    await a.closed;
    expect(await deadlineOf(room)).toBe(60);
    at(TOMORROW + 57 * MINUTE);
    b.close();
    await b.closed;
    await vi.waitUntil(async () => (await deadlineOf(room)) === 67);
    expect(await passUntil(() => room, TOMORROW + 120 * MINUTE)).toContain(TOMORROW + 67 * MINUTE);
    expect(await alarmOf(room)).toBeNull();
  });

  test("gives a room whose connections a crash has ended the time to come back", async () => {
    const room = (): DurableObjectStub => env.PresenceRoom.getByName("crashed");
    const a = await dial(room());
    a.send("x");
    await a.next();
    await passUntil(room, TOMORROW + 25 * MINUTE);
    await runInDurableObject(room(), (_room, state) => state.abort("crashed by the test")).catch(
      () => undefined,
    );
    expect(await passUntil(room, TOMORROW + 35 * MINUTE)).toEqual([TOMORROW + 30 * MINUTE]);
    expect(await deadlineOf(room())).toBe(40);
    const b = await dial(room());
    b.send("back");
    expect(await b.next()).toBe("2");
    b.close();
    await b.closed;
  });

  test("writes a row and sets an alarm once in expireAfter, and for a leaving", async () => {
    const room = env.PresenceRoom.getByName("never left");
    const a = await dial(room);
    a.send("x");
    await a.next();
    a.close();
    await a.closed;
    expect(await passUntil(() => room, TOMORROW + 60 * MINUTE)).toEqual([TOMORROW + 10 * MINUTE]);
    expect(await alarmOf(room)).toBeNull();
  });
});

describe("[T11] expire() by hand", () => {
  test("[T3] tells whoever is there, asks onExpire, takes no extension, and leaves nothing", async () => {
    const room = env.EndingRoom.getByName("ends");
    const a = await speak(room);
    a.message(1, "close", "now");
    await a.until(1);
    await runInDurableObject(room, ({ lifecycle }) => expect(lifecycle.phase).toBe("expiring"));
    expect(await alarmOf(room)).toBe(TOMORROW);
    await ring(room);
    expect(await a.dialled.closed).toEqual({ code: 4001, reason: "expired" });
    await runInDurableObject(room, ({ asked, lifecycle }, { storage }) => {
      expect(asked).toBe(1);
      expect(lifecycle).toMatchObject({ phase: "new", messages: 0, epoch: null });
      expect(storage.sql.databaseSize).toBe(4_096);
    });
    const b = await speak(room);
    b.message(1, "say", "anew");
    await b.outcome(1);
  });

  test("is taken back with the message that asked for it", async () => {
    const room = env.EndingRoom.getByName("taken back");
    const a = await speak(room);
    a.message(1, "close", "fail");
    expect(await a.outcome(1)).toMatchObject({ fault: { code: "failed" } });
    a.message(2, "say", "still here");
    await a.until(1);
    expect(await passUntil(() => room, TOMORROW + 29 * MINUTE)).toEqual([]);
    await runInDurableObject(room, ({ lifecycle }) => expect(lifecycle.phase).toBe("active"));
  });

  test("is completed after a crash, and no timer rings any more", async () => {
    const room = (): DurableObjectStub<TimersRoom> => env.TimersRoom.getByName("ends anyhow");
    await runInDurableObject(room(), ({ timers, lifecycle }) => {
      timers.set("note", { after: 0 });
      lifecycle.expire();
    });
    await runInDurableObject(room(), (_room, state) => state.abort("crashed by the test")).catch(
      () => undefined,
    );
    await passUntil(room, TOMORROW + SECOND);
    await runInDurableObject(room(), (instance, { storage }) => {
      expect(storage.sql.databaseSize).toBe(4_096);
      expect(instance.rung()).toEqual([]);
    });
  });
});

describe("[T9] a purge that fails", () => {
  test.each(["by silence", "by hand"])(
    "is tried again by the platform, and after its last try by the room: %s",
    async (how) => {
      const room = env.StuckRoom.getByName(how);
      const a = await dial(room);
      a.send("x");
      await a.next();
      stuck.add(how);
      if (how === "by hand") await runInDurableObject(room, ({ lifecycle }) => lifecycle.expire());
      const end = TOMORROW + (how === "by hand" ? 0 : 30 * MINUTE);
      at(end);
      for (let retry = 0; retry < 6; retry++) {
        await expect(ring(room, retry)).rejects.toThrow("secret storage");
        expect(await alarmOf(room)).toBeNull(); // set, it would replace the platform's next try
      }
      await ring(room, 6);
      expect(await alarmOf(room)).toBe(end + 5 * MINUTE);
      stuck.delete(how);
      await passUntil(() => room, end + 6 * MINUTE);
      await runInDurableObject(room, (_room, { storage }) => {
        expect(storage.sql.databaseSize).toBe(4_096);
      });
    },
  );
});

test("[T12] the view tells the phase, the count, the last message, the deadline and the epoch", async () => {
  const room = env.EndingRoom.getByName("view");
  const look = (): Promise<object> =>
    runInDurableObject(room, ({ lifecycle }) => ({ ...lifecycle }));
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
