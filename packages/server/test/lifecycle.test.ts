import { withRoomLifecycle, Room } from "@greenroom/server";
// Rules T: the count, the deadline, the end, and the alarm slot. Time is moved, never waited for.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";

import { dial } from "./dial.ts";

const MINUTE = 60_000;

/** Sets the clock of the room and of the test; in whole seconds, as deadlines are. */
function at(ms: number): void {
  vi.setSystemTime(ms);
}

const START = Math.ceil(Date.now() / 1_000) * 1_000;
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What is left of an object in storage. */
async function leftOf(
  stub: DurableObjectStub,
): Promise<{ size: number; keys: number; alarm: number | null }> {
  return runInDurableObject(stub, async (_room, state) => ({
    size: state.storage.sql.databaseSize,
    keys: (await state.storage.list()).size,
    alarm: await state.storage.getAlarm(),
  }));
}

const NOTHING = { size: 4_096, keys: 0, alarm: null };

describe.each(["EveryRoom", "LazyRoom"] as const)(
  "[T8] the life of a room is the same: %s",
  (kind) => {
    const rooms = env[kind];

    test("[T1] [T2] counts each message, and expires 30 minutes after the last one", async () => {
      at(START);
      const room = rooms.getByName(`${kind} counts`);
      const a = await dial(room);
      a.send("1");
      expect(await a.next()).toBe("1");
      at(START + 20 * MINUTE);
      a.send("2");
      expect(await a.next()).toBe("2");
      await evictDurableObject(room);
      a.send("3");
      expect(await a.next()).toBe("3");
      await runInDurableObject(room, (instance) => {
        expect(instance.lifecycle).toMatchObject({
          phase: "active",
          messages: 3,
          lastMessageAt: START + 20 * MINUTE,
          deadline: START + 50 * MINUTE,
          expireAfter: 30 * MINUTE,
        });
      });
      // The alarm may ring early, and finds a room that was not silent for long enough.
      at(START + 30 * MINUTE);
      expect(await runDurableObjectAlarm(room)).toBe(true);
      expect((await leftOf(room)).alarm).toBe(START + 50 * MINUTE);
      a.send("4");
      expect(await a.next()).toBe("4");
    });

    test("[T3] [T4] [A20] tells whoever is there, leaves nothing, and the next message finds a new room", async () => {
      at(START);
      const room = rooms.getByName(`${kind} expires`);
      const a = await dial(room);
      a.send("1");
      await a.next();
      at(START + 30 * MINUTE);
      expect(await runDurableObjectAlarm(room)).toBe(true);
      expect(await a.closed).toEqual({ code: 4001, reason: "expired" });
      expect(await leftOf(room)).toEqual(NOTHING);
      const b = await dial(room);
      b.send("first again");
      expect(await b.next()).toBe("1");
      expect((await leftOf(room)).alarm).toBe(START + 60 * MINUTE);
    });

    test("[T6] [A21] neither a late close nor a stray request brings the storage back", async () => {
      at(START);
      const room = rooms.getByName(`${kind} late`);
      const a = await dial(room);
      a.send("1");
      await a.next();
      at(START + 31 * MINUTE);
      await runDurableObjectAlarm(room);
      await evictDurableObject(room);
      await a.closed;
      await (await room.fetch("http://room/")).text();
      expect(await leftOf(room)).toEqual(NOTHING);
    });
  },
);

test("[T2] the alarm is set to the deadline, rounded up to a whole second", async () => {
  at(START + 1);
  const room = env.EveryRoom.getByName("rounds");
  const a = await dial(room);
  a.send("1");
  await a.next();
  expect((await leftOf(room)).alarm).toBe(START + 30 * MINUTE + 1_000);
});

test("[T1] 1,000 messages of 10 clients with an eviction after every 50: the count is 1,000, the alarm 30 minutes after the last", async () => {
  at(START);
  const room = env.EveryRoom.getByName("thousand");
  const clients = await Promise.all(Array.from({ length: 10 }, () => dial(room)));
  for (let sent = 0; sent < 1_000; sent += 50) {
    at(START + sent * 1_000);
    for (const client of clients) for (let i = 0; i < 5; i++) client.send("x");
    for (const client of clients) for (let i = 0; i < 5; i++) await client.next();
    await evictDurableObject(room);
  }
  await runInDurableObject(room, (instance) => expect(instance.lifecycle.messages).toBe(1_000));
  expect((await leftOf(room)).alarm).toBe(START + 950_000 + 30 * MINUTE);
}, 60_000);

test("[T1] a message whose handler fails is not counted", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const room = env.EchoRoom.getByName("uncounted");
  const a = await dial(room);
  for (const text of ["throw", "reject", "count"]) a.send(text);
  await a.next();
  await a.next();
  expect(await a.next()).toBe("1");
});

