// Rules P2 to P6: the epoch's bill through sleep, through crashes, and with nobody there.
import { type Bill, getRoom } from "@greenroom/server";
import { expectCost, testRoom, type TestRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { speak } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

type Held = Pick<TestRoom<undefined>, "run" | "evict" | "cost">;

type Counted = Pick<Bill, "rowsRead" | "rowsWritten" | "alarms" | "messages" | "requests">;
const NOTHING: Counted = { rowsRead: 0, rowsWritten: 0, alarms: 0, messages: 0, requests: 0 };

function plus(a: Counted, b: Counted, sign = 1): Counted {
  const sum = (name: keyof Counted): number => Number((a[name] + sign * b[name]).toFixed(6));
  return {
    rowsRead: sum("rowsRead"),
    rowsWritten: sum("rowsWritten"),
    alarms: sum("alarms"),
    messages: sum("messages"),
    requests: sum("requests"),
  };
}

/** Runs events, evicts after each, and gives what all wakes have counted and what the epoch says. */
async function through(
  room: Held,
  events: readonly (() => unknown)[],
): Promise<{ readonly wakes: Counted; readonly epoch: Counted }> {
  let wakes = NOTHING;
  for (const event of events) {
    await event();
    wakes = plus(wakes, (await room.cost()).wake);
    await room.evict();
  }
  const { wake, epoch } = await room.cost();
  return { wakes, epoch: plus(epoch, wake, -1) };
}

/** Everything is in the epoch's bill, but for the few rows that keeping it has read. */
function expectComplete(epoch: Counted, wakes: Counted, messages: number): void {
  expect({ ...epoch, rowsRead: 0 }).toEqual({ ...wakes, rowsRead: 0 });
  expect(epoch.rowsRead).toBeLessThanOrEqual(wakes.rowsRead);
  expect(epoch.rowsRead).toBeGreaterThanOrEqual(wakes.rowsRead - 2 * messages);
}

const inStorage =
  (room: Held, use: (storage: DurableObjectStorage) => unknown): (() => Promise<void>) =>
  async () => {
    await room.run(async (_room, { storage }) => {
      await use(storage);
    });
  };

describe("[P2] [P3] [P4] while somebody is connected, the epoch's bill is complete after each event", () => {
  test("of a contract room", async () => {
    const room = await testRoom(env.ChatRoom);
    const start = time.now;
    const a = await speak(room);
    let n = 0;
    const say = async (): Promise<void> => {
      if (n > 0) time.freeze(time.now + SECOND);
      a.message((n += 1), "say", { text: "x" });
      await a.outcome(n);
    };
    const { wakes, epoch } = await through(room, [
      () => undefined,
      say,
      say,
      async () => (await room.fetch()).text(),
      inStorage(room, (storage) => storage.put("key", 1)),
      inStorage(room, (storage) => storage.setAlarm(start + MINUTE)),
      () => time.freeze(start + MINUTE),
      () => room.ring(),
      say,
      async () => (await speak(room)).dialled.close(),
      () => undefined,
    ]);
    expectComplete(epoch, wakes, 3);
    expect(epoch.messages).toBe(3);
    expect(epoch.requests).toBe(4 + 3 / 20);
    expect(epoch.alarms).toBeGreaterThan(3);
  });

  test("of a room without a contract, whoever leaves", async () => {
    const room = await testRoom(env.EveryRoom);
    const clients = [await room.open(), await room.open(), await room.open()];
    const leave = async (): Promise<void> => {
      const client = clients.shift();
      client?.close();
      await client?.closed();
    };
    const say = async (): Promise<void> => {
      clients.at(-1)?.send("x");
      await clients.at(-1)?.next();
    };
    const { wakes, epoch } = await through(room, [say, leave, say, leave, () => undefined, say]);
    expectComplete(epoch, wakes, 3);
    expect(epoch.messages).toBe(3);
  });

  test("beside what the room keeps on the same connection, which comes first", async () => {
    const room = await testRoom(env.ChatRoom);
    const a = await speak(room);
    const keep = (size: number): Promise<void> =>
      room.run((instance) => {
        instance.member(a.id)?.setState("x".repeat(size));
      });
    const size = 16_384 - 160; // room for our own part of the attachment, and for no bill
    await keep(size);
    await room.evict();
    await room.run((instance) => expect(String(instance.member(a.id)?.state)).toHaveLength(size));
    a.message(1, "say", { text: "x" });
    await a.outcome(1);
    await keep(10);
    await room.evict();
    expect((await room.cost()).epoch.messages).toBe(1);
  });
});

describe("[P5] while nobody is connected", () => {
  test("a ticking room keeps its bill with each tick: its row, its alarm and its request", async () => {
    const room = await testRoom(env.TimersRoom);
    await room.run(({ timers }) => timers.set("note/tick", { every: MINUTE, keepAlive: true }));
    let wakes = plus(NOTHING, (await room.cost()).wake);
    await room.evict();
    for (let tick = 1; tick <= 10; tick++) {
      expect(await time.advance(MINUTE)).toHaveLength(1);
      wakes = plus(wakes, (await room.cost()).wake);
      await room.evict();
    }
    await (await room.fetch()).text(); // starts it, so that it looks at its alarm
    const { wake, epoch } = await room.cost();
    const { rowsWritten, alarms, requests } = plus(epoch, wake, -1);
    expect({ rowsWritten, alarms, requests }).toEqual({
      rowsWritten: wakes.rowsWritten,
      alarms: wakes.alarms,
      requests: 10,
    });
  });

  test("what no row has kept is missing after a sleep, and after a crash", async () => {
    const room = await testRoom(env.EveryRoom);
    const a = await room.open();
    a.send("x");
    await a.next();
    for (let n = 0; n < 3; n++) await (await room.fetch()).text();
    expect((await room.cost()).epoch.requests).toBe(4 + 1 / 20);
    await room.crash();
    const { epoch } = await room.cost();
    expect(epoch.messages).toBe(1);
    expect(epoch.requests).toBe(1 + 1 / 20);
    await (await room.fetch()).text();
    await room.evict();
    expect((await room.cost()).epoch.requests).toBe(1 + 1 / 20);
  });
});

test("[P1] the key-value part of storage is counted as the rows of its table", async () => {
  const room = await testRoom(env.ValueRoom);
  const cost = await expectCost(room);
  const spent = async (use: (storage: DurableObjectStorage) => unknown): Promise<number[]> => {
    await room.run(async (_room, { storage }) => {
      await use(storage);
    });
    const { rowsRead, rowsWritten } = await cost.take();
    return [rowsRead, rowsWritten];
  };
  expect(await spent((storage) => storage.put("a", 1))).toEqual([0, 1]);
  expect(await spent((storage) => storage.put({ b: new Map([["x", 1]]), c: 3 }))).toEqual([0, 2]);
  expect(await spent((storage) => storage.get("b"))).toEqual([1, 0]);
  expect(await spent((storage) => storage.get(["a", "b", "none"]))).toEqual([2, 0]);
  expect(await spent((storage) => storage.get("none"))).toEqual([0, 0]);
  expect(await spent((storage) => storage.list())).toEqual([3, 0]);
  expect(await spent((storage) => storage.list({ prefix: "none" }))).toEqual([1, 0]);
  expect(await spent((storage) => storage.delete("none"))).toEqual([0, 0]);
  expect(await spent((storage) => storage.delete(["a", "none"]))).toEqual([1, 1]);
  expect(await spent(({ kv }) => kv.put("d", 4))).toEqual([0, 1]);
  expect(await spent(({ kv }) => kv.get("d"))).toEqual([1, 0]);
  expect(await spent(({ kv }) => expect([...kv.list()]).toHaveLength(3))).toEqual([3, 0]);
  expect(await spent(({ kv }) => kv.list()[Symbol.iterator]().next())).toEqual([0, 0]);
  expect(await spent(({ kv }) => expect(kv.delete("d")).toBe(true))).toEqual([1, 1]);
  const within = (storage: DurableObjectStorage): Promise<void> =>
    storage.transaction(async (txn) => {
      await txn.put("e", 5);
      expect(await txn.get("e")).toBe(5);
    });
  expect(await spent(within)).toEqual([1, 1]);
});

test("[P6] a call over RPC is a request where it goes through getRoom", async () => {
  const room = await testRoom(env.ChatRoom);
  const { wake: before } = await room.cost();
  const called = await getRoom(env.ChatRoom, room.name);
  await called.publish("said", { from: "the Worker", text: "x" });
  await called.notes();
  const { wake } = await room.cost();
  expect(wake.requests - before.requests).toBe(2);
  expect(wake.messages).toBe(0);
  expect(wake.rowsWritten).toBeGreaterThan(0);
});
