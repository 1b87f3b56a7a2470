// Rules M: named timers over the one alarm. Time is moved, never waited for, except for time limits.
import type { TimerView } from "@greenroom/server";
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { calls, held, type TimersRoom } from "./rooms/timers.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / SECOND) * SECOND + 24 * HOUR;

let logged = vi.spyOn(console, "error");
beforeEach(() => {
  time.freeze(TOMORROW);
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const KINDS = ["TimersRoom", "LazyTimersRoom"] as const;
type Timed = TestRoom<TimersRoom>;

/** Does something in a room, as a method called over RPC would. */
const inside = <T>(
  room: Timed,
  run: (room: TimersRoom, storage: DurableObjectStorage) => T,
): Promise<T> => room.run((instance, { storage }) => run(instance, storage));

const rungOf = (room: Timed): Promise<ReturnType<TimersRoom["rung"]>> =>
  inside(room, (instance) => instance.rung());

const listOf = (room: Timed): Promise<TimerView[]> => inside(room, ({ timers }) => timers.list());

/** A room that lives for as long as a test looks at it: a message is its last one. */
async function alive(room: Timed): Promise<void> {
  const a = await room.open();
  a.send("x");
  await a.next();
}

/** Lets time pass; gives the times of the rings. */
const passUntil = async (until: number): Promise<number[]> =>
  (await time.advance(until - time.now)).map(({ at }) => at);

describe.each(KINDS)("timers of a %s", (kind) => {
  const roomOf = (name: string): Promise<Timed> =>
    testRoom(env[kind], { name: `${name} of ${kind}` });

  test("[M1] [M2] ring at their time to the millisecond, with what they were set with", async () => {
    const room = await roomOf("times");
    await inside(room, ({ clocks }) => {
      clocks.set("note", { after: 1_234 }, { text: "a" });
      clocks.set("note/b", { at: TOMORROW + 2_345 }, "b");
      clocks.set("note/c", { at: new Date(TOMORROW + 2_346) });
    });
    await room.evict();
    expect(await room.alarm()).toBe(TOMORROW + 1_234);
    await passUntil(TOMORROW + 10 * SECOND);
    const rung = await rungOf(room);
    expect(rung).toEqual([
      {
        name: "note",
        payload: { text: "a" },
        attempt: 1,
        due: TOMORROW + 1_234,
        missed: 0,
        at: TOMORROW + 1_234,
      },
      {
        name: "note/b",
        payload: "b",
        attempt: 1,
        due: TOMORROW + 2_345,
        missed: 0,
        at: TOMORROW + 2_345,
      },
      {
        name: "note/c",
        payload: null,
        attempt: 1,
        due: TOMORROW + 2_346,
        missed: 0,
        at: TOMORROW + 2_346,
      },
    ]);
    expect(await listOf(room)).toEqual([]);
  });

  test("[M1] a name that is set again is replaced, and one that is cancelled does not ring", async () => {
    const room = await roomOf("replaces");
    await inside(room, ({ timers }) => {
      timers.set("note", { after: SECOND }, "old");
      timers.set("note/gone", { after: SECOND });
      timers.set("note", { after: MINUTE }, "new");
      expect(timers.cancel("note/gone")).toBe(true);
      expect(timers.cancel("note/gone")).toBe(false);
      expect(timers.get("note")).toMatchObject({
        state: "pending",
        due: TOMORROW + MINUTE,
        payload: "new",
      });
      expect(timers.get("note/gone")).toBeUndefined();
      expect(timers.list()).toHaveLength(1);
    });
    expect(
      await inside(room, (_room, { sql }) =>
        Number(
          sql.exec("SELECT count(*) AS n FROM greenroom_timers WHERE name NOT LIKE '$%'").one()[
            "n"
          ],
        ),
      ),
    ).toBe(1);
    await passUntil(TOMORROW + 2 * MINUTE);
    expect((await rungOf(room)).map(({ payload }) => payload)).toEqual(["new"]);
  });

  test("[M1] a time that is long over rings at once", async () => {
    for (const past of [0, -5, new Date(-1)]) {
      const room = await roomOf(`past ${Number(past)}`);
      await inside(room, ({ clocks }) => clocks.set("note", { at: past }, "late"));
      // By the platform itself, whose clock is the real one.
      await vi.waitUntil(async () => (await rungOf(room)).length > 0);
      expect(await rungOf(room)).toMatchObject([{ payload: "late", due: Number(past) }]);
    }
  });

  test("[M1] a timer that is set in a transaction that waits is set where that is committed, and only there", async () => {
    const room = await roomOf("waits");
    await room.run(async (instance, { storage }) => {
      const set = async (name: "note/a" | "note/b"): Promise<void> => {
        instance.clocks.set(name, { after: MINUTE });
        await Promise.resolve();
        if (name === "note/a") throw new Error("no");
      };
      await expect(storage.transaction(() => set("note/a"))).rejects.toThrow("no");
      expect(instance.timers.list()).toEqual([]);
      await storage.transaction(() => set("note/b"));
    });
    expect(await room.alarm()).toBe(TOMORROW + MINUTE);
    expect(await listOf(room)).toMatchObject([{ name: "note/b" }]);
  });

  test("[M1] a handler may set its own timer anew", async () => {
    const room = await roomOf("again");
    await alive(room);
    await inside(room, ({ clocks }) => clocks.set("again", { after: SECOND }, 3));
    await passUntil(TOMORROW + MINUTE);
    expect((await rungOf(room)).map(({ at: when }) => when - TOMORROW)).toEqual([
      1_000, 2_000, 3_000,
    ]);
    expect(await listOf(room)).toEqual([]);
  });

  test("[M3] ring in the order of their times where many are overdue", async () => {
    const room = await roomOf("orders");
    await inside(room, ({ timers }) => {
      for (const n of [5, 2, 9, 1, 7]) timers.set(`note/${n}`, { after: n * SECOND });
      timers.set("asleep", { after: 4 * SECOND }, { ms: 1 });
    });
    time.freeze(TOMORROW + MINUTE);
    await room.ring();
    const names = (await rungOf(room)).map(({ name }) => name);
    expect(names.filter((name) => name !== "asleep")).toEqual(
      [1, 2, 5, 7, 9].map((n) => `note/${n}`),
    );
    expect(names).toContain("asleep");
  });

  test("[M5] [M13] a handler that fails is tried again with backoff, then kept as failed, until it is set anew", async () => {
    const room = await roomOf("fails");
    await alive(room);
    await inside(room, ({ timers }) => {
      timers.set("throws", { after: SECOND, retries: 3 });
      timers.set("rejects", { after: SECOND, retries: 1 });
      timers.set("nothing" as "note", { after: SECOND }); // refused: it has no handler
    }).catch(() => undefined);
    const times = await passUntil(TOMORROW + 20 * MINUTE);
    expect([...new Set(times.map((time) => time - TOMORROW))]).toEqual([
      1_000, 3_000, 7_000, 15_000,
    ]);
    expect(await rungOf(room)).toEqual([]); // what they wrote was rolled back
    expect(calls.get(`fails of ${kind} rejects`)).toBe(2);
    const [first, second] = await listOf(room);
    expect(new Set([first?.name, second?.name])).toEqual(new Set(["rejects", "throws"]));
    for (const timer of [first, second]) {
      expect(timer).toMatchObject({ state: "failed", next: null });
      expect(timer?.error).toContain("secret text");
      expect(timer?.error?.length).toBeLessThanOrEqual(500);
    }
    expect(
      logged.mock.calls.every(([line]) => /the timer "(throws|rejects)" failed/.test(String(line))),
    ).toBe(true);
    await inside(room, ({ timers }) => {
      timers.set("throws", { after: SECOND });
      expect(timers.get("throws")).toMatchObject({ state: "pending", failures: 0 });
      expect(timers.cancel("rejects")).toBe(true);
    });
  });

  test("[M5] the backoff has a cap of 5 minutes", async () => {
    const room = await roomOf("caps");
    await inside(room, ({ timers }) =>
      timers.set("throws", { after: 0, retries: 12, keepAlive: true }),
    );
    const times = await passUntil(TOMORROW + 2 * HOUR);
    const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / SECOND);
    expect(gaps.slice(0, 12)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
  });

  test("[M6] a handler that throws for ever delays no other, and the room expires on time", async () => {
    const room = await roomOf("for ever");
    await alive(room);
    await inside(room, ({ timers }) => {
      timers.set("throws", { every: SECOND });
      for (let n = 1; n <= 20; n++) timers.set(`note/${n}`, { after: n * 61_007 });
    });
    const times = await passUntil(TOMORROW + 29 * MINUTE);
    expect(times.length).toBeGreaterThan(100);
    const rung = await rungOf(room);
    expect(rung.map(({ name }) => name)).toEqual(
      Array.from({ length: 20 }, (_, n) => `note/${n + 1}`),
    );
    for (const { at: when, due } of rung) expect(when).toBe(due);
    expect((await listOf(room))[0]?.error).toContain("secret text");
    const last = await passUntil(TOMORROW + 2 * HOUR);
    expect(last.at(-1)).toBe(TOMORROW + 30 * MINUTE);
    expect(await room.alarm()).toBeNull();
  });

  test("[M6] a handler that hangs delays no other, is given up, and the room expires on time", async () => {
    const room = await roomOf("hangs");
    await alive(room);
    await inside(room, ({ timers }) => {
      timers.set("hang", { after: SECOND, timeout: 900, retries: 0 });
      timers.set("note", { after: SECOND });
      timers.set("hang/long", { after: 2 * SECOND });
      timers.set("note/later", { after: 2 * SECOND });
    });
    const before = performance.now();
    time.freeze(TOMORROW + SECOND);
    await room.ring();
    expect(performance.now() - before).toBeLessThan(900);
    expect((await rungOf(room)).map(({ name }) => name)).toEqual(["note"]);
    expect((await listOf(room)).map(({ name, state }) => `${name} ${state}`)).toContain(
      "hang running",
    );
    expect(await room.alarm()).toBe(TOMORROW + SECOND + 900); // when it is given up at the latest
    time.freeze(TOMORROW + 2 * SECOND);
    await room.ring();
    expect((await rungOf(room)).map(({ name }) => name)).toEqual(["note", "note/later"]);
    await vi.waitUntil(async () =>
      inside(room, ({ timers }) => timers.get("hang")?.state === "failed"),
    );
    expect(await inside(room, ({ aborted }) => aborted)).toBe(1);
    expect(await inside(room, ({ timers }) => timers.get("hang")?.error)).toContain(
      "took too long",
    );
    time.freeze(TOMORROW + 30 * MINUTE);
    await room.ring();
    expect(await room.alarm()).toBeNull();
    expect(await listOf(room)).toEqual([]);
  });

  test("[M6] a handler that is under way is not rung again, and an instance that ends takes it along", async () => {
    const room = await roomOf("under way");
    await alive(room);
    await inside(room, ({ timers }) => timers.set("hang", { after: SECOND, timeout: 20 * SECOND }));
    time.freeze(TOMORROW + SECOND);
    await room.ring();
    await room.ring();
    expect(calls.get(`under way of ${kind} hang`)).toBe(1);
    await room.crash();
    expect(await room.alarm()).toBe(TOMORROW + 21 * SECOND);
    await time.advance(20 * SECOND);
    expect(calls.get(`under way of ${kind} hang`)).toBe(2);
  });

  test("[M7] every keeps its beat, whatever the alarm's lateness, and tells what it missed", async () => {
    const room = await roomOf("beats");
    await alive(room);
    await inside(room, ({ timers }) => timers.set("note", { every: 60_000 }, "tick"));
    for (const late of [0, 7, 999, 0]) {
      time.freeze(((await room.alarm()) ?? 0) + late);
      await room.ring();
    }
    time.freeze(TOMORROW + 4 * MINUTE + 5 * MINUTE + 30 * SECOND); // asleep for five more
    await room.evict();
    await room.ring();
    await passUntil(TOMORROW + 11 * MINUTE);
    expect(
      (await rungOf(room)).map(({ due, missed }) => [(due - TOMORROW) / MINUTE, missed]),
    ).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [5, 4],
      [10, 0],
      [11, 0],
    ]);
  });

  test("[M7] with catchUp each missed occurrence rings, in order", async () => {
    const room = await roomOf("catches up");
    await alive(room);
    await inside(room, ({ timers }) =>
      timers.set("note", { every: 60_000, catchUp: true }, "tick"),
    );
    time.freeze(TOMORROW + 4 * MINUTE + 30 * SECOND);
    await passUntil(TOMORROW + 5 * MINUTE);
    expect(
      (await rungOf(room)).map(({ due, missed }) => [(due - TOMORROW) / MINUTE, missed]),
    ).toEqual([1, 2, 3, 4, 5].map((n) => [n, 0]));
  });

  test("[M5] [M7] a recurring timer whose retries are used up goes on with its next occurrence", async () => {
    const room = await roomOf("goes on");
    await alive(room);
    await inside(room, ({ timers }) => timers.set("throws", { every: MINUTE, retries: 1 }));
    const times = await passUntil(TOMORROW + 3 * MINUTE);
    expect(times.map((time) => (time - TOMORROW) / SECOND)).toEqual([60, 62, 120, 122, 180]);
    expect((await listOf(room))[0]).toMatchObject({ state: "pending", every: MINUTE });
  });

  test("[M7] a recurring timer ends when its handler cancels it", async () => {
    const room = await roomOf("stops");
    await alive(room);
    await inside(room, ({ timers }) => timers.set("stop", { every: SECOND }));
    await passUntil(TOMORROW + MINUTE);
    expect(await rungOf(room)).toHaveLength(3);
    expect(await listOf(room)).toEqual([]);
  });

  test("[M8] cron rings in its time zone, also when the clocks there are changed", async () => {
    // 2027-03-28, 01:00 UTC: Berlin goes from UTC+1 to UTC+2.
    time.freeze(Date.UTC(2027, 2, 26, 12));
    const room = await roomOf("cron");
    await inside(room, ({ timers }) => {
      timers.set("note", { cron: "30 9 * * *", timezone: "Europe/Berlin", keepAlive: true });
      timers.set("note/utc", { cron: "0 0 1 * *", keepAlive: true });
    });
    await passUntil(Date.UTC(2027, 2, 29, 12));
    time.freeze(Date.UTC(2027, 3, 3, 12));
    await room.ring();
    expect(
      (await rungOf(room)).map(({ name, due, missed }) => [
        name,
        new Date(due).toISOString(),
        missed,
      ]),
    ).toEqual([
      ["note", "2027-03-27T08:30:00.000Z", 0],
      ["note", "2027-03-28T07:30:00.000Z", 0],
      ["note", "2027-03-29T07:30:00.000Z", 0],
      ["note", "2027-03-30T07:30:00.000Z", 4],
      ["note/utc", "2027-04-01T00:00:00.000Z", 0],
    ]);
    expect(
      (await listOf(room)).map(({ name, due }) => [name, new Date(due).toISOString()]),
    ).toEqual([
      ["note", "2027-04-04T07:30:00.000Z"],
      ["note/utc", "2027-05-01T00:00:00.000Z"],
    ]);
  });

  test("[M10] a pending timer does not keep the room, and what was purged does not ring", async () => {
    const room = await roomOf("purged");
    await alive(room);
    await inside(room, ({ timers }) => {
      timers.set("note", { after: HOUR });
      timers.set("note/tick", { every: 10 * MINUTE });
      timers.set("held", { after: 30 * MINUTE });
    });
    expect((await passUntil(TOMORROW + 24 * HOUR)).at(-1)).toBe(TOMORROW + 30 * MINUTE);
    expect(await room.alarm()).toBeNull();
    await inside(room, (_room, { sql }) => expect(sql.databaseSize).toBe(4_096));
    // What was under way ends, and finds that it counts for nothing.
    await inside(room, () => held.get(room.name)?.());
    await vi.waitUntil(async () => inside(room, (_room, { sql }) => sql.databaseSize > 4_096), {
      timeout: 10_000,
    });
    expect(await listOf(room)).toEqual([]);
  });

  test("[M10] one with keepAlive keeps the room until it has rung", async () => {
    const room = await roomOf("kept");
    await alive(room);
    await inside(room, ({ timers }) => {
      timers.set("note", { after: 2 * HOUR, keepAlive: true });
      timers.set("note/other", { after: 3 * HOUR });
    });
    await inside(room, ({ lifecycle }) => expect(lifecycle.deadline).toBe(TOMORROW + 2 * HOUR));
    expect((await passUntil(TOMORROW + 24 * HOUR)).at(-1)).toBe(TOMORROW + 2 * HOUR);
    expect(await room.alarm()).toBeNull();
  });

  test("[M10] a room that has nothing but a timer ends like any other", async () => {
    const room = await roomOf("only");
    await inside(room, ({ timers }) => timers.set("note", { after: MINUTE }));
    expect(await passUntil(TOMORROW + HOUR)).toEqual([TOMORROW + MINUTE, TOMORROW + 30 * MINUTE]);
    expect(await room.alarm()).toBeNull();
  });

  test("[M11] what cannot be is refused when it is set", async () => {
    const room = await roomOf("refuses");
    await inside(room, ({ timers }) => {
      const set =
        (name: string, when: object): (() => void) =>
        () =>
          timers.set(name, when as never);
      expect(set("nobody", { after: 1 })).toThrow('no handler for the timer "nobody"');
      expect(set("note/", { after: 1 })).toThrow("no handler");
      expect(set("$alarm", { after: 1 })).toThrow("no handler");
      expect(set("note", {})).toThrow("exactly one of");
      expect(set("note", { after: 1, every: 5_000 })).toThrow("exactly one of");
      expect(set("note", { after: -1 })).toThrow("after -1");
      expect(set("note", { after: Number.NaN })).toThrow("after NaN");
      expect(set("note", { at: new Date("never") })).toThrow("never rings");
      expect(set("note", { at: Date.UTC(2189, 0) })).toThrow("never rings");
      expect(set("note", { at: -1e20 })).toThrow("never rings");
      expect(set("note", { every: 10 })).toThrow("every 10; it takes 1000");
      expect(set("note", { cron: "nonsense" })).toThrow('"nonsense" cannot be read');
      expect(set("note", { cron: "0 0 * * *", timezone: "Mars/Base" })).toThrow("in Mars/Base");
      expect(set("note", { cron: "0 0 31 2 *" })).toThrow("never rings");
      expect(set("note", { after: 1, retries: 1_000 })).toThrow("retries 1000");
      expect(() => timers.set("note", { after: 1 }, "x".repeat(70_000))).toThrow("over 65536");
      expect(timers.list()).toEqual([]);
    });
    await inside(room, (_room, { sql }) => expect(sql.databaseSize).toBe(4_096));
  });

  test("[M12] an alarm that the platform has lost is set again by the next event", async () => {
    const room = await roomOf("lost");
    await alive(room);
    await inside(room, ({ timers }) => timers.set("note", { after: MINUTE }));
    await room.run(async (_room, { storage }) => {
      const platform = Reflect.getPrototypeOf(storage) as DurableObjectStorage;
      await platform.deleteAlarm.call(storage);
    });
    await room.evict();
    expect(await (await room.fetch()).json()).toEqual(["note"]);
    expect(await room.alarm()).toBe(TOMORROW + MINUTE);
  });

  test("[M12] a handler that brings the room down at each try ends as failed, and the others ring", async () => {
    const room = await roomOf("crashes");
    await alive(room);
    await inside(room, ({ timers }) => {
      timers.set("note/before", { after: SECOND });
      timers.set("abort", { after: SECOND + 1, retries: 2 });
      timers.set("note/after", { after: SECOND + 2 });
    });
    const rang = await time.advanceTo(TOMORROW + MINUTE);
    const crashes = rang.filter(({ fault }) => fault !== undefined).length;
    const rung = await rungOf(room);
    expect(rung.map((each) => each.name)).toEqual(["note/before", "note/after"]);
    for (const each of rung) expect(each.at - each.due).toBeLessThanOrEqual(SECOND);
    expect(await listOf(room)).toMatchObject([{ name: "abort", state: "failed" }]);
    expect(crashes).toBeLessThanOrEqual(6);
  });
});

test("[M12] a room that does not start tries its timers again", async () => {
  const room = await testRoom(env.TimersRoom, { name: "does not start" });
  await inside(room, (instance) => instance.timers.set("note", { after: SECOND }));
  await room.evict();
  time.freeze(TOMORROW + SECOND);
  await room.run((instance) => {
    instance.onStart = () => {
      throw new Error("secret start");
    };
  });
  await room.ring();
  expect(await rungOf(room)).toEqual([]);
  await inside(room, (instance) => void (instance.onStart = () => undefined));
  await passUntil(TOMORROW + MINUTE);
  expect(await rungOf(room)).toMatchObject([{ name: "note", attempt: 2 }]);
});

test("[M5] a synchronous handler that returns a promise is refused, like any handler", async () => {
  const room = await testRoom(env.TimersRoom, { name: "sneaks" });
  await inside(room, ({ timers }) => timers.set("sneaky", { after: 0, retries: 0 }));
  await room.ring();
  expect((await listOf(room))[0]?.error).toContain("returned a promise");
});
