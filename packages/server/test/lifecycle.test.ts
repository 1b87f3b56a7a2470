import { withRoomLifecycle, Room } from "@greenroom/server";
import { testRoom, time } from "@greenroom/testing/workers";
// Rules T: the count, the deadline, the end, and the alarm slot. Time is moved, never waited for.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const MINUTE = 60_000;

/** A whole second, tomorrow: the platform would ring by itself at an alarm that is due by the real clock. */
const START = Math.ceil(Date.now() / 1_000) * 1_000 + 24 * 60 * MINUTE;
/** Sets the clock, and lets nothing ring. */
const at = (ms: number): void => time.freeze(ms);

beforeEach(() => at(START));
afterEach(() => vi.restoreAllMocks());

const NOTHING = { rows: 0, tables: [], keys: 0, alarm: null };

describe.each(["EveryRoom", "LazyRoom"] as const)(
  "[T8] the life of a room is the same: %s",
  (kind) => {
    const rooms = env[kind];

    test("[T1] [T2] counts each message, and expires 30 minutes after the last one", async () => {
      const room = await testRoom(rooms);
      const a = await room.open();
      a.send("1");
      expect(await a.next()).toBe("1");
      at(START + 20 * MINUTE);
      a.send("2");
      expect(await a.next()).toBe("2");
      await room.evict();
      a.send("3");
      expect(await a.next()).toBe("3");
      await room.run((instance) => {
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
      await room.ring();
      expect(await room.alarm()).toBe(START + 50 * MINUTE);
      a.send("4");
      expect(await a.next()).toBe("4");
    });

    test("[T3] [T4] [A20] tells whoever is there, leaves nothing, and the next message finds a new room", async () => {
      const room = await testRoom(rooms);
      const a = await room.open();
      a.send("1");
      await a.next();
      at(START + 30 * MINUTE);
      await room.ring();
      expect(await a.closed()).toEqual({ code: 4001, reason: "expired" });
      expect(await room.stored()).toEqual(NOTHING);
      const b = await room.open();
      b.send("first again");
      expect(await b.next()).toBe("1");
      expect(await room.alarm()).toBe(START + 60 * MINUTE);
    });

    test("[T6] [A21] neither a late close nor a stray request brings the storage back", async () => {
      const room = await testRoom(rooms);
      const a = await room.open();
      a.send("1");
      await a.next();
      at(START + 31 * MINUTE);
      await room.ring();
      await room.evict();
      await a.closed();
      await (await room.fetch()).text();
      expect(await room.stored()).toEqual(NOTHING);
    });
  },
);

test("[T2] the alarm is set to the deadline, rounded up to a whole second", async () => {
  at(START + 1);
  const room = await testRoom(env.EveryRoom);
  const a = await room.open();
  a.send("1");
  await a.next();
  expect(await room.alarm()).toBe(START + 30 * MINUTE + 1_000);
});

test("[T1] 1,000 messages of 10 clients with an eviction after every 50: the count is 1,000, the alarm 30 minutes after the last", async () => {
  const room = await testRoom(env.EveryRoom);
  const clients = await Promise.all(Array.from({ length: 10 }, () => room.open()));
  for (let sent = 0; sent < 1_000; sent += 50) {
    at(START + sent * 1_000);
    for (const client of clients) for (let i = 0; i < 5; i++) client.send("x");
    for (const client of clients) for (let i = 0; i < 5; i++) await client.next();
    await room.evict();
  }
  await room.run((instance) => expect(instance.lifecycle.messages).toBe(1_000));
  expect(await room.alarm()).toBe(START + 950_000 + 30 * MINUTE);
}, 60_000);

test("[T1] a message whose handler fails is not counted", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const room = await testRoom(env.EchoRoom);
  const a = await room.open();
  for (const text of ["throw", "reject", "count"]) a.send(text);
  await a.next();
  await a.next();
  expect(await a.next()).toBe("1");
});

test("[T5] onExpire extends the deadline, also across sleep, and a message extends it further", async () => {
  const room = await testRoom(env.ExtendingRoom, { name: "extends" });
  const a = await room.open();
  a.send("1");
  await a.next();
  at(START + 30 * MINUTE);
  await room.ring();
  expect(await room.alarm()).toBe(START + 35 * MINUTE);
  await room.evict();
  a.send("2");
  expect(await a.next()).toBe(String(START + 60 * MINUTE));
  at(START + 60 * MINUTE);
  await room.ring();
  expect(await room.alarm()).toBe(START + 65 * MINUTE);
  at(START + 65 * MINUTE);
  await room.ring();
  expect(await a.closed()).toMatchObject({ code: 4001 });
  expect(await room.stored()).toEqual(NOTHING);
});

test("[T5] an onExpire that throws is logged, and does not keep the room alive", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const room = await testRoom(env.ExtendingRoom, { name: "throws" });
  const a = await room.open();
  a.send("1");
  await a.next();
  at(START + 30 * MINUTE);
  await room.ring();
  expect(logged.mock.lastCall?.[0]).toContain("onExpire failed");
  expect(await room.stored()).toEqual(NOTHING);
});

