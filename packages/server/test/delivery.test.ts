import { helloProtocols } from "@greenroom/protocol";
import { testRoom, time } from "@greenroom/testing/workers";
// Rules S, U, F6 and parts of L in real workerd: what a contract room does with frames.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { sessionToken, speak } from "./speak.ts";

const logged = vi.fn<typeof console.error>();
beforeEach(() => {
  logged.mockClear();
  vi.spyOn(console, "error").mockImplementation(logged);
});
afterEach(() => vi.restoreAllMocks());

let ghost: WebSocket | undefined;

const said = (...texts: string[]): unknown =>
  texts.map((text) => expect.objectContaining({ text }));
const values = (entries: readonly { entry: readonly unknown[] }[]): unknown[] =>
  entries.map(({ entry }) => entry[1]);

test("[S1] [L1] [L8] a message is carried out once, and published to everybody in order with a dense seq", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const b = await speak(room);
  a.message(1, "say", { text: "one" });
  a.message(2, "say", { text: "two" });
  a.message(2, "say", { text: "two" });
  a.message(1, "say", { text: "one" });
  b.message(1, "say", { text: "three" });
  await b.outcome(1);
  await a.until(3);
  expect(a.entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(b.entries).toEqual(a.entries);
  const texts = values(a.entries).map((value) => (value as { text: string }).text);
  expect(texts.toSorted()).toEqual(["one", "three", "two"]);
  expect(texts.indexOf("one")).toBeLessThan(texts.indexOf("two"));
});

test("[S1] [S2] a repeat after eviction and on a new connection is answered again and not carried out", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session });
  a.message(1, "note", "first");
  a.call(2, "add", 7);
  expect(await a.outcome(2)).toEqual({ answer: 2 });
  await room.evict({ sockets: "close" });
  const b = await speak(room, { session });
  expect(b.welcome.n).toBe(2);
  b.message(1, "note", "first");
  b.call(2, "add", 7);
  expect(await b.outcome(1)).toEqual({});
  expect(await b.outcome(2)).toEqual({ answer: 2 });
  await room.run((instance) => expect(instance.notes()).toEqual(["first", "7"]));
});

test("[S3] a rejection is repeated as it was, once the session's next message has made it durable", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.message(1, "fail", "refuse");
  a.message(2, "note", "kept");
  expect(await a.outcome(1)).toEqual({ fault: { code: "refused", reason: "not like this" } });
  await a.outcome(2);
  await room.evict();
  a.items.length = 0;
  a.message(1, "fail", "refuse");
  expect(await a.outcome(1)).toEqual({ fault: { code: "refused", reason: "not like this" } });
  expect(logged).not.toHaveBeenCalled();
});

test("[S3] an answer that is no longer kept is outcome-unknown", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  for (let n = 1; n <= 40; n++) a.call(n, "count");
  await a.outcome(40);
  a.items.length = 0;
  a.call(3, "count");
  expect(await a.outcome(3)).toEqual({ fault: { code: "outcome-unknown" } });
  a.call(9, "count");
  expect(await a.outcome(9)).toEqual({ answer: 9 });
});

test("[S4] [S11] an asynchronous handler holds back its own session and no other, and a repeat of it waits for its outcome", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const b = await speak(room);
  a.message(1, "later", { text: "slow", ms: 30 });
  a.message(1, "later", { text: "slow", ms: 30 });
  a.message(2, "say", { text: "after" });
  b.message(1, "say", { text: "meanwhile" });
  await a.until(4);
  expect(values(a.entries)).toEqual(said("meanwhile", "slow begins", "slow ends", "after"));
  expect(await a.outcome(2)).toEqual({});
  expect(a.entries).toHaveLength(4);
});

test("[S7] what an asynchronous handler publishes is committed when it ends, or not at all", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.message(1, "later", { text: "fail", ms: 1 });
  expect(await a.outcome(1)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
  expect(a.entries).toEqual([]);
  a.call(2, "count");
  expect(await a.outcome(2)).toEqual({ answer: 1 });
});

