// What a message costs, exactly: rows written and alarms set. The price of a row is the bill.
import { testRoom, type TestRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { type Bill, takeBill } from "./rooms/metered.ts";
import { speak } from "./speak.ts";

const SECOND = 1_000;

type Held = Pick<TestRoom<undefined>, "run">;

/** Counted at the platform's own functions, and not by the room's own `cost`. */
const billOf = (room: Held): Promise<Bill> => room.run((instance) => takeBill(instance));
const price = ({ rows, alarms }: Bill): number => rows + alarms;

/** Sends so many messages from inside, so that they are one burst. */
async function burst(room: Held, id: string, from: number, count: number): Promise<Bill> {
  return room.run(async (instance, state) => {
    takeBill(instance);
    const [socket] = state.getWebSockets(`id:${id}`);
    const frames = Array.from({ length: count }, (_, n) =>
      JSON.stringify(["m", from + n, "say", { text: `burst ${from + n}` }]),
    );
    const { webSocketMessage } = instance as unknown as {
      webSocketMessage(s: WebSocket, f: string): Promise<void>;
    };
    await Promise.all(
      frames.map((frame) => webSocketMessage.call(instance, socket as WebSocket, frame)),
    );
    return takeBill(instance);
  });
}

test("a hand-written room pays two rows a message, and has no history, no deadline kept, and no exactly-once", async () => {
  const room = await testRoom(env.HandWritten);
  const a = await room.open();
  a.send("first");
  await a.next();
  await billOf(room);
  for (let n = 1; n <= 20; n++) {
    await time.advance(SECOND);
    a.send("x");
    await a.next();
    expect(await billOf(room)).toEqual({ rows: 1, alarms: 1 });
  }
});

describe.each([
  ["MeteredChat", 2],
  ["MeteredLazyChat", 1],
] as const)(
  "[L4] [T8] %s: a lone message with history, exactly-once, counter and deadline",
  (kind, most) => {
    test(`writes at most ${most}, in every one of 500 messages a second apart`, async () => {
      const room = await testRoom(env[kind]);
      const start = time.now;
      const a = await speak(room);
      a.message(1, "say", { text: "first" });
      await a.outcome(1);
      // The first message of a room creates its table, and sets the alarm.
      expect((await billOf(room)).alarms).toBe(1);
      for (let n = 2; n <= 500; n++) {
        time.freeze(time.now + SECOND); // nothing is due on the way
        a.message(n, "say", { text: `message ${n}` });
        await a.outcome(n);
        const bill = await billOf(room);
        expect(bill.rows, `message ${n}`).toBe(1);
        expect(price(bill), `message ${n}`).toBeLessThanOrEqual(most);
      }
      expect(await room.run((instance) => instance.lifecycle.deadline)).toBe(
        start + (500 - 1) * SECOND + 30 * 60 * SECOND,
      );
    });

    test(`writes the same after sleep, and for a message that publishes nothing`, async () => {
      const room = await testRoom(env[kind]);
      const a = await speak(room);
      a.message(1, "say", { text: "first" });
      await a.outcome(1);
      for (let n = 2; n <= 10; n++) {
        await time.advance(SECOND);
        await room.evict();
        if (n % 2 === 0) a.message(n, "say", { text: "x" });
        else a.call(n, "count");
        await a.outcome(n);
        expect(price(await billOf(room))).toBeLessThanOrEqual(most);
      }
    });

    test.each([8, 32, 100])(
      `[U1] in a burst of %i, at most half a row a message`,
      async (count) => {
        const room = await testRoom(env[kind]);
        const a = await speak(room);
        a.message(1, "say", { text: "first" });
        await a.outcome(1);
        for (let round = 0; round < 12; round++) {
          await time.advance(SECOND);
          const bill = await burst(room, a.id, 2 + round * count, count);
          // The first is handled at once, the others together while its commit is under way.
          expect(bill.rows).toBeLessThanOrEqual(2);
          expect(price(bill) / count).toBeLessThanOrEqual(0.5);
        }
      },
    );

    test("[S6] a refused message writes nothing", async () => {
      const room = await testRoom(env[kind]);
      const a = await speak(room);
      a.message(1, "say", { text: "first" });
      await a.outcome(1);
      await billOf(room);
      a.message(2, "say", { text: "" });
      a.message(3, "nothing", 1);
      a.raw(["broken"]);
      await a.outcome(3);
      expect(await billOf(room)).toEqual({ rows: 0, alarms: 0 });
    });
  },
);

test("[L4] a mark that would be lost with the oldest row costs one more row, once", async () => {
  const room = await testRoom(env.MeteredLazyChat);
  const quiet = await speak(room);
  quiet.message(1, "note", "my only message");
  await quiet.outcome(1);
  const other = await speak(room);
  other.message(1, "say", { text: "mine too" });
  await other.outcome(1);
  const a = await speak(room);
  let extra = 0;
  await billOf(room);
  for (let n = 1; n <= 200; n++) {
    a.message(n, "say", { text: "x" });
    await a.outcome(n);
    extra += (await billOf(room)).rows - 1;
  }
  // A row for each of the two, and two for the table that they are copied to.
  expect(extra).toBe(4);
  await room.evict();
  quiet.items.length = 0;
  quiet.message(1, "note", "my only message");
  await quiet.outcome(1);
  await room.run((instance) => expect(instance.notes()).toEqual(["my only message"]));
});

test("[T1] [T2] a room without a contract pays one row a message, and one for the alarm a second", async () => {
  const room = await testRoom(env.MeteredRaw);
  const a = await room.open();
  a.send("first");
  await a.next();
  await billOf(room);
  for (let n = 1; n <= 50; n++) {
    await time.advance(SECOND / 2);
    a.send("x");
    await a.next();
    const bill = await billOf(room);
    expect(bill.rows).toBe(1);
    expect(bill.alarms).toBe(n % 2);
  }
});

test("[U5] a room without a contract counts messages that come together in one row, and each sees its own count", async () => {
  const room = await testRoom(env.MeteredRaw);
  const a = await room.open();
  a.send("first");
  expect(await a.next()).toBe("1");
  const { rows } = await room.run(async (instance, state) => {
    takeBill(instance);
    const [socket] = state.getWebSockets();
    const sent = Array.from({ length: 100 }, () =>
      instance.webSocketMessage(socket as WebSocket, "x"),
    );
    await Promise.all(sent);
    return takeBill(instance);
  });
  // The first is handled at once, the others together while its commit is under way; where the machine
  // is so busy that no zero timer has rung for long, the first waits with them (see turns.ts).
  expect([1, 2]).toContain(rows);
  const counts: string[] = [];
  while (counts.length < 100) counts.push(await a.next());
  expect(counts).toEqual(Array.from({ length: 100 }, (_, n) => String(n + 2)));
  await room.evict();
  a.send("after sleep");
  expect(await a.next()).toBe("102");
});