describe("[T7] [A18] the user's own alarm beside the deadline", () => {
  test("rings before the deadline, and the deadline still rings", async () => {
    const room = await testRoom(env.AlarmRoom, { name: "early" });
    const a = await room.open();
    a.send(`set ${5 * MINUTE}`);
    expect(await a.next()).toBe(String(5 * MINUTE));
    expect(await room.alarm()).toBe(START + 5 * MINUTE);
    await room.evict();
    at(START + 5 * MINUTE);
    await room.ring();
    expect(await (await room.fetch()).json()).toEqual(["at 1"]);
    expect(await room.alarm()).toBe(START + 30 * MINUTE);
    at(START + 30 * MINUTE);
    await room.ring();
    expect(await a.closed()).toMatchObject({ code: 4001 });
  });

  test("set for after the deadline, it does not outlive the room, unless a message comes", async () => {
    const room = await testRoom(env.AlarmRoom, { name: "late" });
    const a = await room.open();
    a.send(`set ${40 * MINUTE}`);
    await a.next();
    expect(await room.alarm()).toBe(START + 30 * MINUTE);
    at(START + 20 * MINUTE);
    a.send("get");
    expect(await a.next()).toBe(String(20 * MINUTE));
    at(START + 40 * MINUTE);
    await room.ring();
    expect(await (await room.fetch()).json()).toEqual(["at 2"]);
    expect(await room.alarm()).toBe(START + 50 * MINUTE);
  });

  test("can be set anew by its own hook, deleted, and set with a Date", async () => {
    const room = await testRoom(env.AlarmRoom, { name: "again" });
    const a = await room.open();
    a.send(`date ${MINUTE}`);
    expect(await a.next()).toBe(String(MINUTE));
    at(START + MINUTE);
    await room.ring();
    expect(await room.alarm()).toBe(START + 2 * MINUTE);
    a.send("delete");
    expect(await a.next()).toBe("none");
    expect(await room.alarm()).toBe(START + 31 * MINUTE);
  });

  test("rings when a test tool runs it early, as on the bare platform", async () => {
    const room = await testRoom(env.AlarmRoom, { name: "tool" });
    const a = await room.open();
    a.send(`set ${5 * MINUTE}`);
    await a.next();
    expect(await runDurableObjectAlarm(room.stub)).toBe(true);
    expect(await (await room.fetch()).json()).toEqual(["at 1"]);
  });

  test("is left alone when a test tool rings a deadline that comes before it", async () => {
    const room = await testRoom(env.AlarmRoom, { name: "left alone" });
    const a = await room.open();
    a.send(`set ${45 * MINUTE}`);
    await a.next();
    at(START + 20 * MINUTE);
    expect(await runDurableObjectAlarm(room.stub)).toBe(true);
    a.send("get");
    expect(await a.next()).toBe(String(25 * MINUTE));
  });

  test("one that throws is logged and tried again with backoff, and holds up nothing", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const room = await testRoom(env.AlarmRoom, { name: "throws" });
    const a = await room.open();
    a.send(`set ${MINUTE}`);
    await a.next();
    let due = START + MINUTE;
    for (let attempt = 0; attempt <= 6; attempt++) {
      expect(await room.alarm()).toBe(due);
      at(due);
      await room.ring();
      expect(logged).toHaveBeenCalledTimes(attempt + 1);
      due += 2_000 * 2 ** attempt;
    }
    expect(await room.alarm()).toBe(START + 30 * MINUTE);
    expect(await (await room.fetch()).json()).toHaveLength(7);
  });

  test("is refused through a transaction object, with what to use instead", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const a = await (await testRoom(env.AlarmRoom, { name: "transaction" })).open();
    a.send("transaction");
    expect(JSON.parse(await a.next())).toMatchObject({ code: "failed" });
    expect(String(logged.mock.lastCall?.[1])).toContain("ctx.storage.setAlarm");
  });
});

