// Pitfall 2: `setTimeout` dies with the instance, and until then it keeps the instance awake.
import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { dial } from "../dial.ts";
import { MINUTE, passTime, storesAnything } from "./time.ts";

afterEach(() => vi.useRealTimers());

/** A message, then silence, with or without a crash: what is left. */
async function silence(
  open: () => DurableObjectStub,
  { crash }: { crash: boolean },
): Promise<"expired" | "never expires"> {
  const client = await dial(open());
  client.send("hello");
  await client.next();
  if (crash) {
    await abortAllDurableObjects();
    await client.closed;
  }
  // For real, and longer than the timer: what shall never happen needs time in which it could.
  await scheduler.wait(250);
  await passTime(open(), 2_000);
  return (await storesAnything(open())) ? "never expires" : "expired";
}

/** A message, then sleep: whether the object could sleep before its end. */
async function sleep(stub: DurableObjectStub): Promise<"slept" | "awake until its end"> {
  // A day ahead, so that no deadline is reached, however long the steps take here.
  vi.setSystemTime(Date.now() + 24 * 60 * MINUTE);
  const client = await dial(stub);
  client.send("hello");
  await client.next();
  await evictDurableObject(stub);
  return (await storesAnything(stub)) ? "slept" : "awake until its end";
}

test("a timeout expires an object as long as the instance lives", async () => {
  const open = () => env.NaiveTimeout.getByName("2 alive");
  expect(await silence(open, { crash: false })).toBe("expired");
});

test("a timeout dies with its instance, and the object never expires", async () => {
  const open = () => env.NaiveTimeout.getByName("2 crash");
  expect(await silence(open, { crash: true })).toBe("never expires");
});

test("a timeout keeps its instance awake, which is billed", async () => {
  expect(await sleep(env.NaiveTimeout.getByName("2 sleep"))).toBe("awake until its end");
});

test("[T3] a room expires, whether its instance lives or not", async () => {
  const alive = () => env.ExpiringRoom.getByName("2 alive");
  expect(await silence(alive, { crash: false })).toBe("expired");
  const crashed = () => env.ExpiringRoom.getByName("2 crash");
  expect(await silence(crashed, { crash: true })).toBe("expired");
});

test("[T2] a room sleeps while its deadline stands", async () => {
  expect(await sleep(env.ExpiringRoom.getByName("2 sleep"))).toBe("slept");
});
