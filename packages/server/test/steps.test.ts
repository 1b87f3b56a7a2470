// Crashes at the steps of a ring and of a purge: each call of the storage is a step, and the room
// is ended before it. Afterwards the platform calls the alarm again, as it does after a crash.
// `npm run -s steps` crashes at every step of a ring; `npm test` at two of each kind of step.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { alarmOf, at, MINUTE, ring, SECOND, TOMORROW } from "./clock.ts";
import { dial, type Dialled } from "./dial.ts";
import { plan, type Plan, type StepRoom, unplan } from "./rooms/steps.ts";
import type { Rung } from "./rooms/timers.ts";

beforeEach(() => {
  at(TOMORROW);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Kind = "StepRoom" | "LazyStepRoom";
const stubOf = (kind: Kind, name: string): DurableObjectStub<StepRoom> => env[kind].getByName(name);

/** A room with two messages and somebody in it. */
async function begin(kind: Kind, name: string): Promise<Dialled> {
  const a = await dial(stubOf(kind, name));
  for (const n of [1, 2]) {
    a.send("x");
    expect(JSON.parse(await a.next())).toEqual({ messages: n, mine: n });
  }
  return a;
}

/** Two steps of each kind, the first and the last; all of them by `npm run -s steps`. */
function sample({ kinds }: Plan): number[] {
  const steps = kinds.map((_kind, index) => index + 1);
  if (env.ALL_STEPS) return steps;
  return steps.filter((step) => {
    const kind = kinds[step - 1] ?? "";
    return kinds.indexOf(kind) === step - 1 || kinds.lastIndexOf(kind) === step - 1;
  });
}

/** Rings as the platform does until `until`, crashes included; gives how often the room crashed. */
async function live(kind: Kind, name: string, until: number): Promise<number> {
  let crashes = 0;
  let interrupted: number | undefined;
  for (let rings = 0; ; rings++) {
    expect(rings).toBeLessThan(1_000);
    const slot = await alarmOf(stubOf(kind, name));
    // After a crash the platform calls the alarm again, unless the room has set another.
    const retry = interrupted !== undefined && (slot === null || slot === interrupted) ? 1 : 0;
    const due = retry ? Date.now() : slot;
    if (due === null || due > until) return crashes;
    at(Math.max(due, Date.now()));
    const crashed = await ring(stubOf(kind, name), retry).then(
      () => false,
      (fault: unknown) => {
        expect(String(fault)).toContain("crashed at a step");
        return true;
      },
    );
    interrupted = crashed ? (slot ?? undefined) : undefined;
    if (crashed) crashes += 1;
  }
}

describe.each(["StepRoom", "LazyStepRoom"] as const)("crashed at its steps: %s", (kind) => {
  test("[T9] a purge is completed, and nobody meets half a room", async () => {
    const run = async (name: string, crashAt: number): Promise<number> => {
      at(TOMORROW);
      const a = await begin(kind, name);
      await runInDurableObject(stubOf(kind, name), ({ timers }) =>
        timers.set("note", { after: 60 * MINUTE }),
      );
      await evictDurableObject(stubOf(kind, name)); // so that waking is among the steps
      at(TOMORROW + 30 * MINUTE);
      const made = plan(name, crashAt);
      const crashed = await ring(stubOf(kind, name)).then(
        () => false,
        () => true,
      );
      unplan(name);
      expect(crashed).toBe(crashAt > 0);
      // All of the room is there, or nothing.
      const [whole, size] = await runInDurableObject(
        stubOf(kind, name),
        (room, { storage }) => [room.whole(), storage.sql.databaseSize] as const,
      );
      if (size > 4_096) expect(whole).toEqual({ messages: 2, mine: 2 });
      else expect(whole).toEqual({ messages: 0, mine: 0 });
      if (crashed && size > 4_096) await ring(stubOf(kind, name), 1);
      expect([4001, 1006]).toContain((await a.closed).code);
      await runInDurableObject(stubOf(kind, name), (_room, { storage }) =>
        expect(storage.sql.databaseSize).toBe(4_096),
      );
      expect(await alarmOf(stubOf(kind, name))).toBeNull();
      const b = await dial(stubOf(kind, name));
      b.send("x");
      expect(JSON.parse(await b.next())).toEqual({ messages: 1, mine: 1 });
      b.close();
      return made.steps;
    };
    const steps = await run("purge, no crash", 0);
    expect(steps).toBeGreaterThan(3);
    for (let step = 1; step <= steps; step++) await run(`purge, step ${step}`, step);
    console.log(`${kind}: a purge crashed at each of its ${steps} steps`);
  });

  test("[M3] [M5] [M12] timers still ring as stated", async () => {
    const until = TOMORROW + 5 * MINUTE;
    const run = async (name: string, crashAt: number): Promise<Plan> => {
      at(TOMORROW);
      const a = await begin(kind, name);
      await runInDurableObject(stubOf(kind, name), ({ timers }) => {
        timers.set("note/1", { after: MINUTE });
        timers.set("asleep", { after: MINUTE }, { ms: 1 });
        timers.set("note/2", { after: MINUTE });
        timers.set("throws", { after: MINUTE, retries: 1 });
        timers.set("note/tick", { every: MINUTE });
        timers.set("again", { after: MINUTE }, 3);
      });
      await evictDurableObject(stubOf(kind, name));
      at(TOMORROW + MINUTE);
      const made = plan(name, crashAt);
      const crashes = await live(kind, name, TOMORROW + MINUTE + 10 * SECOND);
      unplan(name);
      const rang: Plan = { ...made, kinds: [...made.kinds] };
      expect(crashes).toBe(crashAt > 0 ? 1 : 0);
      await live(kind, name, until);
      await runInDurableObject(stubOf(kind, name), (room) => {
        const rung = room.kept();
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
        expect(room.timers.list().map((timer) => `${timer.name} ${timer.state}`)).toEqual([
          "note/tick pending",
          "throws failed",
        ]);
        expect(room.whole()).toEqual({ messages: 2, mine: 2 });
        for (const { at: when, due } of rung) expect(when - due).toBeLessThanOrEqual(3 * SECOND);
        room.timers.cancel("note/tick"); // it has been seen; the end need not wait for thirty more
      });
      expect(await live(kind, name, TOMORROW + 31 * MINUTE)).toBe(0);
      await runInDurableObject(stubOf(kind, name), (_room, { storage }) =>
        expect(storage.sql.databaseSize).toBe(4_096),
      );
      expect([4001, 1006]).toContain((await a.closed).code);
      return rang;
    };
    const whole = await run("ring, no crash", 0);
    expect(whole.steps).toBeGreaterThan(20);
    const steps = sample(whole);
    for (const step of steps) await run(`ring, step ${step}`, step);
    const kinds = new Set(whole.kinds).size;
    console.log(
      `${kind}: a ring of six timers crashed at ${steps.length} of its ${whole.steps} steps, of ${kinds} kinds`,
    );
  }, 120_000);
});
