import { presence } from "@greenroom/client/presence";
import { expectCost, testRoom, time } from "@greenroom/testing/workers";
// A test room: its clients, its sleep, its death, and its time.
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

import { present, tally } from "./worker.ts";

const MINUTE = 60_000;

test("clients wait for what comes, in order, and each thing is taken once", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const ben = await room.connect(tally);
  const both = Promise.all([ben.next("added"), ben.next("added")]);
  await anna.send("add", { key: "one" });
  await anna.send("add", { key: "two" });
  expect(await both).toMatchObject([
    { key: "one", sum: 1 },
    { key: "two", sum: 2 },
  ]);
  expect(await anna.next("added", ({ key }) => key === "two")).toMatchObject({ from: anna.id });
  expect(await anna.next("added")).toMatchObject({ key: "one" });
  expect(anna.received("added")).toEqual(ben.received("added"));
  expect(await ben.call("sum")).toBe(2);
});

test("a room has a name of its own, or the one that it is given", async () => {
  const one = await testRoom(env.TallyRoom);
  const other = await testRoom(env.TallyRoom);
  const named = await testRoom(env.TallyRoom, { name: "named" });
  expect(one.name).not.toBe(other.name);
  expect(await named.run((instance) => instance.name)).toBe("named");
});

test("a wait that nothing ends says what came instead", async () => {
  const room = await testRoom(env.TallyRoom, { patience: 200 });
  const anna = await room.connect(tally);
  await anna.send("add", { key: "one" });
  await anna.next("added");
  await expect(anna.next("added")).rejects.toThrow(
    /^The client is connected; what came last: hello ".+", added \{.*"key":"one".*\}\. The next "added" did not come within 200 ms\.$/,
  );
});

test("a wait for what cannot come any more is over at once; what came before the end is still there", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("add", { key: "one" });
  const second = anna.reached(2);
  anna.close();
  expect((await anna.next("added")).key).toBe("one");
  await expect(anna.next("added")).rejects.toThrow(
    /^The client is closed: .* The next "added" cannot come any more\.$/,
  );
  await expect(second).rejects.toThrow("Entry 2 cannot come any more.");
});

test.each(["keep", "close"] as const)(
  "evict takes the room out of memory: sockets %s",
  async (sockets) => {
    const room = await testRoom(env.TallyRoom);
    const anna = await room.connect(tally);
    await anna.send("add", { key: "one" });
    await room.run((instance) => Object.assign(instance, { marked: true }));
    await room.evict({ sockets });
    expect(await room.run((instance) => "marked" in instance)).toBe(false);
    await anna.send("add", { key: "two" });
    expect((await anna.next("added", ({ key }) => key === "two")).sum).toBe(2);
    await anna.moment("resume");
    if (sockets === "close")
      expect(await anna.moment("resume")).toMatchObject({ kind: "resumed", missed: 0 });
  },
);

test("crash breaks every connection, and the clients come back to what was durable", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("add", { key: "one" });
  await anna.moment("resume");
  await room.crash();
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed" });
  expect(await anna.call("sum")).toBe(1);
});

test("time moves Date.now(), timers of the room and its end together, in order", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const start = time.now;
  await anna.send("remind", { after: 90_000 });
  await anna.send("remind", { after: 5 * MINUTE });
  const rang = await time.advance(10 * MINUTE);
  expect(rang).toEqual([{ room: room.name, at: start + 5 * MINUTE }]);
  expect(await anna.next("reminded")).toBe(start + 5 * MINUTE);
  expect(Date.now()).toBe(start + 10 * MINUTE);
  expect(await room.run(() => Date.now())).toBe(time.now);
  expect(await room.alarm()).toBe(start + 30 * MINUTE);
  await time.advance(20 * MINUTE);
  expect(await anna.closed()).toEqual({ code: 4001, reason: "expired" });
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});

