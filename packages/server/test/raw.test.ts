import { evictDurableObject, runInDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { dial } from "./dial.ts";

test("[R1] a raw room echoes, counts, sleeps and wakes", async () => {
  const stub = env.EchoRoom.getByName("smoke");
  const a = await dial(stub);
  const b = await dial(stub);
  a.send("hi");
  expect(await b.next()).toMatch(/: hi$/);
  expect(await a.next()).toMatch(/: hi$/);
  await evictDurableObject(stub);
  a.send("count");
  expect(await a.next()).toBe("2");
  a.send("throw");
  expect(JSON.parse(await a.next())).toEqual({ code: "failed", id: expect.any(String) });
  a.send("slow");
  a.send("count");
  expect(await a.next()).toBe("slow is done");
  expect(await a.next()).toBe("4");
  b.close();
  expect(await b.closed).toMatchObject({ code: 1005 });
  vi.setSystemTime(Date.now() + 31 * 60_000);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await a.closed).toMatchObject({ code: 4001, reason: "expired" });
  await runInDurableObject(stub, async (_room, state) => {
    expect(state.storage.sql.databaseSize).toBe(4096);
    expect(await state.storage.list()).toEqual(new Map());
  });
  vi.useRealTimers();
});