test("[T5] onExpire extends the deadline, also across sleep, and a message extends it further", async () => {
  at(START);
  const room = env.ExtendingRoom.getByName("extends");
  const a = await dial(room);
  a.send("1");
  await a.next();
  at(START + 30 * MINUTE);
  await runDurableObjectAlarm(room);
  expect((await leftOf(room)).alarm).toBe(START + 35 * MINUTE);
  await evictDurableObject(room);
  a.send("2");
  expect(await a.next()).toBe(String(START + 60 * MINUTE));
  at(START + 60 * MINUTE);
  await runDurableObjectAlarm(room);
  expect((await leftOf(room)).alarm).toBe(START + 65 * MINUTE);
  at(START + 65 * MINUTE);
  await runDurableObjectAlarm(room);
  expect(await a.closed).toMatchObject({ code: 4001 });
  expect(await leftOf(room)).toEqual(NOTHING);
});

test("[T5] an onExpire that throws is logged, and does not keep the room alive", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  at(START);
  const room = env.ExtendingRoom.getByName("throws");
  const a = await dial(room);
  a.send("1");
  await a.next();
  at(START + 30 * MINUTE);
  await runDurableObjectAlarm(room);
  expect(logged.mock.lastCall?.[0]).toContain("onExpire failed");
  expect(await leftOf(room)).toEqual(NOTHING);
});

describe("[T7] [A18] the user's own alarm beside the deadline", () => {
  test("rings before the deadline, and the deadline still rings", async () => {
    at(START);
    const room = env.AlarmRoom.getByName("early");
    const a = await dial(room);
    a.send(`set ${5 * MINUTE}`);
    expect(await a.next()).toBe(String(5 * MINUTE));
    expect((await leftOf(room)).alarm).toBe(START + 5 * MINUTE);
    await evictDurableObject(room);
    at(START + 5 * MINUTE);
    await runDurableObjectAlarm(room);
    expect(await (await room.fetch("http://room/")).json()).toEqual(["at 1"]);
    expect((await leftOf(room)).alarm).toBe(START + 30 * MINUTE);
    at(START + 30 * MINUTE);
    await runDurableObjectAlarm(room);
    expect(await a.closed).toMatchObject({ code: 4001 });
  });

  test("set for after the deadline, it does not outlive the room, unless a message comes", async () => {
    at(START);
    const room = env.AlarmRoom.getByName("late");
    const a = await dial(room);
    a.send(`set ${40 * MINUTE}`);
    await a.next();
    expect((await leftOf(room)).alarm).toBe(START + 30 * MINUTE);
    at(START + 20 * MINUTE);
    a.send("get");
    expect(await a.next()).toBe(String(20 * MINUTE));
    at(START + 40 * MINUTE);
    await runDurableObjectAlarm(room);
    expect(await (await room.fetch("http://room/")).json()).toEqual(["at 2"]);
    expect((await leftOf(room)).alarm).toBe(START + 50 * MINUTE);
  });

  test("can be set anew by its own hook, deleted, and set with a Date", async () => {
    at(START);
    const room = env.AlarmRoom.getByName("again");
    const a = await dial(room);
    a.send(`date ${MINUTE}`);
    expect(await a.next()).toBe(String(MINUTE));
    at(START + MINUTE);
    await runDurableObjectAlarm(room);
    expect((await leftOf(room)).alarm).toBe(START + 2 * MINUTE);
    a.send("delete");
    expect(await a.next()).toBe("none");
    expect((await leftOf(room)).alarm).toBe(START + 31 * MINUTE);
  });

  test("rings when a test tool runs it early, as on the bare platform", async () => {
    const room = env.AlarmRoom.getByName("tool");
    const a = await dial(room);
    a.send(`set ${5 * MINUTE}`);
    await a.next();
    expect(await runDurableObjectAlarm(room)).toBe(true);
    expect(await (await room.fetch("http://room/")).json()).toEqual(["at 1"]);
  });

  test("is left alone when a test tool rings a deadline that comes before it", async () => {
    at(START);
    const room = env.AlarmRoom.getByName("left alone");
    const a = await dial(room);
    a.send(`set ${45 * MINUTE}`);
    await a.next();
    at(START + 20 * MINUTE);
    expect(await runDurableObjectAlarm(room)).toBe(true);
    a.send("get");
    expect(await a.next()).toBe(String(25 * MINUTE));
  });

  test("one that throws is logged and tried again with backoff, and holds up nothing", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    at(START);
    const room = env.AlarmRoom.getByName("throws");
    const a = await dial(room);
    a.send(`set ${MINUTE}`);
    await a.next();
    let due = START + MINUTE;
    for (let attempt = 0; attempt <= 6; attempt++) {
      expect((await leftOf(room)).alarm).toBe(due);
      at(due);
      await runDurableObjectAlarm(room);
      expect(logged).toHaveBeenCalledTimes(attempt + 1);
      due += 2_000 * 2 ** attempt;
    }
    expect((await leftOf(room)).alarm).toBe(START + 30 * MINUTE);
    expect(await (await room.fetch("http://room/")).json()).toHaveLength(7);
  });

  test("is refused through a transaction object, with what to use instead", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const a = await dial(env.AlarmRoom.getByName("transaction"));
    a.send("transaction");
    expect(JSON.parse(await a.next())).toMatchObject({ code: "failed" });
    expect(String(logged.mock.lastCall?.[1])).toContain("ctx.storage.setAlarm");
  });
});

