// Rules B in real workerd: rates, sizes and the time of handlers.
import { helloProtocols } from "@greenroom/protocol";
import { testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { sessionToken, speak } from "./speak.ts";

const logged = vi.fn<typeof console.error>();
beforeEach(() => {
  logged.mockClear();
  vi.spyOn(console, "error").mockImplementation(logged);
});
afterEach(() => vi.restoreAllMocks());

const limitedFault = { code: "limited", retryAfter: expect.any(Number) as number };

test("[Q3] what is over the rate is rejected with `limited` in its turn, unread and not carried out", async () => {
  const room = await testRoom(env.RatedRoom);
  const a = await speak(room);
  for (let n = 1; n <= 7; n++) a.message(n, "say", `text ${n}`);
  a.dialled.send('["c",8,"echo","half a fra');
  for (const n of [6, 7, 8]) {
    const { fault } = await a.outcome(n);
    expect(fault).toEqual(limitedFault);
    expect(fault?.retryAfter).toBeGreaterThan(3_500_000);
  }
  expect(await a.outcome(5)).toEqual({});
  await room.run(({ seen }) =>
    expect(seen).toEqual(["text 1", "text 2", "text 3", "text 4", "text 5"]),
  );
  // Another connection has a bucket of its own.
  const b = await speak(room);
  b.call(1, "echo", "hello");
  expect(await b.outcome(1)).toEqual({ answer: "hello" });
});

test("[Q3] [S1] over the rate, a number that was carried out is answered as it was, and a limited one stays limited", async () => {
  const room = await testRoom(env.RatedRoom);
  const a = await speak(room);
  a.call(1, "echo", "one");
  for (let n = 2; n <= 6; n++) a.message(n, "say", `text ${n}`);
  expect(await a.outcome(6)).toEqual({ fault: limitedFault });
  a.items.length = 0;
  a.call(1, "echo", "one");
  a.message(2, "say", "text 2");
  a.message(6, "say", "text 6");
  expect(await a.outcome(1)).toEqual({ answer: "one" });
  expect(await a.outcome(6)).toEqual({ fault: limitedFault });
  await room.run(({ seen }) => expect(seen).toHaveLength(4));
});

test("[Q3] [S4] what is over the rate behind an asynchronous handler is rejected after what came before it", async () => {
  const room = await testRoom(env.RatedRoom);
  const a = await speak(room);
  a.message(1, "slow", 20);
  for (let n = 2; n <= 6; n++) a.message(n, "say", `text ${n}`);
  expect(await a.outcome(6)).toEqual({ fault: limitedFault });
  expect(await a.outcome(5)).toEqual({});
  await room.run(({ seen }) =>
    expect(seen).toEqual(["slow 20", "text 2", "text 3", "text 4", "text 5"]),
  );
});

test("[Q4] a room without a contract tells the sender, and drops the message", async () => {
  const room = await testRoom(env.RatedRawRoom);
  const a = await room.open();
  for (const text of ["1", "2", "3", "4"]) a.send(text);
  // What is dropped is told at once; what is taken may wait for a commit.
  const frames = [await a.next(), await a.next(), await a.next(), await a.next()];
  expect(frames.filter((text) => text.startsWith("got"))).toEqual(["got 1", "got 2", "got 3"]);
  expect(JSON.parse(frames.find((text) => text.startsWith("{")) ?? "")).toEqual(limitedFault);
  await room.run(({ lifecycle }) => expect(lifecycle.messages).toBe(3));
});

test("[Q22] others are heard before all that one connection has sent at once, and none of it is lost", async () => {
  const room = await testRoom(env.ChatRoom);
  const [greedy, other] = [await speak(room), await speak(room)];
  const frames = 600;
  for (let n = 1; n <= frames; n++) greedy.message(n, "say", { text: `greedy ${n}` });
  other.message(1, "say", { text: "other" });
  await other.until(frames + 1);
  const texts = other.entries.map(({ entry }) => (entry[1] as { text: string }).text);
  expect(texts.indexOf("other")).toBeLessThan(300);
  const greedys = Array.from({ length: frames }, (_, i) => `greedy ${i + 1}`);
  expect(texts.filter((text) => text !== "other")).toEqual(greedys);
  expect(await greedy.outcome(frames)).toEqual({});
});

test("[Q22] the same in a room without a contract", async () => {
  const room = await testRoom(env.EchoRoom);
  const [greedy, other] = [await room.open(), await room.open()];
  const frames = 600;
  for (let n = 1; n <= frames; n++) greedy.send(`greedy ${n}`);
  other.send("other");
  const seen = (): Promise<string[]> => room.run((inside) => inside.seen.slice(2));
  await vi.waitFor(async () => expect(await seen()).toHaveLength(frames + 1), { timeout: 8_000 });
  const texts = await seen();
  expect(texts.indexOf("other")).toBeLessThan(300);
  expect(texts.filter((text) => text !== "other")).toEqual(
    Array.from({ length: frames }, (_, i) => `greedy ${i + 1}`),
  );
});

test("[Q19] the room looks at the others after 8 frames that come in haste, or from a connection that it has closed", async () => {
  const room = await testRoom(env.EchoRoom);
  await room.open();
  await room.run(async (inside, state) => {
    const breaths = vi.spyOn(state, "blockConcurrencyWhile").mockResolvedValue(undefined);
    const [socket] = state.getWebSockets();
    const send = async (frames: number): Promise<number> => {
      breaths.mockClear();
      for (let i = 0; i < frames; i++) await inside.webSocketMessage(socket as WebSocket, "text");
      return breaths.mock.calls.length;
    };
    const together = Promise.all(
      Array.from({ length: 640 }, () => inside.webSocketMessage(socket as WebSocket, "text")),
    );
    // The first 128 weigh one each, and the others eight; by the clock some more may not be in haste.
    expect(breaths.mock.calls.length).toBeGreaterThan(50);
    await together;
    inside.getConnections()[Symbol.iterator]().next().value?.close(4000, "enough");
    expect(await send(64)).toBe(8);
    breaths.mockRestore();
  });
});

test("[Q5] an empty bucket is as empty after sleep, and no row is written for it", async () => {
  for (const [name, room] of [
    ["typed", await testRoom(env.RatedRoom)],
    ["raw", await testRoom(env.RatedRawRoom)],
  ] as const) {
    const a = await room.open(name === "typed" ? { protocols: ["greenroom.1"] } : {});
    if (name === "typed") await a.next();
    for (let n = 1; n <= 6; n++) a.send(name === "typed" ? `["m",${n},"nope"]` : "x");
    const until = async (): Promise<void> => {
      while (!(await a.next()).includes("limited"));
    };
    await until();
    await room.evict();
    a.send(name === "typed" ? '["m",7,"nope"]' : "y");
    await until();
    // What was counted before it was limited has its row; nothing else has one.
    expect((await room.stored()).tables).toEqual(name === "typed" ? [] : ["greenroom_ledger"]);
  }
});

test("[Q5] the room's bucket sleeps with the sockets of those who emptied it", async () => {
  const room = await testRoom(env.SharedRateRoom);
  const members = [await speak(room), await speak(room), await speak(room), await speak(room)];
  for (const each of members) for (let n = 1; n <= 4; n++) each.message(n, "say", "x");
  await Promise.all(members.map(async (each) => each.outcome(4)));
  await room.evict();
  for (const each of members) each.message(5, "say", "y");
  for (const each of members) expect(await each.outcome(5)).toEqual({ fault: limitedFault });
});

test("[Q6] when half of the room's rate is gone, who has sent most waits first", async () => {
  const room = await testRoom(env.SharedRateRoom);
  const greedy = await speak(room);
  const again = await speak(room);
  for (let n = 1; n <= 4; n++) greedy.message(n, "say", "x");
  await greedy.outcome(4);
  // Half of the room's is gone: a second greedy one gets less than its own four.
  for (let n = 1; n <= 4; n++) again.message(n, "say", "x");
  expect((await again.outcome(4)).fault).toEqual(limitedFault);
  // Who has sent nothing is heard.
  const quiet = await speak(room);
  quiet.message(1, "say", "hello");
  expect(await quiet.outcome(1)).toEqual({});
});

test("[Q7] who goes on for long is closed with `limited` and a time, is turned away before it, and for longer the next time", async () => {
  const room = await testRoom(env.RatedRoom);
  const session = sessionToken();
  const a = await speak(room, { session });
  for (let n = 1; n <= 1_100; n++) a.message(n, "say", "x");
  expect(await a.dialled.closed()).toEqual({
    code: 4201,
    reason: "limited; retry after 600000 ms",
  });
  await time.advance(1_000);
  const protocols = helloProtocols({ session, epoch: null, seq: null });
  const early = await room.open({ protocols });
  expect(await early.closed()).toEqual({ code: 4201, reason: "limited; retry after 599000 ms" });
  await room.run(({ seen }) => expect(seen).toHaveLength(5));
  // Another session is none the worse for it.
  const b = await speak(room);
  b.message(1, "say", "y");
  expect(await b.outcome(1)).toEqual({});
});

test("[Q8] a message over the limit is rejected with `too-large` in its turn, and a raw one is dropped", async () => {
  const a = await speak(await testRoom(env.RatedRoom));
  a.message(1, "say", "x".repeat(998));
  a.message(2, "say", "x".repeat(999));
  a.message(3, "say", "x".repeat(5_000));
  a.call(4, "echo", "small");
  expect(await a.outcome(1)).toEqual({});
  expect(await a.outcome(2)).toEqual({ fault: { code: "too-large" } });
  expect(await a.outcome(3)).toEqual({ fault: { code: "too-large" } });
  expect(await a.outcome(4)).toEqual({ answer: "small" });
  const raw = await (await testRoom(env.RatedRawRoom)).open();
  raw.send("x".repeat(101));
  raw.send(new Uint8Array(101).buffer);
  raw.send("small");
  expect([await raw.next(), await raw.next()]).toEqual(Array(2).fill('{"code":"too-large"}'));
  expect(await raw.next()).toBe("got small");
});

test("[Q9] more than 1 MiB of frames does not wait behind one asynchronous handler: the rest is limited, in its turn", async () => {
  const room = await testRoom(env.PatientRoom);
  const a = await speak(room);
  a.message(1, "slow", 100);
  for (let n = 2; n <= 5; n++) a.message(n, "say", "x".repeat(400_000));
  a.message(6, "say", "last");
  expect(await a.outcome(6)).toEqual({});
  const faults = [...a.items].flatMap((item) => (item[0] === "x" ? [[item[1], item[2].code]] : []));
  expect(faults).toEqual([
    [4, "limited"],
    [5, "limited"],
  ]);
  await room.run(({ seen }) =>
    expect(seen.map((text) => text.length)).toEqual([8, 400_000, 400_000, 4]),
  );
});

test("[Q10] an asynchronous handler is given up after handlerTime: nothing of it is kept, and it never runs twice", async () => {
  const room = await testRoom(env.RatedRoom);
  const session = sessionToken();
  const a = await speak(room, { session });
  a.message(1, "slow", 80);
  a.message(2, "say", "next");
  const { fault } = await a.outcome(1);
  expect(fault).toEqual({ code: "timeout", id: expect.stringMatching(/^\w{8}$/) as string });
  await a.outcome(2);
  expect(logged).toHaveBeenCalledTimes(1);
  expect(String(logged.mock.lastCall?.[1])).toContain("It took longer than 50 ms.");
  // Its number is durable: a repeat after a crash is told the same, and starts nothing.
  await room.evict({ sockets: "close" });
  const b = await speak(room, { session });
  b.message(1, "slow", 80);
  expect((await b.outcome(1)).fault?.code).toBe("timeout");
  await room.run(({ seen }) => expect(seen).toEqual([]));
  expect(b.entries.map(({ entry }) => entry[1])).toEqual(["next"]);
});

test("[Q10] a handler that was given up cannot publish any more", async () => {
  const room = await testRoom(env.RatedRoom);
  const a = await speak(room);
  a.message(1, "slow", 60);
  expect((await a.outcome(1)).fault?.code).toBe("timeout");
  await vi.waitFor(() => room.run(({ seen }) => expect(seen).toEqual(["slow 60", "late timeout"])));
  expect(a.entries).toEqual([]);
});

test("[Q10] a raw hook that hangs does not hold its connection's next message up", async () => {
  const a = await (await testRoom(env.RatedRawRoom)).open();
  a.send("hang");
  a.send("next");
  expect(JSON.parse(await a.next())).toEqual({
    code: "failed",
    id: expect.stringMatching(/^\w{8}$/) as string,
  });
  expect(await a.next()).toBe("got next");
});

test("[Q1] a room whose limits cannot be answers bad-option at its first start", async () => {
  const answer = await (await testRoom(env.BadLimitRoom)).fetch();
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { code: "bad-option", id: expect.any(String) as string },
  ]);
  expect(String(logged.mock.lastCall?.[1])).toContain("limits.message is 0");
});
