// [M9] What timers cost, exactly: rows written and alarms set, together.
import { testRoom, type TestRoom, type TestRoomOptions, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { type MeteredTimers, takeBill } from "./rooms/metered.ts";
import { speak } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What a room has written since it was last asked, alarms included; not by its own account. */
const paid = (room: Pick<TestRoom<undefined>, "run">): Promise<number> =>
  room.run((instance) => {
    const { rows, alarms } = takeBill(instance);
    return rows + alarms;
  });

/** A room with a deadline and its table of timers. */
async function withTimers(options?: TestRoomOptions): Promise<TestRoom<MeteredTimers>> {
  const room = await testRoom(env.MeteredTimers, options);
  const a = await room.open();
  a.send("x");
  await a.next();
  await room.run(({ timers }) => {
    timers.set("note/first", { after: 29 * MINUTE });
    timers.cancel("note/first");
  });
  await paid(room);
  return room;
}

describe("[M9] the price of timers", () => {
  test("setting, ringing and removing a one-shot writes 4 rows, alarms included", async () => {
    const room = await withTimers();
    // Its handler writes nothing, so that what is paid is the timer's.
    await room.run(({ timers }) => timers.set("hang", { after: SECOND, timeout: 1, retries: 0 }));
    expect(await paid(room)).toBe(2);
    await room.run(({ timers }) => timers.cancel("hang"));
    expect(await paid(room)).toBe(2);
    const quiet = await testRoom(env.MeteredDesk);
    const a = await speak(quiet);
    a.message(1, "begin", { ms: 10 * MINUTE, text: "half" });
    await a.outcome(1);
    await paid(quiet);
    await quiet.run(({ timers }) => timers.set("plain", { after: SECOND }));
    const set = await paid(quiet);
    await time.advance(SECOND);
    // It publishes, which is a row of the log's.
    expect(set + (await paid(quiet)) - 1).toBe(4);
  });

  test("an asynchronous one as well", async () => {
    const room = await withTimers();
    await room.run(({ timers }) => timers.set("asleep", { after: SECOND }, { ms: 1 }));
    await time.advance(SECOND);
    const rung = 3; // the table of rings, and its first row
    expect(await paid(room)).toBeLessThanOrEqual(4 + rung);
  });

  test("a tick of every writes 2, and a late one that has missed many as well", async () => {
    const room = await withTimers();
    await room.run(({ timers }) => timers.set("note", { every: SECOND }));
    const bills: number[] = [];
    for (let tick = 1; tick <= 60; tick++) {
      const due = (await room.alarm()) ?? 0;
      time.freeze(tick % 7 === 0 ? due + 12_345 : due);
      if (tick % 10 === 0) await room.evict();
      await paid(room);
      await room.ring();
      bills.push(await paid(room));
    }
    // One more is the row that its handler writes; the first tick makes that row's table.
    expect(new Set(bills.slice(1))).toEqual(new Set([3]));
  });

  test("setting the same again on waking writes nothing", async () => {
    const room = await withTimers({ name: "ticking" });
    const once = { at: time.now + 5 * MINUTE };
    const cron = { cron: "0 9 * * *", timezone: "Europe/Berlin", keepAlive: true } as const;
    await room.run(({ timers }) => {
      timers.set("note/once", once, { text: "x" });
      timers.set("note/cron", cron);
    });
    for (let wake = 0; wake < 5; wake++) {
      time.freeze(time.now + 9_999);
      await room.evict();
      await (await room.fetch()).text(); // its onStart sets "note" again
      await room.run(({ timers }) => {
        timers.set("note/once", once, { text: "x" });
        timers.set("note/cron", cron);
      });
      expect(await paid(room)).toBe(0);
    }
    await room.run(({ timers }) => timers.set("note/once", once, { text: "y" }));
    expect(await paid(room)).toBe(1);
  });

  test("a thousand timers that ring together set one alarm", async () => {
    const room = await withTimers();
    await room.run(({ timers }) => {
      for (let n = 0; n < 1_000; n++) timers.set(`note/${n}`, { after: SECOND });
    });
    expect(await paid(room)).toBe(1_001);
    expect(await time.advance(SECOND)).toHaveLength(1);
    // A row gone and a row of the handler's each, the handler's table, and the alarm.
    expect(await paid(room)).toBeLessThanOrEqual(2_000 + 3);
  });

  test("[T1] a message in a room with timers pays what it pays without", async () => {
    const room = await withTimers();
    await room.run(({ timers }) => timers.set("note", { after: MINUTE }));
    await paid(room);
    const a = await room.open();
    for (let n = 1; n <= 20; n++) {
      await time.advance(SECOND);
      a.send("x");
      await a.next();
      expect(await paid(room)).toBe(1); // the alarm rings for the timer, and stays
    }
  });
});