test("[T3] a room that stored something without a message ends too", async () => {
  const room = await testRoom(env.KeepingRoom);
  await (await room.fetch()).text();
  expect(await room.alarm()).toBe(START + 30 * MINUTE);
  at(START + 30 * MINUTE);
  await room.ring();
  expect(await room.stored()).toEqual(NOTHING);
});

test("[T3] [R6] a value that was put gives a room a deadline; what the platform keeps for itself does not", async () => {
  const kept = await testRoom(env.ValueRoom);
  await (await kept.fetch("", { method: "POST" })).text();
  expect(await kept.alarm()).toBe(START + 30 * MINUTE);
  const empty = await testRoom(env.ValueRoom);
  await (await empty.fetch("", { method: "PUT" })).text();
  expect(await (await empty.fetch()).json()).toEqual({ deadline: null });
  expect(await empty.alarm()).toBe(null);
});

describe.each(["hook", "before", "after", "reject"])("[T9] a purge that crashes: %s", (name) => {
  test("is completed by the next alarm, and nobody meets half a room", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const room = await testRoom(env.CrashingRoom, { name });
    const a = await room.open();
    for (const count of ["1 1", "2 2"]) {
      a.send("x");
      expect(await a.next()).toBe(count);
    }
    at(START + 30 * MINUTE);
    await room.ring();
    await a.closed();
    // All of the room is there, or nothing; and the platform tries an alarm that failed again.
    await time.advance(2_000);
    expect(await room.stored()).toEqual(NOTHING);
    const b = await room.open();
    b.send("x");
    expect(await b.next()).toBe("1 1");
  });
});

describe("the mixin over partyserver's own classes", () => {
  test("[T1] [T3] [T4] [A20] a plain Server counts, expires and starts again", async () => {
    const room = await testRoom(env.PlainRoom);
    const a = await room.open();
    a.send("one");
    expect(await a.next()).toBe("1");
    await room.evict();
    a.send("two");
    expect(await a.next()).toBe("2");
    await room.run((instance) => {
      expect(instance.lifecycle).toMatchObject({ messages: 2, deadline: START + 10 * MINUTE });
    });
    at(START + 10 * MINUTE);
    await room.ring().catch(() => undefined); // the instance ends under the tool
    expect(await a.closed()).toMatchObject({ code: 4001 });
    const b = await (await testRoom(env.PlainRoom)).open();
    b.send("anew");
    expect(await b.next()).toBe("1");
  });

  test("[R6] [A22] a stray request to one stores no name", async () => {
    const room = await testRoom(env.PlainRoom);
    await (await room.fetch()).text();
    await room.run(async (_room, state) => expect((await state.storage.list()).size).toBe(0));
  });

  test("[T1] [R7] a YServer document counts its updates, and a bare close completes", async () => {
    const room = await testRoom(env.DocumentRoom);
    const a = await room.open();
    a.send(new Uint8Array([0, 0, 1, 0]).buffer);
    await a.next();
    await room.run((instance) => expect(instance.lifecycle.messages).toBe(1));
    a.close();
    expect((await a.closed()).code).toBe(1005);
  });

  test("applying it twice is an error that says so", () => {
    // SAFETY: what the types refuse is what is under test.
    expect(() => withRoomLifecycle(Room as never)).toThrow(
      /Room has the lifecycle already.*applied-twice/s,
    );
  });

  test("an option that cannot be is an error that names it", async () => {
    const room = await testRoom(env.BadOptionRoom);
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(await (await room.fetch()).json()).toMatchObject({ code: "bad-option" });
    expect(String(logged.mock.lastCall?.[1])).toContain("lifecycle.expireAfter is -1");
  });
});
