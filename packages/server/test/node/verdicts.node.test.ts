// What the fuzz holds a world to: no less than the rules promise, and no more.
import { describe, expect, test } from "vitest";

import { GRACE, STEP, WorldClock } from "./attendance.ts";
import { type Ending, judge, type Sent } from "./judge.ts";
import { Register } from "./register.ts";

function register(): { clock: WorldClock; register: Register } {
  const clock = new WorldClock();
  return { clock, register: new Register(clock) };
}

describe("who has left", () => {
  test("[E6] [E7] who dials within the grace and is not let in before a crash leaves when that grace is over", () => {
    const { clock, register: who } = register();
    who.went("a", false);
    clock.pass(3 * STEP);
    who.came("a");
    clock.pass(10 * STEP);
    who.crashed();
    who.went("a", false);
    clock.pass(GRACE - 13 * STEP - 1);
    expect(who.mayHaveLeft("a")).toBe(0);
    clock.pass(1);
    expect(who.mayHaveLeft("a")).toBe(1);
    clock.pass(GRACE);
    expect(who.mayHaveLeft("a")).toBe(1);
  });

  test("[E6] who was let in within the grace was never away, and a crash begins another", () => {
    const { clock, register: who } = register();
    who.went("a", false);
    clock.pass(3 * STEP);
    who.came("a");
    who.letIn("a");
    clock.pass(GRACE);
    who.crashed();
    who.went("a", false);
    clock.pass(GRACE - 1);
    expect(who.mayHaveLeft("a")).toBe(0);
    clock.pass(1);
    expect(who.mayHaveLeft("a")).toBe(1);
  });

  test("[E5] who dials when the grace is over has left once, whether it is let in or not", () => {
    const { clock, register: who } = register();
    who.went("a", false);
    clock.pass(GRACE);
    who.came("a");
    who.crashed();
    who.went("a", false);
    clock.pass(2 * GRACE);
    expect(who.mayHaveLeft("a")).toBe(1);
  });
});

describe("[S3] an outcome that is unknown", () => {
  const call = (n: number): Sent => ({ key: `ask ${n}`, state: "taken" });
  const first: Sent = { key: "say 1", state: "rejected", code: "outcome-unknown" };
  /** A world in which the first message is told as unknown, and so many calls follow. */
  function ending(calls: number): Ending {
    const sent = [first, ...Array.from({ length: calls }, (_, n) => call(n + 10))];
    const durable = sent.map(({ key }) => key);
    const presence = { get: () => undefined };
    return {
      clients: [
        {
          sent,
          seen: durable,
          from: 0,
          attendance: { view: () => ({ a: "-" }), presence },
          session: { id: "a" },
        },
      ],
      present: { a: "-" },
      durable,
      noted: durable.filter((key) => Number(key.split(" ")[1]) % 7 === 0),
      done: new Map(durable.map((key) => [key, 1])),
      purges: 0,
      sleeps: 0,
      hasDropped: false,
      isLimited: false,
    };
  }

  test("is right where 32 newer ones follow", () => {
    expect(() => judge(ending(32))).not.toThrow();
  });

  test("is wrong where fewer do", () => {
    expect(() => judge(ending(31))).toThrow("say 1 is unknown without a reason");
  });
});
