// Rules P: what a room says that it costs, against what was counted at the platform's own functions.
import { expectCost, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { takeBill } from "./rooms/metered.ts";
import { speak } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe("[P1] since it woke", () => {
  test("a room's rows and alarms are what was counted, its messages and requests what came", async () => {
    const room = await testRoom(env.MeteredChat);
    const a = await speak(room);
    for (let n = 1; n <= 40; n++) {
      await time.advance(SECOND);
      a.message(n, n % 2 ? "say" : "note", n % 2 ? { text: "x" } : "x");
      await a.outcome(n);
    }
    a.message(41, "say", { text: "" }); // refused, and billed all the same
    await a.outcome(41);
    const { wake, prices } = await room.run((instance) => instance.cost());
    const counted = await room.run((instance) => takeBill(instance));
    expect(wake.rowsWritten).toBe(counted.rows);
    expect(wake.alarms).toBe(counted.alarms);
    expect(wake.messages).toBe(41);
    expect(wake.requests).toBeCloseTo(1 + 41 / 20);
    expect(wake.rowsRead).toBeGreaterThan(0);
    expect(wake.activeMs).toBeGreaterThanOrEqual(0);
    expect(prices).toMatchObject({ date: "2026-11", millionRowsWritten: 1 });
    const dollars =
      ((wake.rowsWritten + wake.alarms) * 1 +
        wake.rowsRead * 0.001 +
        wake.requests * 0.15 +
        (wake.activeMs / 1_000) * 0.128 * 12.5) /
      1e6;
    expect(wake.dollars).toBeCloseTo(dollars, 12);
  });

  test("an alarm that rings is a request, and rows that were read later are counted", async () => {
    const room = await testRoom(env.TimersRoom);
    await room.run(({ timers }) => timers.set("note", { after: SECOND }));
    const { wake: before } = await room.cost();
    await time.advance(SECOND);
    await room.run((_room, { storage }) => {
      storage.sql
        .exec(
          "SELECT 1 UNION ALL SELECT n FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100) SELECT n FROM c)",
        )
        .toArray();
    });
    const { wake } = await room.cost();
    expect(wake.requests - before.requests).toBe(1);
    expect(wake.alarms - before.alarms).toBe(1);
    expect(wake.rowsRead).toBeGreaterThan(before.rowsRead);
  });
});

describe("[P2] since its epoch", () => {
  test("a purge begins anew", async () => {
    const room = await testRoom(env.ChatRoom);
    const a = await speak(room);
    for (let n = 1; n <= 10; n++) {
      a.message(n, "say", { text: "x" });
      await a.outcome(n);
      if (n === 5) await room.evict();
    }
    const { wake, epoch } = await room.cost();
    expect(wake.messages).toBe(5);
    expect(epoch.messages).toBe(10);
    expect(epoch.rowsWritten).toBeGreaterThan(wake.rowsWritten);
    await time.advance(40 * MINUTE);
    expect((await room.cost()).epoch).toMatchObject({ messages: 0, rowsWritten: 0 });
    const b = await speak(room);
    b.message(1, "say", { text: "x" });
    await b.outcome(1);
    expect((await room.cost()).epoch.messages).toBe(1);
  });
});

test("[P3] asking for it writes nothing, and a room that was only looked at has none stored", async () => {
  const room = await testRoom(env.CostRoom);
  await (await room.fetch()).text();
  expect((await room.cost()).epoch).toMatchObject({ messages: 0, rowsWritten: 0, requests: 1 });
  await room.run((_room, { storage }) => expect(storage.sql.databaseSize).toBe(4_096));
});

test("[P1] expectCost holds a room to a price, across its sleep, and says what it found", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.message(1, "say", { text: "x" });
  await a.outcome(1);
  const cost = await expectCost(room);
  await expect(cost.rowsPerMessage(1)).rejects.toThrow("no message has come");
  await cost.writes(0);
  for (let n = 2; n <= 21; n++) {
    await time.advance(SECOND);
    a.message(n, "say", { text: "x" });
    await a.outcome(n);
    if (n === 10) await room.evict();
    expect(await cost.take()).toMatchObject({ messages: 1, rowsWritten: 1 });
  }
  await cost.rowsPerMessage(1);
  await cost.writesPerMessage(2);
  await cost.readsPerMessage(3);
  await cost.dollarsPerMillion(6); // the clock that the test moves is in the active time
  expect(await cost.spent()).toMatchObject({ messages: 20 });
  await expect(cost.writesPerMessage(0.5)).rejects.toThrow(
    /^rows written and alarms set per message is [\d.]+, and at most 0.5 was expected: 20 messages/,
  );
});
