// A thousand timers in one room, through sleep and crashes.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { at, MINUTE, passUntil, SECOND, TOMORROW } from "./clock.ts";
import type { TimersRoom } from "./rooms/timers.ts";

beforeEach(() => at(TOMORROW));
afterEach(() => vi.useRealTimers());

const COUNT = 1_000;
/** Several at each second, so that the alarm rings some three hundred times. */
const SPAN = 5 * MINUTE;

/** Chance that repeats (a linear congruence: it has to be even, not secret). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test.each(["TimersRoom", "LazyTimersRoom"] as const)(
  "[M3] 1,000 timers, evicted and crashed in between, each ring once, on time and in order: %s",
  async (kind) => {
    const stub = (): DurableObjectStub<TimersRoom> => env[kind].getByName(`thousand of ${kind}`);
    const random = seeded(4_711);
    const dues = Array.from({ length: COUNT }, () => TOMORROW + Math.floor(random() * SPAN));
    await runInDurableObject(stub(), (room) =>
      dues.forEach((due, n) => room.clocks.set(`count/${n}`, { at: due }, { n })),
    );
    const faults = { evicted: 0, crashed: 0 };
    await passUntil(stub, TOMORROW + SPAN, async () => {
      const chance = random();
      if (chance < 0.1) {
        faults.evicted += 1;
        await evictDurableObject(stub());
      } else if (chance < 0.2) {
        faults.crashed += 1;
        const end = runInDurableObject(stub(), (_room, state) =>
          state.abort("crashed by the test"),
        );
        await end.catch(() => undefined);
      }
      // Now and then the alarm is late, by less than a second.
      if (chance > 0.9) at(Date.now() + Math.floor(random() * 900));
      return chance < 0.2;
    });
    expect(faults.evicted).toBeGreaterThan(20);
    expect(faults.crashed).toBeGreaterThan(20);
    const rung = await runInDurableObject(stub(), (room) => room.rung());
    expect(rung.map(({ due }) => due)).toEqual(dues.toSorted((a, b) => a - b));
    expect(new Set(rung.map(({ name }) => name)).size).toBe(COUNT);
    for (const { at: when, due, attempt } of rung) {
      expect(when - due).toBeGreaterThanOrEqual(0);
      expect(when - due).toBeLessThanOrEqual(SECOND);
      expect(attempt).toBe(1);
    }
    expect(await runInDurableObject(stub(), ({ timers }) => timers.list())).toEqual([]);
  },
  120_000,
);
