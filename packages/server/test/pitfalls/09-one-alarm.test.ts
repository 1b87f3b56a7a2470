// Pitfall 9: an object has one alarm, and whoever sets it last has it.
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { dial } from "../dial.ts";
import { MINUTE, passTime, storesAnything } from "./time.ts";

afterEach(() => vi.useRealTimers());

/** A reminder and another message, in either order, then an hour: what has happened. */
async function steps(stub: DurableObjectStub, messages: string[]): Promise<string[]> {
  const client = await dial(stub);
  for (const text of messages) {
    client.send(text);
    await client.next();
  }
  await passTime(stub, 60 * MINUTE);
  const happened = [...client.waiting];
  if (!(await storesAnything(stub))) happened.push("expired");
  return happened;
}

const REMINDER_FIRST = ["remind me in 10 minutes", "hello"];
const REMINDER_LAST = ["hello", "remind me in 10 minutes"];
const REMINDER_AFTER_DEADLINE = ["hello", "remind me in 45 minutes"];

test("the deadline of a later message overwrites a reminder", async () => {
  const stub = env.NaiveAlarms.getByName("9 first");
  expect(await steps(stub, REMINDER_FIRST)).toEqual(["expired"]);
});

test("a reminder overwrites the deadline, and the object never expires", async () => {
  const stub = env.NaiveAlarms.getByName("9 last");
  expect(await steps(stub, REMINDER_LAST)).toEqual(["reminder"]);
});

test("a reminder that is due after the deadline is taken for the deadline", async () => {
  const stub = env.NaiveAlarms.getByName("9 after");
  expect(await steps(stub, REMINDER_AFTER_DEADLINE)).toEqual(["expired"]);
});

test("[T7] a room reminds and expires, whichever was set first", async () => {
  const first = env.ReminderRoom.getByName("9 first");
  expect(await steps(first, REMINDER_FIRST)).toEqual(["reminder", "expired"]);
  const last = env.ReminderRoom.getByName("9 last");
  expect(await steps(last, REMINDER_LAST)).toEqual(["reminder", "expired"]);
});

test("[T5] [T7] a room reminds after its deadline, where it asks for the time", async () => {
  const stub = env.ReminderRoom.getByName("9 after");
  expect(await steps(stub, REMINDER_AFTER_DEADLINE)).toEqual(["reminder", "expired"]);
});
