// A thousand timers in one room, through sleep and crashes.
import { seeded, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

const SECOND = 1_000;
const COUNT = 1_000;
/** Several at each second, so that the alarm rings some three hundred times. */
const SPAN = 5 * 60 * SECOND;

test.each(["TimersRoom", "LazyTimersRoom"] as const)(
  "[M3] 1,000 timers, evicted and crashed in between, each ring once, on time and in order: %s",
  async (kind) => {
    const room = await testRoom(env[kind]);
    const start = time.now;
    const chance = seeded(4_711);
    const dues = Array.from({ length: COUNT }, () => start + Math.floor(chance.next() * SPAN));
    await room.run(({ clocks }) =>
      dues.forEach((due, n) => clocks.set(`count/${n}`, { at: due }, { n })),
    );
    const faults = { evicted: 0, crashed: 0 };
    while (time.now < start + SPAN) {
      await time.advance(chance.whole(1, 6 * SECOND));
      const fate = chance.next();
      if (fate < 0.4) {
        faults.evicted += 1;
        await room.evict();
      } else if (fate < 0.8) {
        faults.crashed += 1;
        await room.crash();
      } else {
        // Now and then the alarm is late, by less than a second.
        time.freeze(time.now + chance.whole(0, 899));
      }
    }
    await time.advance(0); // the last may be late, too
    expect(faults.evicted).toBeGreaterThan(20);
    expect(faults.crashed).toBeGreaterThan(20);
    const rung = await room.run((instance) => instance.rung());
    expect(rung.map(({ due }) => due)).toEqual(dues.toSorted((a, b) => a - b));
    expect(new Set(rung.map(({ name }) => name)).size).toBe(COUNT);
    for (const { at: when, due, attempt } of rung) {
      expect(when - due).toBeGreaterThanOrEqual(0);
      expect(when - due).toBeLessThanOrEqual(SECOND);
      expect(attempt).toBe(1);
    }
    expect(await room.run(({ timers }) => timers.list())).toEqual([]);
  },
  120_000,
);
