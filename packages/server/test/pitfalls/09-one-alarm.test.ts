// Pitfall 9: an object has one alarm, and whoever sets it last has it.
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { storesAnything } from "./stored.ts";

const MINUTE = 60_000;
type Held = Pick<TestRoom<undefined>, "open" | "run">;

/** A reminder and another message, in either order, then an hour: what has happened. */
async function steps(room: Held, messages: string[]): Promise<string[]> {
  const client = await room.open();
  for (const text of messages) {
    client.send(text);
    await client.next();
  }
  await time.advance(60 * MINUTE);
  const happened = [...client.waiting];
  if (!(await storesAnything(room))) happened.push("expired");
  return happened;
}

const REMINDER_FIRST = ["remind me in 10 minutes", "hello"];
const REMINDER_LAST = ["hello", "remind me in 10 minutes"];
const REMINDER_AFTER_DEADLINE = ["hello", "remind me in 45 minutes"];

test("the deadline of a later message overwrites a reminder", async () => {
  const room = await testRoom(env.NaiveAlarms);
  expect(await steps(room, REMINDER_FIRST)).toEqual(["expired"]);
});

test("a reminder overwrites the deadline, and the object never expires", async () => {
  const room = await testRoom(env.NaiveAlarms);
  expect(await steps(room, REMINDER_LAST)).toEqual(["reminder"]);
});

test("a reminder that is due after the deadline is taken for the deadline", async () => {
  const room = await testRoom(env.NaiveAlarms);
  expect(await steps(room, REMINDER_AFTER_DEADLINE)).toEqual(["expired"]);
});

test("[T7] a room reminds and expires, whichever was set first", async () => {
  const first = await testRoom(env.ReminderRoom);
  expect(await steps(first, REMINDER_FIRST)).toEqual(["reminder", "expired"]);
  const last = await testRoom(env.ReminderRoom);
  expect(await steps(last, REMINDER_LAST)).toEqual(["reminder", "expired"]);
});

test("[T5] [T7] a room reminds after its deadline, where it asks for the time", async () => {
  const room = await testRoom(env.ReminderRoom);
  expect(await steps(room, REMINDER_AFTER_DEADLINE)).toEqual(["reminder", "expired"]);
});