test("[T3] a room that stored something without a message ends too", async () => {
  at(START);
  const room = env.KeepingRoom.getByName("keeps");
  await (await room.fetch("http://room/")).text();
  expect((await leftOf(room)).alarm).toBe(START + 30 * MINUTE);
  at(START + 30 * MINUTE);
  await runDurableObjectAlarm(room);
  expect(await leftOf(room)).toEqual(NOTHING);
});

test("[T3] [R6] a value that was put gives a room a deadline; what the platform keeps for itself does not", async () => {
  at(START);
  const kept = env.ValueRoom.getByName("puts");
  await (await kept.fetch("http://room/", { method: "POST" })).text();
  expect((await leftOf(kept)).alarm).toBe(START + 30 * MINUTE);
  const empty = env.ValueRoom.getByName("local");
  await (await empty.fetch("http://room/", { method: "PUT" })).text();
  expect(await (await empty.fetch("http://room/")).json()).toEqual({ deadline: null });
  expect((await leftOf(empty)).alarm).toBe(null);
});

describe.each(["hook", "before", "after", "reject"])("[T9] a purge that crashes: %s", (name) => {
  test("is completed by the next alarm, and nobody meets half a room", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    at(START);
    const a = await dial(env.CrashingRoom.getByName(name));
    for (const count of ["1 1", "2 2"]) {
      a.send("x");
      expect(await a.next()).toBe(count);
    }
    at(START + 30 * MINUTE);
    await expect(runDurableObjectAlarm(env.CrashingRoom.getByName(name))).rejects.toThrow(
      /crashed|secret storage/,
    );
    // All of the room is there, or nothing.
    const left = await leftOf(env.CrashingRoom.getByName(name));
    if (left.size > NOTHING.size) {
      expect(left.alarm).toBe(START + 30 * MINUTE);
      await runDurableObjectAlarm(env.CrashingRoom.getByName(name));
    }
    expect(await leftOf(env.CrashingRoom.getByName(name))).toEqual(NOTHING);
    const b = await dial(env.CrashingRoom.getByName(name));
    b.send("x");
    expect(await b.next()).toBe("1 1");
  });
});

describe("the mixin over partyserver's own classes", () => {
  test("[T1] [T3] [T4] [A20] a plain Server counts, expires and starts again", async () => {
    at(START);
    const room = env.PlainRoom.getByName("plain");
    const a = await dial(room);
    a.send("one");
    expect(await a.next()).toBe("1");
    await evictDurableObject(room);
    a.send("two");
    expect(await a.next()).toBe("2");
    await runInDurableObject(room, (instance) => {
      expect(instance.lifecycle).toMatchObject({ messages: 2, deadline: START + 10 * MINUTE });
    });
    at(START + 10 * MINUTE);
    await runDurableObjectAlarm(room).catch(() => undefined); // the instance ends under the tool
    expect(await a.closed).toMatchObject({ code: 4001 });
    const b = await dial(env.PlainRoom.getByName("plain"));
    b.send("anew");
    expect(await b.next()).toBe("1");
  });

  test("[R6] [A22] a stray request to one stores no name", async () => {
    const room = env.PlainRoom.getByName("stray");
    await (await room.fetch("http://room/")).text();
    await runInDurableObject(room, async (_room, state) =>
      expect((await state.storage.list()).size).toBe(0),
    );
  });

  test("[T1] [R7] a YServer document counts its updates, and a bare close completes", async () => {
    const room = env.DocumentRoom.getByName("document");
    const a = await dial(room);
    a.send(new Uint8Array([0, 0, 1, 0]).buffer);
    await a.next();
    await runInDurableObject(room, (instance) => expect(instance.lifecycle.messages).toBe(1));
    a.close();
    expect((await a.closed).code).toBe(1005);
  });

  test("applying it twice is an error that says so", () => {
    // SAFETY: what the types refuse is what is under test.
    expect(() => withRoomLifecycle(Room as never)).toThrow(
      /Room has the lifecycle already.*applied-twice/s,
    );
  });

  test("an option that cannot be is an error that names it", async () => {
    const room = env.BadOptionRoom.getByName("bad");
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(await (await room.fetch("http://room/")).json()).toMatchObject({ code: "bad-option" });
    expect(String(logged.mock.lastCall?.[1])).toContain("lifecycle.expireAfter is -1");
  });
});