test("time goes on to a moment, or is only set: then an alarm is late, and rings when it is told to", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const start = time.now;
  await anna.send("remind", { after: MINUTE });
  time.freeze(start + 2 * MINUTE);
  expect(await room.alarm()).toBe(start + MINUTE);
  expect(anna.received("reminded")).toEqual([]);
  await room.ring();
  expect(await anna.next("reminded")).toBe(start + MINUTE);
  await anna.send("remind", { after: MINUTE });
  expect(await time.advanceTo(start + 3 * MINUTE)).toEqual([
    { room: room.name, at: start + 3 * MINUTE },
  ]);
  await expect(time.advanceTo(start)).rejects.toThrow("Time cannot move by -180000 ms.");
});

test("time moves the clients' timers: a call gives up, and a silent connection is replaced", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.moment("resume");
  anna.network.stall();
  const late = anna.call("sum").catch((fault: unknown) => fault);
  await time.advance(10_000);
  expect(await late).toMatchObject({ code: "timeout" });
  await time.advance(60_000);
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed" });
});

test("the clock is frozen only while a test runs", async () => {
  const before = Date.now();
  await testRoom(env.TallyRoom);
  expect(Date.now()).toBeGreaterThan(before + 23 * 60 * MINUTE);
  time.release();
  expect(Date.now() - before).toBeLessThan(MINUTE);
});

test("clients come through the Worker where they are told to", async () => {
  const room = await testRoom(env.TallyRoom, { through: exports.default });
  const anna = await room.connect(tally);
  await anna.send("add", { key: "one" });
  const lost = room.dial(tally, { kind: "nowhere" });
  expect(await lost.closed()).toEqual({ code: 4004, reason: "not-found" });
  await expect(room.connect(tally, { kind: "nowhere" })).rejects.toThrow(
    "The client was sent away: not-found (4004)",
  );
});

test("a room's price is held", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("add", { key: "first" });
  const cost = await expectCost(room);
  for (let n = 0; n < 20; n++) await anna.send("add", { key: String(n) });
  await cost.rowsPerMessage(2);
  expect(await cost.take()).toMatchObject({ messages: 20, rowsWritten: 40 });
  for (let n = 20; n < 25; n++) {
    await anna.send("add", { key: String(n) });
    expect(await cost.take()).toMatchObject({ messages: 1, rowsWritten: 2, alarms: 0 });
  }
  expect(await cost.take()).toMatchObject({ messages: 0, rowsWritten: 0 });
  expect(await cost.spent()).toMatchObject({ messages: 25, rowsWritten: 50 });
  await expect(cost.rowsPerMessage(1)).rejects.toThrow("rows written per message is 2");
});

test("bare sockets are for rooms without a contract", async () => {
  const room = await testRoom(env.EchoRoom);
  const socket = await room.open();
  socket.send("hello");
  socket.send(new ArrayBuffer(3));
  expect(await socket.next()).toBe("hello");
  expect(await socket.next()).toBe("bytes 3");
  await room.evict();
  socket.send("again");
  expect(await socket.next()).toBe("again");
  socket.network.cut();
  expect(await socket.closed()).toEqual({ code: 1006, reason: "" });
  expect(await (await room.fetch("?query")).text()).toBe("?query");
});

test("a binding that is not there is said to be missing", async () => {
  const missing = (env as unknown as Record<string, never>)["NoRoom"];
  await expect(testRoom(missing as never)).rejects.toThrow("env.ChatRoom, not undefined");
});

test("what a client uses is used by a test client, too", async () => {
  const room = await testRoom(env.PresentRoom);
  const anna = await room.connect(present, { use: [presence] });
  const ben = await room.connect(present, { use: [presence] });
  anna.presence.set({ busy: true });
  await expect
    .poll(() => ben.presence.members.map(({ presence }) => presence))
    .toContainEqual({ busy: true });
});

test("what a test has opened is closed behind it", async () => {
  const room = await testRoom(env.EchoRoom);
  const socket = await room.open();
  room.close();
  expect((await socket.closed()).code).toBe(1006);
});