test("[S5] [U4] a handler that throws changes nothing: SQL, publishes, signals, count; others of the burst stand", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  await a.item("s");
  a.message(1, "note", "before");
  a.message(2, "fail", "secret words");
  a.message(3, "note", "after");
  a.call(4, "count");
  expect(await a.outcome(2)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
  expect(await a.outcome(4)).toEqual({ answer: 3 });
  expect(a.entries).toEqual([]);
  expect(a.items.filter(([kind]) => kind === "s")).toHaveLength(1);
  expect(JSON.stringify(a.items)).not.toContain("secret");
  expect(logged).toHaveBeenCalledTimes(1);
  await room.run((instance) => expect(instance.notes()).toEqual(["before", "after"]));
});

test("[S6] [K1] what does not match the contract is answered with its issues, and what is not in it as unknown", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.message(1, "say", { text: "" });
  a.message(2, "nothing", 1);
  a.call(3, "say", { text: "x" });
  a.message(4, "constructor", {});
  a.message(5, "onConnect", {});
  expect(await a.outcome(1)).toEqual({
    fault: { code: "invalid", issues: [{ path: "text", message: expect.any(String) }] },
  });
  for (const n of [2, 3, 4, 5]) expect(await a.outcome(n)).toEqual({ fault: { code: "unknown" } });
  await room.run((_room, state) => expect(state.storage.sql.databaseSize).toBe(4_096));
});

test("[S8] a handler that returns a promise without being async is refused", async () => {
  const a = await speak(await testRoom(env.ChatRoom));
  a.message(1, "sneaky", "x");
  expect(await a.outcome(1)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
  expect(String(logged.mock.lastCall?.[1])).toContain("Write `async` before the handler");
  expect(a.entries).toEqual([]);
});

test("[S9] [A4] a newer connection of a session supersedes the older one, of which nothing more is carried out", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session });
  // The server's end of the first connection, as it stays while its peer is half-open.
  await room.run((_room, state) => {
    ghost = state.getWebSockets()[0];
  });
  const b = await speak(room, { session });
  expect(b.id).toBe(a.id);
  expect(await a.dialled.closed()).toEqual({ code: 4002, reason: "superseded" });
  await room.run(async (instance) => {
    await instance.webSocketMessage(ghost as WebSocket, '["m",1,"say",{"text":"from the ghost"}]');
  });
  b.message(1, "say", { text: "from the living" });
  await b.until(1);
  expect(values(b.entries)).toEqual(said("from the living"));
  expect(b.items.some((item) => item[0] === "s" && item[1] === "poke")).toBe(false);
});

test("[S9] [S11] while a handler of the older connection runs, its number is not given out again", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session });
  a.call(1, "ask", "who");
  await a.item("q");
  const b = await speak(room, { session });
  expect(b.welcome.n).toBe(1);
  b.message(2, "say", { text: "next" });
  b.call(1, "ask", "who");
  expect(await b.outcome(1)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
  await b.until(1);
  expect(values(b.entries)).toEqual(said("next"));
});

test("[S13] a handshake that was held back takes nothing over from a later one of the same client", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session, dial: [7, 2] });
  await room.evict();
  const late = await room.open({
    protocols: helloProtocols({ session, epoch: null, seq: null, dial: [7, 1] }),
  });
  expect(await late.closed()).toEqual({ code: 4002, reason: "superseded" });
  a.message(1, "say", { text: "still here" });
  await a.until(1);
  expect(values(a.entries)).toEqual(said("still here"));
});

test("[S9] [S13] a later handshake of the same client, and one of a page that was reloaded, supersede", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session, dial: [7, 2] });
  const b = await speak(room, { session, dial: [7, 3] });
  expect(await a.dialled.closed()).toEqual({ code: 4002, reason: "superseded" });
  await speak(room, { session, dial: [8, 1] });
  expect(await b.dialled.closed()).toEqual({ code: 4002, reason: "superseded" });
});

