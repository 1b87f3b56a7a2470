// [M14] [M15] Rooms with many timers: what waking, setting, cancelling and listing read and write.
import type { TimerView } from "@greenroom/server";
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { TimersRoom } from "./rooms/timers.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / SECOND) * SECOND + 24 * HOUR;

const MANY = 500;
/** When the first of them rings. */
const FIRST = TOMORROW + 10 * MINUTE;

beforeEach(() => {
  time.freeze(TOMORROW);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

type Timed = TestRoom<TimersRoom>;
const inside = <T>(
  room: Timed,
  run: (instance: TimersRoom, state: DurableObjectState) => T,
): Promise<T> => room.run((instance, state) => run(instance, state));

/** Rows that something reads and writes, alarms left out. */
const rowsOf = (
  room: Timed,
  run: (instance: TimersRoom) => unknown,
): Promise<{ read: number; written: number }> =>
  inside(room, (instance) => {
    const before = instance.cost().wake;
    run(instance);
    const after = instance.cost().wake;
    return {
      read: after.rowsRead - before.rowsRead,
      written: after.rowsWritten - before.rowsWritten,
    };
  });

async function say(room: Timed): Promise<void> {
  const a = await room.open();
  a.send("x");
  await a.next();
}

/** A room with so many timers, a second apart, that are set in an order which is not theirs. */
async function crowded(name: string, count: number = MANY): Promise<Timed> {
  const room = await testRoom(env.TimersRoom, { name });
  await say(room);
  await inside(room, ({ timers }) => {
    for (let n = 0; n < count; n++) {
      const place = (n * 7) % count;
      timers.set(`note/${place}`, { at: FIRST + place * SECOND }, { place });
    }
  });
  return room;
}

/** Wakes a room by a message, and gives the rows that it has read. */
async function wake(room: Timed): Promise<number> {
  await room.evict();
  await say(room);
  return inside(room, (instance) => instance.cost().wake.rowsRead);
}

const indexesOf = (room: Timed): Promise<number> =>
  inside(room, (_room, { storage }) => {
    const query = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name GLOB 'greenroom*'";
    return storage.sql.exec(query).toArray().length;
  });

describe("[M14] a room with many timers", () => {
  test("looks through them once, and after that wakes as one with few", async () => {
    const few = await crowded("few", 5);
    const room = await crowded("many");
    await wake(few);
    const least = await wake(few);
    expect(await wake(room)).toBeGreaterThan(MANY);
    expect(await wake(room)).toBeLessThanOrEqual(least);
    expect(await indexesOf(room)).toBe(2);
    expect(await indexesOf(few)).toBe(0);
  });

  test("with as many as 64, is one with few", async () => {
    const room = await crowded("sixty-four", 64);
    await wake(room);
    expect(await indexesOf(room)).toBe(0);
    const set = ({ timers }: TimersRoom): void => timers.set("note/one more", { after: MINUTE });
    expect((await rowsOf(room, set)).written).toBe(1);
    await wake(room);
    expect(await indexesOf(room)).toBe(2);
  });

  test("[M9] reads a few rows to set and cancel one, and writes a row more, or two", async () => {
    const room = await crowded("sets");
    await wake(room);
    for (const keepAlive of [false, true]) {
      const set = await rowsOf(room, ({ timers }) =>
        timers.set("note/new", { after: MINUTE, keepAlive }),
      );
      expect(set.written).toBe(keepAlive ? 3 : 2);
      expect(set.read).toBeLessThanOrEqual(5);
      const cancelled = await rowsOf(room, ({ timers }) => timers.cancel("note/new"));
      expect(cancelled.written).toBe(1);
      expect(cancelled.read).toBeLessThanOrEqual(5);
    }
  });

  test("that were kept by an earlier version is as one of this", async () => {
    const room = await crowded("earlier", 1);
    await inside(room, (_room, { storage }) => {
      const row = "INSERT INTO greenroom_timers VALUES (?, ?, ?, 0, '{}', '{}', '', '')";
      for (let n = 0; n < MANY; n++) {
        const due = FIRST - MANY + n;
        storage.sql.exec(row, `note/earlier ${n}`, due, due);
      }
    });
    await wake(room);
    expect(await wake(room)).toBeLessThan(40);
    time.freeze(FIRST + SECOND);
    await room.ring();
    const rung = await inside(room, (instance) => instance.rung());
    expect(rung.map(({ name }) => name)).toEqual([
      ...Array.from({ length: MANY }, (_, n) => `note/earlier ${n}`),
      "note/0",
    ]);
  });

  test("[M3] rings each at its time, once, across sleep, beside one that hangs and one that throws", async () => {
    const room = await crowded("rings", 71);
    await inside(room, ({ timers }) => {
      timers.set("note/kept", { at: FIRST + HOUR, keepAlive: true });
      timers.set("hang", { at: FIRST + SECOND, timeout: 1, retries: 0 });
      timers.set("throws", { at: FIRST + 2 * SECOND, retries: 1 });
    });
    await wake(room);
    expect(await indexesOf(room)).toBe(2);
    expect(await room.alarm()).toBe(FIRST);
    for (let place = 0; place < 80; place += 10) {
      await time.advance(FIRST + place * SECOND - time.now);
      await room.evict();
    }
    await time.advance(FIRST + HOUR - SECOND - time.now);
    const rung = await inside(room, (instance) => instance.rung());
    const notes = rung.filter(({ name }) => name.startsWith("note"));
    expect(notes.map(({ payload }) => payload)).toEqual(
      Array.from({ length: 71 }, (_, place) => ({ place })),
    );
    for (const { at: time, due } of notes) expect(time).toBe(due);
    const listed = await inside(room, ({ timers }) => timers.list());
    expect(listed.map(({ name, state }) => [name, state])).toEqual([
      ["note/kept", "pending"],
      ["hang", "failed"],
      ["throws", "failed"],
    ]);
    // The room lives on for the one that keeps it.
    expect(await inside(room, (instance) => instance.lifecycle.deadline)).toBe(FIRST + HOUR);
  });

  test("[P5] keeps its bill with what rings, while nobody is connected", async () => {
    const room = await crowded("bill");
    await inside(room, ({ timers }) => timers.set("note/tick", { every: 10 * SECOND }));
    await room.evict({ sockets: "close" });
    const before = (await room.cost()).epoch;
    const ticks = 5;
    for (let n = 0; n < ticks; n++) {
      await room.evict();
      await time.advance(10 * SECOND);
    }
    await room.evict();
    const after = (await room.cost()).epoch;
    expect(after.alarms - before.alarms).toBeGreaterThanOrEqual(ticks);
    // Each a row moved and its place in the index, and a row of the handler's.
    expect(after.rowsWritten - before.rowsWritten).toBeGreaterThanOrEqual(3 * ticks);
  });

  test("that looks through them in a transaction that is rolled back looks again", async () => {
    const room = await crowded("rolled back");
    await inside(room, (instance, { storage }) => {
      const look = (): void => {
        instance.timers.cancel("note/0"); // so that another is the first
        expect(instance.lifecycle.deadline).not.toBeNull();
        throw new Error("rolled back");
      };
      expect(() => storage.transactionSync(look)).toThrow("rolled back");
      expect(instance.timers.get("note/0")).toBeDefined();
    });
    // At its end the alarm was to be set, and what comes first was looked for again.
    expect(await indexesOf(room)).toBe(2);
    expect(await room.alarm()).toBe(FIRST);
    await inside(room, ({ timers }) => timers.cancel("note/0"));
    expect(await room.alarm()).toBe(FIRST + SECOND);
  });
});

describe("[M15] a list of timers", () => {
  test("comes by pages that are the whole of it, and read what they have", async () => {
    const room = await crowded("pages");
    await inside(room, ({ timers }) => {
      timers.set("throws", { after: SECOND, retries: 0 });
      timers.set("throws/too", { after: 2 * SECOND, retries: 0 });
      timers.set("note/same", { at: FIRST });
    });
    await time.advance(MINUTE);
    await wake(room);
    await inside(room, (instance) => {
      const all = instance.timers.list();
      expect(all).toHaveLength(MANY + 3);
      expect(all.slice(0, 3).map(({ name }) => name)).toEqual(["note/0", "note/same", "note/1"]);
      expect(all.slice(-2).map(({ name, state }) => [name, state])).toEqual([
        ["throws", "failed"],
        ["throws/too", "failed"],
      ]);
      const paged: TimerView[] = [];
      for (let page = instance.timers.list({ limit: 60 }); page.length > 0;) {
        paged.push(...page);
        const before = instance.cost().wake.rowsRead;
        page = instance.timers.list({ limit: 60, after: page.at(-1) });
        // Each row, its payload, and the place that it stands behind.
        expect(instance.cost().wake.rowsRead - before).toBeLessThanOrEqual(2 * 60 + 2);
      }
      expect(paged).toEqual(all);
    });
  });

  test("goes on behind a place that is gone, and is empty behind the last", async () => {
    const room = await crowded("places", 5);
    await inside(room, ({ timers }) => {
      const [, second] = timers.list() as [TimerView, TimerView];
      timers.cancel("note/1");
      const rest = timers.list({ after: second });
      expect(rest.map(({ name }) => name)).toEqual(["note/2", "note/3", "note/4"]);
      expect(timers.list({ after: rest.at(-1) })).toEqual([]);
      expect(timers.list({ limit: 1 }).map(({ name }) => name)).toEqual(["note/0"]);
    });
  });
});
