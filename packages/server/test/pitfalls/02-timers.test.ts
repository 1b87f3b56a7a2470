// Pitfall 2: `setTimeout` dies with the instance, and until then it keeps the instance awake.
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { storesAnything } from "./stored.ts";

type Held = Pick<TestRoom<undefined>, "open" | "run" | "evict" | "crash">;

/** A message, then silence, with or without a crash: what is left. */
async function silence(
  room: Held,
  { crash }: { crash: boolean },
): Promise<"expired" | "never expires"> {
  const client = await room.open();
  client.send("hello");
  await client.next();
  if (crash) {
    await room.crash();
    await client.closed();
  }
  // For real, and longer than the timer: what shall never happen needs time in which it could.
  await scheduler.wait(250);
  await time.advance(2_000);
  return (await storesAnything(room)) ? "never expires" : "expired";
}

/** A message, then sleep: whether the object could sleep before its end. */
async function sleep(room: Held): Promise<"slept" | "awake until its end"> {
  const client = await room.open();
  client.send("hello");
  await client.next();
  await room.evict();
  return (await storesAnything(room)) ? "slept" : "awake until its end";
}

test("a timeout expires an object as long as the instance lives", async () => {
  expect(await silence(await testRoom(env.NaiveTimeout), { crash: false })).toBe("expired");
});

test("a timeout dies with its instance, and the object never expires", async () => {
  expect(await silence(await testRoom(env.NaiveTimeout), { crash: true })).toBe("never expires");
});

test("a timeout keeps its instance awake, which is billed", async () => {
  expect(await sleep(await testRoom(env.NaiveTimeout))).toBe("awake until its end");
});

test("[T3] a room expires, whether its instance lives or not", async () => {
  expect(await silence(await testRoom(env.ExpiringRoom), { crash: false })).toBe("expired");
  expect(await silence(await testRoom(env.ExpiringRoom), { crash: true })).toBe("expired");
});

test("[T2] a room sleeps while its deadline stands", async () => {
  expect(await sleep(await testRoom(env.ExpiringRoom))).toBe("slept");
});