test("[S10] [A3] a public id differs from room to room, and is not the token", async () => {
  const session = sessionToken();
  const a = await speak(await testRoom(env.ChatRoom), { session });
  const b = await speak(await testRoom(env.ChatRoom), { session });
  expect(a.id).toMatch(/^[\w-]{22}$/);
  expect(b.id).not.toBe(a.id);
  expect(session).not.toContain(a.id);
});

test("[S12] the room asks a member and gets its answer, its refusal, or a timeout", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.call(1, "ask", "who");
  const [, first] = (await a.item("q")) as ["q", number, string, unknown];
  a.raw(["r", first, "me"]);
  expect(await a.outcome(1)).toEqual({ answer: "me" });
  a.call(2, "ask", "who");
  const [, second] = (await a.item("q")) as ["q", number, string, unknown];
  a.raw(["f", second, "will not say"]);
  expect(await a.outcome(2)).toEqual({ fault: { code: "refused", reason: "will not say" } });
  a.call(3, "ask", "who");
  expect(await a.outcome(3)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
  expect(String(logged.mock.lastCall?.[1])).toContain("timeout");
});

test("[S15] a question over 1 MiB is not asked, and an answer over the limit is a refusal at once", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.call(1, "ask", "x".repeat(1_048_570));
  expect(await a.outcome(1)).toEqual({ fault: { code: "too-large" } });
  a.call(2, "ask", "who");
  const [, question] = (await a.item("q")) as ["q", number, string, unknown];
  a.raw(["r", question, "x".repeat(1_100_000)]);
  expect(await a.outcome(2)).toEqual({ fault: { code: "refused", reason: "too-large" } });
});

test("[S14] an answer that does not match is a fault of the handler that asked, and its issues reach nobody", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.call(1, "ask", "who");
  const [, question] = (await a.item("q")) as ["q", number, string, unknown];
  a.raw(["r", question, 7]);
  expect(await a.outcome(1)).toEqual({ fault: { code: "failed", id: expect.any(String) } });
  expect(logged.mock.lastCall?.[1]).toMatchObject({ code: "invalid" });
});

test("[U1] [U2] messages that arrive together are one turn, one row and one frame", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const b = await speak(room);
  const before = b.frames();
  await room.run(async (instance, state) => {
    const [socket] = state.getWebSockets(`id:${a.id}`);
    const frames = Array.from({ length: 20 }, (_, n) =>
      JSON.stringify(["m", n + 1, "say", { text: String(n + 1) }]),
    );
    await Promise.all(frames.map((frame) => instance.webSocketMessage(socket as WebSocket, frame)));
    expect(state.storage.sql.exec("SELECT count(*) AS n FROM greenroom_log").one()["n"]).toBe(2);
  });
  await b.until(20);
  // The first is handled at once, the others together while its commit is under way.
  expect(b.frames() - before).toBe(2);
  await a.outcome(20);
  expect(a.entries).toHaveLength(20);
});

test("[U3] what a burst would send does not leave when its commit does not come", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const b = await speak(room);
  a.message(1, "crash", "never said");
  expect((await b.dialled.closed()).code).toBe(1006);
  expect(b.entries).toEqual([]);
  expect(a.items.some(([kind]) => kind === "a")).toBe(false);
  const c = await speak(room);
  expect(c.welcome).toMatchObject({ head: 0, epoch: null });
});

