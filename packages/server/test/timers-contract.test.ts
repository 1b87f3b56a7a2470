import { testRoom, time } from "@greenroom/testing/workers";
// Rules M in rooms with a contract: what timers publish, and what they share with the log's commit.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { speak } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

describe("[M4] in a contract room", () => {
  test.each(["DeskRoom", "LazyDeskRoom"] as const)(
    "[M2] what a synchronous handler publishes is sent with its row: %s",
    async (kind) => {
      const room = await testRoom(env[kind]);
      const a = await speak(room);
      const start = time.now;
      a.message(1, "begin", { ms: 5 * SECOND, text: "tea" });
      a.message(2, "begin", { ms: 5 * SECOND, text: "cake" });
      await a.outcome(2);
      const before = a.frames();
      await time.advance(5 * SECOND);
      await a.until(2);
      expect(a.entries.map(({ entry }) => entry[1])).toEqual([
        { text: "cake", attempt: 1 },
        { text: "tea", attempt: 1 },
      ]);
      expect(a.frames() - before).toBe(1);
      // The payload arrives as its schema gives it.
      await room.run((instance) =>
        expect(instance.rung().map(({ payload }) => payload)).toEqual([
          Date.UTC(2026),
          Date.UTC(2026),
        ]),
      );
      await room.run(({ lifecycle }) => {
        expect(lifecycle).toMatchObject({ messages: 2, deadline: start + 30 * MINUTE });
      });
    },
  );

  test("[M5] [M13] one that fails publishes nothing, is tried again, and no client learns why", async () => {
    const room = await testRoom(env.DeskRoom);
    const a = await speak(room);
    a.message(1, "begin", { ms: SECOND, text: "half" });
    a.message(2, "begin", { ms: SECOND, text: "fail" });
    await a.outcome(2);
    await time.advance(3 * SECOND);
    await a.until(1);
    expect(a.entries.map(({ entry }) => entry[1])).toEqual([{ text: "half", attempt: 2 }]);
    expect(JSON.stringify([a.items, a.dialled.waiting])).not.toContain("secret");
    await room.run((instance) => expect(instance.rung()).toEqual([]));
  });

  test("[S14] a payload that does not match is a fault of the handler, and sets nothing", async () => {
    const room = await testRoom(env.DeskRoom);
    const a = await speak(room);
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    a.message(1, "begin", { ms: SECOND, text: "wrong" });
    expect(await a.outcome(1)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
    expect(String(logged.mock.lastCall)).toContain('the handler of "begin"');
    a.call(2, "list");
    expect(await a.outcome(2)).toEqual({ answer: [] });
  });

  test("what an asynchronous one publishes is committed together when it ends, or not at all", async () => {
    const room = await testRoom(env.DeskRoom);
    const a = await speak(room);
    a.message(1, "begin", { ms: SECOND, text: "slow" });
    await a.outcome(1);
    await time.advance(SECOND);
    await a.until(2);
    expect(a.entries.map(({ entry }) => entry[1])).toEqual([
      { text: "slow begins", attempt: 1 },
      { text: "slow ends", attempt: 1 },
    ]);
    a.message(2, "begin", { ms: SECOND, text: "slow fails" });
    await a.outcome(2);
    await time.advance(SECOND);
    a.call(3, "list");
    expect(await a.outcome(3)).toEqual({ answer: ["slow pending"] });
    expect(a.entries).toHaveLength(2);
  });

  test("[M1] what a failing handler set or cancelled is as before", async () => {
    const room = await testRoom(env.DeskRoom);
    const a = await speak(room);
    a.message(1, "bad", "x"); // the first write of all: the table goes with it
    a.message(2, "begin", { ms: 5 * SECOND, text: "half" });
    a.message(3, "bad", "x");
    a.call(4, "list");
    expect(await a.outcome(4)).toEqual({ answer: ["half pending"] });
    expect(await room.alarm()).toBe(time.now + 5 * SECOND);
  });

  test("[M6] timers whose commit fails are found out one by one", async () => {
    const room = await testRoom(env.DeskRoom);
    const a = await speak(room);
    a.message(1, "begin", { ms: SECOND, text: "first" });
    a.message(2, "begin", { ms: SECOND, text: "second" });
    await a.outcome(2);
    await room.run((_room, { storage: { sql } }) => {
      for (const event of ["INSERT", "UPDATE"]) {
        sql.exec(`CREATE TRIGGER no_${event} BEFORE ${event} ON greenroom_log
          WHEN NEW.body LIKE '%"first"%' BEGIN SELECT RAISE(ABORT, 'secret storage'); END`);
      }
    });
    await time.advance(SECOND);
    await a.until(1);
    expect(a.entries.map(({ entry }) => entry[1])).toEqual([{ text: "second", attempt: 1 }]);
    await room.run(({ timers }) =>
      expect(timers.list()).toMatchObject([{ name: "ring/first", failures: 1 }]),
    );
  });

  test("[M11] a payload that its schema refuses is refused when it is set", async () => {
    const room = await testRoom(env.DeskRoom);
    await room.run(({ timers }) => {
      expect(() => timers.set("ring", { after: 1 }, { text: 1 } as never)).toThrow(
        "does not match",
      );
      expect(() => timers.set("plain", { after: 1 }, 1 as never)).toThrow("does not match");
      timers.set("plain", { after: 1 });
    });
  });
});
