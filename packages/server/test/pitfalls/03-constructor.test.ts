// Pitfall 3: the constructor runs on every wake.
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { dial } from "../dial.ts";
import { wakesOf } from "./meter.ts";
import { alarmOf, MINUTE, passTime, storesAnything } from "./time.ts";

const LINES = 20;

afterEach(() => vi.useRealTimers());

async function look(stub: DurableObjectStub): Promise<void> {
  const response = await stub.fetch("http://room/");
  await response.body?.cancel();
}

/** 20 messages; then somebody looks every two minutes, and each time finds the object asleep. */
async function visits(stub: DurableObjectStub): Promise<void> {
  const client = await dial(stub);
  for (let line = 1; line <= LINES; line++) {
    client.send(`line ${line}`);
    await client.next();
  }
  for (let visit = 1; visit <= 10; visit++) {
    await evictDurableObject(stub);
    vi.setSystemTime(Date.now() + 2 * MINUTE);
    await look(stub);
  }
}

test("a constructor's work is done, and paid for, at every wake", async () => {
  await visits(env.NaiveConstructor.getByName("3 cost"));
  const wake = { statements: 2, rowsRead: LINES, alarms: 1 };
  expect(wakesOf("3 cost").slice(1)).toEqual(Array.from({ length: 10 }, () => wake));
});

test("a constructor that sets the alarm puts off the end at every wake", async () => {
  const stub = env.NaiveConstructor.getByName("3 alarm");
  await visits(stub);
  await passTime(stub, 15 * MINUTE);
  expect(await storesAnything(stub)).toBe(true); // 35 minutes after the last message
});

test("an object with a schema in its constructor is stored because somebody looked", async () => {
  const stub = env.NaiveConstructor.getByName("3 look");
  await look(stub);
  expect(await storesAnything(stub)).toBe(true);
  expect(await alarmOf(stub)).not.toBeNull();
});

test("a room's constructor asks nothing of its storage", async () => {
  await visits(env.WakingRoom.getByName("3 room cost"));
  const wake = { statements: 0, rowsRead: 0, alarms: 0 };
  expect(wakesOf("3 room cost").slice(1)).toEqual(Array.from({ length: 10 }, () => wake));
});

test("[T2] a room that is woken keeps its deadline", async () => {
  const stub = env.WakingRoom.getByName("3 room alarm");
  await visits(stub);
  await passTime(stub, 15 * MINUTE);
  expect(await storesAnything(stub)).toBe(false);
});

test("[R6] a room that was only looked at stores nothing", async () => {
  const stub = env.WakingRoom.getByName("3 room look");
  await look(stub);
  expect(await storesAnything(stub)).toBe(false);
  expect(await alarmOf(stub)).toBeNull();
});
