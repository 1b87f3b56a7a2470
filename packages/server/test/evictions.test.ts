// Evictions at every step of a purge, with the sockets kept and with the sockets closed. The platform
// evicts between events, never within one: so each event of a room's end is followed by an eviction,
// and at each step within the purge one is asked for, which takes place as soon as it can.
import { type RawSocket, type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";

import { plan, type StepRoom, unplan, type Whole } from "./rooms/steps.ts";

type Room = TestRoom<StepRoom>;
type Mode = "keep" | "close";

const MINUTE = 60_000;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / 1_000) * 1_000 + 24 * 60 * MINUTE;
const END = TOMORROW + 30 * MINUTE;
const EMPTY = 4_096;

const cases = (["StepRoom", "LazyStepRoom"] as const).flatMap((kind) =>
  (["keep", "close"] as const).map((mode) => [kind, mode] as const),
);

/** What there is of a room, and how much it stores; looking is no event. */
function look(room: Room): Promise<{ readonly whole: Whole; readonly size: number }> {
  return room.run((instance, { storage }) => ({
    whole: instance.whole(),
    size: storage.sql.databaseSize,
  }));
}

/** Of a room there is all, or nothing. */
async function expectWhole(room: Room, messages: number): Promise<void> {
  const { whole, size } = await look(room);
  const expected = size > EMPTY ? messages : 0;
  expect(whole).toEqual({ messages: expected, mine: expected });
}

async function say(client: RawSocket, messages: number): Promise<void> {
  client.send("x");
  expect(JSON.parse(await client.next())).toEqual({ messages, mine: messages });
}

/** Somebody who is there at the end is told of it, or has lost the connection before. */
async function expectTold(client: RawSocket, mode: Mode): Promise<void> {
  const { code } = await client.closed();
  expect(mode === "close" ? [4001, 1001, 1006] : [4001]).toContain(code);
  expect(client.waiting).toEqual([]);
}

/** A connection that an eviction has closed comes back before it speaks. */
async function voiceOf(room: Room, client: RawSocket): Promise<RawSocket> {
  await room.settle();
  return client.isOpen ? client : room.open();
}

/** The events of a room's end, one after the other; `after` is called when each is over. */
async function end(
  room: Room,
  byHand: boolean,
  mode: Mode,
  after: (event: string, messages: number) => Promise<void>,
): Promise<void> {
  time.freeze(TOMORROW);
  const a = await room.open();
  await after("the first connection", 0);
  const b = mode === "close" ? a : await room.open();
  const voice = await voiceOf(room, a);
  await say(voice, 1);
  await after("a message", 1);
  const last = await voiceOf(room, voice);
  await say(last, 2);
  await room.run(({ timers }) => timers.set("note", { after: 60 * MINUTE }));
  await after("a timer", 2);
  if (byHand) {
    await room.run(({ lifecycle }) => lifecycle.expire());
    await after("the wish to end", 2);
  }
  time.freeze(END);
  expect(await room.ring()).toEqual({ next: null });
  await after("the purge", 2);
  for (const client of new Set([a, b, voice, last])) await expectTold(client, mode);
  await after("the last close", 0);
  await (await room.fetch()).text();
  await after("a stray request", 0);
  expect(await look(room)).toEqual({ whole: { messages: 0, mine: 0 }, size: EMPTY });
  expect(await room.alarm()).toBeNull();
  const c = await room.open();
  await say(c, 1);
  await after("the next life", 1);
  const d = await voiceOf(room, c);
  await say(d, 2);
  room.close();
}

describe.each(cases)("%s, evicted, its sockets: %s", (kind, mode) => {
  const newRoom = (): Promise<Room> => testRoom<StepRoom>(env[kind]);

  test.each([
    ["by silence", false],
    ["by hand", true],
  ] as const)(
    "[T9] after every event of its end %s: all of the room is there, or nothing",
    async (how, byHand) => {
      const events: string[] = [];
      await end(await newRoom(), byHand, mode, async (event) => {
        events.push(event);
      });
      const evictAfter = async (chosen: (event: string) => boolean): Promise<void> => {
        const room = await newRoom();
        await end(room, byHand, mode, async (event, messages) => {
          if (!chosen(event)) return;
          await room.evict({ sockets: mode });
          await expectWhole(room, messages);
        });
      };
      for (const event of events) {
        await evictAfter((candidate) => candidate === event);
      }
      await evictAfter(() => true);
      expect(events).toHaveLength(byHand ? 8 : 7);
      console.log(
        `${kind} (${mode}): an end ${how} evicted after each of its ${events.length} events`,
      );
    },
  );

  test("[T9] at every step of its purge", async () => {
    const run = async (holdAt: number): Promise<number> => {
      time.freeze(TOMORROW);
      const room = await newRoom();
      const a = await room.open();
      await say(a, 1);
      await room.evict(); // so that waking is among the steps
      time.freeze(END);
      const made = plan(room.name, 0, holdAt);
      const ringing = room.ring();
      if (holdAt > 0) {
        await vi.waitUntil(() => made.isHeld, { interval: 1 });
        await room.evict({ sockets: mode });
      }
      expect(await ringing).toEqual({ next: null });
      const { steps } = made;
      unplan(room.name);
      expect(await look(room)).toEqual({ whole: { messages: 0, mine: 0 }, size: EMPTY });
      expect(await room.alarm()).toBeNull();
      await expectTold(a, mode);
      const b = await room.open();
      await say(b, 1);
      room.close();
      return steps;
    };
    const steps = await run(0);
    expect(steps).toBeGreaterThan(3);
    for (let step = 1; step <= steps; step++) await run(step);
    console.log(`${kind} (${mode}): a purge evicted at each of its ${steps} steps`);
  });
});
