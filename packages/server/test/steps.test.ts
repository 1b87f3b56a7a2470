// Crashes at the steps of a ring and of a purge: each call of the storage is a step, and the room
// is ended before it. Afterwards the platform calls the alarm again, as it does after a crash.
// `npm run -s steps` crashes at every step of a ring; `npm test` at two of each kind of step.
import { type RawSocket, type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { plan, type Plan, type StepRoom, unplan } from "./rooms/steps.ts";
import type { Rung } from "./rooms/timers.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / SECOND) * SECOND + 24 * 60 * MINUTE;
/** Storage of a room that holds nothing, in bytes. */
const EMPTY = 4_096;

beforeEach(() => vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

type Room = TestRoom<StepRoom>;

/** A room with two messages and somebody in it, tomorrow. */
async function begin(kind: "StepRoom" | "LazyStepRoom"): Promise<[Room, RawSocket]> {
  time.freeze(TOMORROW);
  const room: Room = await testRoom(env[kind]);
  const a = await room.open();
  for (const n of [1, 2]) {
    a.send("x");
    expect(JSON.parse(await a.next())).toEqual({ messages: n, mine: n });
  }
  return [room, a];
}

/** How much a room stores, in bytes. */
const sizeOf = (room: Room): Promise<number> =>
  room.run((_room, { storage }) => storage.sql.databaseSize);

/** Two steps of each kind, the first and the last; all of them by `npm run -s steps`. */
function sample({ kinds }: Plan): number[] {
  const steps = kinds.map((_kind, index) => index + 1);
  if (env.ALL_STEPS) return steps;
  return steps.filter((step) => {
    const kind = kinds[step - 1] ?? "";
    return kinds.indexOf(kind) === step - 1 || kinds.lastIndexOf(kind) === step - 1;
  });
}

/** Lets time pass until `until`, crashes included; gives how often the room crashed. */
async function live(until: number): Promise<number> {
  const crashes = (await time.advanceTo(until)).filter(({ fault }) => fault !== undefined);
  for (const { fault } of crashes) expect(String(fault)).toContain("crashed at a step");
  return crashes.length;
}

describe.each(["StepRoom", "LazyStepRoom"] as const)("crashed at its steps: %s", (kind) => {
  test("[T9] a purge is completed, and nobody meets half a room", async () => {
    const run = async (crashAt: number): Promise<number> => {
      const [room, a] = await begin(kind);
      await room.run(({ timers }) => timers.set("note", { after: 60 * MINUTE }));
      await room.evict(); // so that waking is among the steps
      time.freeze(TOMORROW + 30 * MINUTE);
      const made = plan(room.name, crashAt);
      const { fault } = await room.ring();
      unplan(room.name);
      expect(fault !== undefined).toBe(crashAt > 0);
      // All of the room is there, or nothing.
      const whole = await room.run((instance) => instance.whole());
      const { tables } = await room.stored();
      if (tables.length > 0) expect(whole).toEqual({ messages: 2, mine: 2 });
      else expect(whole).toEqual({ messages: 0, mine: 0 });
      expect(await live(TOMORROW + 31 * MINUTE)).toBe(0); // the platform calls the alarm again
      expect([4001, 1006]).toContain((await a.closed()).code);
      expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
      // What was purged before the crash has had a page since then: for the alarm that was tried again.
      if (tables.length > 0 || crashAt === 0) expect(await sizeOf(room)).toBe(EMPTY);
      const b = await room.open();
      b.send("x");
      expect(JSON.parse(await b.next())).toEqual({ messages: 1, mine: 1 });
      room.close();
      return made.steps;
    };
    const steps = await run(0);
    expect(steps).toBeGreaterThan(3);
    for (let step = 1; step <= steps; step++) await run(step);
    console.log(`${kind}: a purge crashed at each of its ${steps} steps`);
  });

  test("[M3] [M5] [M12] timers still ring as stated", async () => {
    const until = TOMORROW + 5 * MINUTE;
    const run = async (crashAt: number): Promise<Plan> => {
      const [room, a] = await begin(kind);
      await room.run(({ timers }) => {
        timers.set("note/1", { after: MINUTE });
        timers.set("asleep", { after: MINUTE }, { ms: 1 });
        timers.set("note/2", { after: MINUTE });
        timers.set("throws", { after: MINUTE, retries: 1 });
        timers.set("note/tick", { every: MINUTE });
        timers.set("again", { after: MINUTE }, 3);
      });
      await room.evict();
      time.freeze(TOMORROW + MINUTE);
      const made = plan(room.name, crashAt);
      const crashes = await live(TOMORROW + MINUTE + 10 * SECOND);
      unplan(room.name);
      const rang: Plan = { ...made, kinds: [...made.kinds] };
      expect(crashes).toBe(crashAt > 0 ? 1 : 0);
      await live(until);
      await room.run((instance) => {
        const rung = instance.kept();
        const times = (which: string): Rung[] => rung.filter((each) => each.name === which);
        // What is synchronous is done once; what is asynchronous at least once.
        expect(times("note/1")).toHaveLength(1);
        expect(times("note/2")).toHaveLength(1);
        expect(times("again").map(({ payload }) => payload)).toEqual([3, 2, 1]);
        expect(times("asleep").length).toBeGreaterThanOrEqual(1);
        expect(times("asleep").length).toBeLessThanOrEqual(2);
        expect(times("note/tick").map(({ due }) => (due - TOMORROW) / MINUTE)).toEqual([
          1, 2, 3, 4, 5,
        ]);
        expect(instance.timers.list().map((timer) => `${timer.name} ${timer.state}`)).toEqual([
          "note/tick pending",
          "throws failed",
        ]);
        expect(instance.whole()).toEqual({ messages: 2, mine: 2 });
        for (const { at: when, due } of rung) expect(when - due).toBeLessThanOrEqual(3 * SECOND);
        instance.timers.cancel("note/tick"); // it has been seen; the end need not wait for thirty more
      });
      expect(await live(TOMORROW + 31 * MINUTE)).toBe(0);
      expect(await sizeOf(room)).toBe(EMPTY);
      expect([4001, 1006]).toContain((await a.closed()).code);
      room.close();
      return rang;
    };
    const whole = await run(0);
    expect(whole.steps).toBeGreaterThan(20);
    const steps = sample(whole);
    for (const step of steps) await run(step);
    const kinds = new Set(whole.kinds).size;
    console.log(
      `${kind}: a ring of six timers crashed at ${steps.length} of its ${whole.steps} steps, of ${kinds} kinds`,
    );
  }, 120_000);
});
