// Pitfall 3: the constructor runs on every wake.
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { wakesOf } from "./meter.ts";
import { storesAnything } from "./stored.ts";

const LINES = 20;
const MINUTE = 60_000;
type Held = Pick<TestRoom<undefined>, "open" | "fetch" | "evict">;

async function look(room: Held): Promise<void> {
  const response = await room.fetch();
  await response.body?.cancel();
}

/** 20 messages; then somebody looks every two minutes, and each time finds the object asleep. */
async function visits(room: Held): Promise<void> {
  const client = await room.open();
  for (let line = 1; line <= LINES; line++) {
    client.send(`line ${line}`);
    await client.next();
  }
  for (let visit = 1; visit <= 10; visit++) {
    await room.evict();
    time.freeze(time.now + 2 * MINUTE);
    await look(room);
  }
}

test("a constructor's work is done, and paid for, at every wake", async () => {
  const room = await testRoom(env.NaiveConstructor);
  await visits(room);
  const wake = { statements: 2, rowsRead: LINES, alarms: 1 };
  expect(wakesOf(room.name).slice(1)).toEqual(Array.from({ length: 10 }, () => wake));
});

test("a constructor that sets the alarm puts off the end at every wake", async () => {
  const room = await testRoom(env.NaiveConstructor);
  await visits(room);
  await time.advance(15 * MINUTE);
  expect(await storesAnything(room)).toBe(true); // 35 minutes after the last message
});

test("an object with a schema in its constructor is stored because somebody looked", async () => {
  const room = await testRoom(env.NaiveConstructor);
  await look(room);
  expect(await storesAnything(room)).toBe(true);
  expect(await room.alarm()).not.toBeNull();
});

test("a room's constructor asks nothing of its storage", async () => {
  const room = await testRoom(env.WakingRoom);
  await visits(room);
  const wake = { statements: 0, rowsRead: 0, alarms: 0 };
  expect(wakesOf(room.name).slice(1)).toEqual(Array.from({ length: 10 }, () => wake));
});

test("[T2] a room that is woken keeps its deadline", async () => {
  const room = await testRoom(env.WakingRoom);
  await visits(room);
  await time.advance(15 * MINUTE);
  expect(await storesAnything(room)).toBe(false);
});

test("[R6] a room that was only looked at stores nothing", async () => {
  const room = await testRoom(env.WakingRoom);
  await look(room);
  expect(await storesAnything(room)).toBe(false);
  expect(await room.alarm()).toBeNull();
});