test("[F6] a frame that cannot be read is answered, writes nothing, and the connection goes on", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const hostile = [
    "",
    "{}",
    "[",
    "[1,2]",
    '["m"]',
    '["m",0,"say"]',
    '["m",1e99,"say"]',
    '["m",1,{}]',
    '["z",1,"say"]',
    '["__proto__",1]',
    "\ud800",
    "null",
  ];
  for (const frame of hostile) a.dialled.send(frame);
  a.dialled.send(new Uint8Array([1, 2, 3]).buffer);
  a.call(1, "count");
  expect(await a.outcome(1)).toEqual({ answer: 1 });
  const faults = a.items.filter((item) => item[0] === "x");
  expect(faults).toHaveLength(hostile.length + 1);
  expect(
    faults.every((item) => item[1] === 0 && (item[2] as { code: string }).code === "malformed"),
  ).toBe(true);
  expect(logged).not.toHaveBeenCalled();
});

test("[L7] a message, an event or an answer over 1 MiB is refused with a type, and writes nothing", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.message(1, "note", "x".repeat(1_048_600));
  expect(await a.outcome(1)).toEqual({ fault: { code: "too-large" } });
  a.message(2, "big", 1_048_600);
  expect(await a.outcome(2)).toEqual({ fault: { code: "too-large" } });
  await room.run((_room, state) => expect(state.storage.sql.databaseSize).toBe(4_096));
  a.message(3, "big", 1_000_000);
  await a.until(1);
  expect(await a.outcome(3)).toEqual({});
});

test("[L7] a frame of 40 MiB is refused without being read", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  a.dialled.send("x".repeat(40 * 1_048_576));
  expect(await a.item("x")).toEqual(["x", 0, { code: "too-large" }]);
  a.call(1, "count");
  expect(await a.outcome(1)).toEqual({ answer: 1 });
});

test("[T1] [T2] only accepted messages count and move the deadline", async () => {
  const room = await testRoom(env.ChatRoom);
  const start = time.now;
  const a = await speak(room);
  a.message(1, "say", { text: "x" });
  await a.outcome(1);
  await time.advance(60_000);
  a.message(2, "say", { text: "" });
  a.message(3, "fail", "x");
  await a.outcome(3);
  await room.run(({ lifecycle }) =>
    expect(lifecycle).toMatchObject({ messages: 1, lastMessageAt: start }),
  );
  expect(await room.alarm()).toBe(start + 30 * 60_000);
});

test("[T3] [T4] [L2] after the purge the next message finds a new room with a new epoch", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session });
  a.message(1, "say", { text: "old" });
  await a.until(1);
  const [, epoch] = (await a.item("n")) as ["n", string];
  await time.advance(30 * 60_000);
  expect(await a.dialled.closed()).toEqual({ code: 4001, reason: "expired" });
  await room.run((_room, state) => expect(state.storage.sql.databaseSize).toBe(4_096));
  const b = await speak(room, { session, epoch, seq: 1 });
  expect(b.welcome).toMatchObject({ resume: "reset", epoch: null, head: 0, n: 0 });
  b.message(1, "say", { text: "new" });
  await b.until(1);
  expect(values(b.entries)).toEqual(said("new"));
  const [, next] = (await b.item("n")) as ["n", string];
  expect(next).not.toBe(epoch);
});

test("[H2] a hello that cannot be read, or another version, is closed with unsupported", async () => {
  const room = await testRoom(env.ChatRoom);
  for (const protocols of [
    ["greenroom.2"],
    ["greenroom.1", "greenroom.hello.!!!"],
    ["greenroom.1", "greenroom.hello.W10"],
  ]) {
    const a = await room.open({ protocols });
    expect(await a.closed()).toEqual({ code: 4005, reason: "unsupported" });
  }
});

test("[H3] [H4] a plain WebSocket without a hello is a new session, and is welcomed first", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await room.open();
  const [first] = JSON.parse(await a.next()) as [["w", { id: string }]];
  expect(first[0]).toBe("w");
  a.send('["m",1,"say",{"text":"by hand"}]');
  expect(await a.next()).toContain("by hand");
  const [[, other]] = JSON.parse(await (await room.open()).next()) as [["w", { id: string }]];
  for (const { id } of [first[1], other]) expect(id).toMatch(/^[\w-]{22}$/);
  expect(other.id).not.toBe(first[1].id);
});

