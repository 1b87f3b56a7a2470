// [M9] What timers cost, exactly: rows written and alarms set, together.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { alarmOf, at, MINUTE, ring, SECOND, TOMORROW } from "./clock.ts";
import { dial } from "./dial.ts";
import { type MeteredTimers, takeBill } from "./rooms/metered.ts";
import { speak } from "./speak.ts";

beforeEach(() => at(TOMORROW));
afterEach(() => vi.useRealTimers());

/** What a room has written since it was last asked, alarms included. */
const paid = (stub: DurableObjectStub): Promise<number> =>
  runInDurableObject(stub, (room) => {
    const { rows, alarms } = takeBill(room);
    return rows + alarms;
  });

/** A room with a deadline and its table of timers. */
async function roomOf(name: string): Promise<DurableObjectStub<MeteredTimers>> {
  const room = env.MeteredTimers.getByName(name);
  const a = await dial(room);
  a.send("x");
  await a.next();
  await runInDurableObject(room, ({ timers }) => {
    timers.set("note/first", { after: 29 * MINUTE });
    timers.cancel("note/first");
  });
  await paid(room);
  return room;
}

describe("[M9] the price of timers", () => {
  test("setting, ringing and removing a one-shot writes 4 rows, alarms included", async () => {
    const room = await roomOf("one-shot");
    // Its handler writes nothing, so that what is paid is the timer's.
    await runInDurableObject(room, ({ timers }) =>
      timers.set("hang", { after: SECOND, timeout: 1, retries: 0 }),
    );
    expect(await paid(room)).toBe(2);
    await runInDurableObject(room, ({ timers }) => timers.cancel("hang"));
    expect(await paid(room)).toBe(2);
    const quiet = env.MeteredDesk.getByName("one-shot");
    const a = await speak(quiet);
    a.message(1, "begin", { ms: 10 * MINUTE, text: "half" });
    await a.outcome(1);
    await paid(quiet);
    await runInDurableObject(quiet, ({ timers }) => timers.set("plain", { after: SECOND }));
    const set = await paid(quiet);
    at(TOMORROW + SECOND);
    await ring(quiet);
    // It publishes, which is a row of the log's.
    expect(set + (await paid(quiet)) - 1).toBe(4);
  });

  test("an asynchronous one as well", async () => {
    const room = await roomOf("asynchronous");
    await runInDurableObject(room, ({ timers }) =>
      timers.set("asleep", { after: SECOND }, { ms: 1 }),
    );
    at(TOMORROW + SECOND);
    await runInDurableObject(room, ({ rung }) => void rung);
    await ring(room);
    const rung = 3; // the table of rings, and its first row
    expect(await paid(room)).toBeLessThanOrEqual(4 + rung);
  });

  test("a tick of every writes 2, and a late one that has missed many as well", async () => {
    const room = await roomOf("ticks");
    await runInDurableObject(room, ({ timers }) => timers.set("note", { every: SECOND }));
    const bills: number[] = [];
    for (let tick = 1; tick <= 60; tick++) {
      if (tick % 7 === 0) at(((await alarmOf(room)) ?? 0) + 12_345);
      else at((await alarmOf(room)) ?? 0);
      if (tick % 10 === 0) await evictDurableObject(room);
      await paid(room);
      await ring(room);
      bills.push(await paid(room));
    }
    // One more is the row that its handler writes; the first tick makes that row's table.
    expect(new Set(bills.slice(1))).toEqual(new Set([3]));
  });

  test("setting the same again on waking writes nothing", async () => {
    const name = "ticking";
    await roomOf(name);
    const room = env.MeteredTimers.getByName(name);
    const once = { at: TOMORROW + 5 * MINUTE };
    const cron = { cron: "0 9 * * *", timezone: "Europe/Berlin", keepAlive: true } as const;
    await runInDurableObject(room, ({ timers }) => {
      timers.set("note/once", once, { text: "x" });
      timers.set("note/cron", cron);
    });
    for (let wake = 0; wake < 5; wake++) {
      at(TOMORROW + wake * 9_999);
      await evictDurableObject(room);
      await (await room.fetch("http://room/")).text(); // its onStart sets "note" again
      await runInDurableObject(room, ({ timers }) => {
        timers.set("note/once", once, { text: "x" });
        timers.set("note/cron", cron);
      });
      expect(await paid(room)).toBe(0);
    }
    await runInDurableObject(room, ({ timers }) => timers.set("note/once", once, { text: "y" }));
    expect(await paid(room)).toBe(1);
  });

  test("a thousand timers that ring together set one alarm", async () => {
    const room = await roomOf("together");
    await runInDurableObject(room, ({ timers }) => {
      for (let n = 0; n < 1_000; n++) timers.set(`note/${n}`, { at: TOMORROW + SECOND });
    });
    expect(await paid(room)).toBe(1_001);
    at(TOMORROW + SECOND);
    await ring(room);
    // A row gone and a row of the handler's each, the handler's table, and the alarm.
    expect(await paid(room)).toBeLessThanOrEqual(2_000 + 3);
  });

  test("[T1] a message in a room with timers pays what it pays without", async () => {
    const room = await roomOf("message");
    await runInDurableObject(room, ({ timers }) => timers.set("note", { after: MINUTE }));
    await paid(room);
    const a = await dial(room);
    for (let n = 1; n <= 20; n++) {
      at(TOMORROW + n * SECOND);
      a.send("x");
      await a.next();
      expect(await paid(room)).toBe(1); // the alarm rings for the timer, and stays
    }
  });
});
