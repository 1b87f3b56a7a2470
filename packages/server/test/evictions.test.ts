// Evictions at every step of a purge, with the sockets kept and with the sockets closed. The platform
// evicts between events, never within one: so each event of a room's end is followed by an eviction,
// and at each step within the purge one is asked for, which takes place as soon as it can.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { alarmOf, at, MINUTE, ring, TOMORROW } from "./clock.ts";
import { dial, type Dialled } from "./dial.ts";
import { plan, type StepRoom, unplan, type Whole } from "./rooms/steps.ts";

beforeEach(() => at(TOMORROW));
afterEach(() => vi.useRealTimers());

type Mode = "hibernate" | "close";

const END = TOMORROW + 30 * MINUTE;
const EMPTY = 4_096;

const cases = (["StepRoom", "LazyStepRoom"] as const).flatMap((kind) =>
  (["hibernate", "close"] as const).map((mode) => [kind, mode] as const),
);

/** What there is of a room, and how much it stores; looking is no event. */
function look(
  room: DurableObjectStub<StepRoom>,
): Promise<{ readonly whole: Whole; readonly size: number }> {
  return runInDurableObject(room, (instance, { storage }) => ({
    whole: instance.whole(),
    size: storage.sql.databaseSize,
  }));
}

/** Of a room there is all, or nothing. */
async function expectWhole(room: DurableObjectStub<StepRoom>, messages: number): Promise<void> {
  const { whole, size } = await look(room);
  const expected = size > EMPTY ? messages : 0;
  expect(whole).toEqual({ messages: expected, mine: expected });
}

async function say(client: Dialled, messages: number): Promise<void> {
  client.send("x");
  expect(JSON.parse(await client.next())).toEqual({ messages, mine: messages });
}

/** Somebody who is there at the end is told of it, or has lost the connection before. */
async function expectTold({ closed, waiting }: Dialled, mode: Mode): Promise<void> {
  const { code } = await closed;
  expect(mode === "close" ? [4001, 1001, 1006] : [4001]).toContain(code);
  expect(waiting).toEqual([]);
}

/** The events of a room's end, one after the other; `after` is called when each is over. */
async function end(
  room: DurableObjectStub<StepRoom>,
  byHand: boolean,
  mode: Mode,
  after: (event: string, messages: number) => Promise<void>,
): Promise<void> {
  at(TOMORROW);
  const a = await dial(room);
  await after("the first connection", 0);
  const b = mode === "close" ? a : await dial(room);
  // A connection that an eviction has closed comes back before it speaks.
  const voice = a.socket.readyState === WebSocket.OPEN ? a : await dial(room);
  await say(voice, 1);
  await after("a message", 1);
  const last = voice.socket.readyState === WebSocket.OPEN ? voice : await dial(room);
  await say(last, 2);
  await runInDurableObject(room, ({ timers }) => timers.set("note", { after: 60 * MINUTE }));
  await after("a timer", 2);
  if (byHand) {
    await runInDurableObject(room, ({ lifecycle }) => lifecycle.expire());
    await after("the wish to end", 2);
  }
  at(END);
  await ring(room);
  await after("the purge", 2);
  for (const client of new Set([a, b, voice, last])) await expectTold(client, mode);
  await after("the last close", 0);
  await (await room.fetch("http://room/")).text();
  await after("a stray request", 0);
  expect(await look(room)).toEqual({ whole: { messages: 0, mine: 0 }, size: EMPTY });
  expect(await alarmOf(room)).toBeNull();
  const c = await dial(room);
  await say(c, 1);
  await after("the next life", 1);
  const d = c.socket.readyState === WebSocket.OPEN ? c : await dial(room);
  await say(d, 2);
  d.close();
}

describe.each(cases)("%s, evicted with its sockets left to %s", (kind, mode) => {
  const stubOf = (name: string): DurableObjectStub<StepRoom> =>
    env[kind].getByName(`${mode}: ${name}`);

  test.each([
    ["by silence", false],
    ["by hand", true],
  ] as const)(
    "[T9] after every event of its end %s: all of the room is there, or nothing",
    async (how, byHand) => {
      const events: string[] = [];
      await end(stubOf(`${how}, left alone`), byHand, mode, async (event) => {
        events.push(event);
      });
      const evictAfter = async (
        name: string,
        chosen: (event: string) => boolean,
      ): Promise<void> => {
        const room = stubOf(name);
        await end(room, byHand, mode, async (event, messages) => {
          if (!chosen(event)) return;
          await evictDurableObject(room, { webSockets: mode });
          await expectWhole(room, messages);
        });
      };
      for (const event of events) {
        await evictAfter(`${how}, after ${event}`, (candidate) => candidate === event);
      }
      await evictAfter(`${how}, after each`, () => true);
      expect(events).toHaveLength(byHand ? 8 : 7);
      console.log(
        `${kind} (${mode}): an end ${how} evicted after each of its ${events.length} events`,
      );
    },
  );

  test("[T9] at every step of its purge", async () => {
    const run = async (name: string, holdAt: number): Promise<number> => {
      at(TOMORROW);
      const room = stubOf(name);
      const a = await dial(room);
      await say(a, 1);
      await evictDurableObject(room); // so that waking is among the steps
      at(END);
      const made = plan(room.name ?? "", 0, holdAt);
      const ringing = ring(room);
      if (holdAt > 0) {
        await vi.waitUntil(() => made.isHeld, { interval: 1 });
        await evictDurableObject(room, { webSockets: mode });
      }
      await ringing;
      const { steps } = made;
      unplan(room.name ?? "");
      expect(await look(room)).toEqual({ whole: { messages: 0, mine: 0 }, size: EMPTY });
      expect(await alarmOf(room)).toBeNull();
      await expectTold(a, mode);
      const b = await dial(room);
      await say(b, 1);
      b.close();
      return steps;
    };
    const steps = await run("left alone", 0);
    expect(steps).toBeGreaterThan(3);
    for (let step = 1; step <= steps; step++) await run(`step ${step}`, step);
    console.log(`${kind} (${mode}): a purge evicted at each of its ${steps} steps`);
  });
});