test("[H12] what a connection sends before its welcome is answered behind it", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await room.open();
  a.send('["m",1,"say",{"text":"at once"}]');
  expect(await a.next()).toMatch(/^\[\["w",/);
  expect(await a.next()).toContain("at once");
});

test("[H13] who goes before its welcome has come before it leaves", async () => {
  const room = await testRoom(env.ChatRoom);
  const b = await speak(room);
  await b.item("s");
  const a = await room.open();
  a.close();
  const [, came, { from }] = (await b.item("s")) as ["s", string, { from: string }];
  expect(came).toBe("typing");
  expect(await b.item("s")).toEqual(["s", "poke", `left ${from}`]);
});

test("[R3] a member is seen when its onConnect is done, and its leaving is told once", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const b = await speak(room);
  expect(await a.item("s")).toEqual(["s", "typing", { from: a.id }]);
  expect(await a.item("s")).toEqual(["s", "typing", { from: b.id }]);
  await room.run((instance) => {
    expect(new Set(instance.members().map(({ id }) => id))).toEqual(new Set([a.id, b.id]));
    expect(instance.member(b.id)?.state).toEqual({ joined: true });
  });
  b.dialled.close();
  expect(await a.item("s")).toEqual(["s", "poke", `left ${b.id}`]);
});

test("[R9] a connection that ends by an error leaves like any other, once", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const b = await speak(room);
  await room.run(async (instance, state) => {
    const [socket] = state.getWebSockets(`id:${b.id}`);
    await instance.webSocketError(socket as WebSocket, new Error("Message is too large"));
    await instance.webSocketClose(socket as WebSocket, 1006, "", false);
  });
  a.call(1, "count");
  await a.outcome(1);
  const left = a.items.filter((item) => item[0] === "s" && item[1] === "poke");
  expect(left).toEqual([["s", "poke", `left ${b.id}`]]);
  expect(logged).toHaveBeenCalledTimes(1);
});

test("[L6] [L8] what a method publishes from outside all hooks is kept, sent, and extends the room's life", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  await room.run((instance) => {
    instance.publish("said", { from: "the room", text: "notice" });
    instance.signal("poke", "now");
  });
  await a.until(1);
  expect(values(a.entries)).toEqual(said("notice"));
  await room.run(async (instance, state) => {
    expect(instance.lifecycle.messages).toBe(0);
    expect(await state.storage.getAlarm()).toBe(instance.lifecycle.deadline);
  });
  const b = await speak(room);
  expect(b.entries).toHaveLength(1);
  expect(b.items.some((item) => item[0] === "s" && item[1] === "poke")).toBe(false);
});

test("[L8] what is published in a transaction of the app's own is sent when that is committed, and only then", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const heads = await room.run(async (instance, { storage }) => {
    const publish = (text: string): void => instance.publish("said", { from: "rpc", text });
    const lost = (): never => {
      publish("lost");
      throw new Error("rolled back");
    };
    expect(() => storage.transactionSync(lost)).toThrow("rolled back");
    await expect(
      storage.transaction(async () => {
        await Promise.resolve();
        return lost();
      }),
    ).rejects.toThrow("rolled back");
    await storage.transaction(async (txn) => {
      publish("lost");
      txn.rollback();
      await Promise.resolve();
    });
    const kept = [instance.log.head];
    await storage.transaction(async () => {
      publish("one");
      await Promise.resolve();
      storage.transactionSync(() => publish("two"));
      expect(() => storage.transactionSync(lost)).toThrow("rolled back");
      kept.push(instance.log.head);
    });
    return [...kept, instance.log.head];
  });
  expect(heads).toEqual([0, 0, 2]);
  await a.until(2);
  await room.evict();
  a.message(1, "say", { text: "three" });
  await a.outcome(1);
  await a.until(3);
  expect(values(a.entries)).toEqual(said("one", "two", "three"));
  expect((await speak(room)).entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});
