// Rules R: how hooks are called, and what a fault in one of them leaves behind. Raw rooms.
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The id is that of the log. */
const FAILED = expect.stringMatching(/^failed; retry after 1000 ms: id \w{8}$/) as string;

const logged = vi.fn<typeof console.error>();
beforeEach(() => {
  logged.mockClear();
  vi.spyOn(console, "error").mockImplementation(logged);
});
afterEach(() => vi.restoreAllMocks());

test("[R1] hooks written as class fields are called like methods, with no super anywhere", async () => {
  const room = await testRoom(env.FieldRoom, { name: "fields" });
  const a = await room.open();
  expect(await a.next()).toBe("welcome");
  a.send("hi");
  expect(JSON.parse(await a.next())).toEqual({ log: ["start", "connect", "message hi"], count: 1 });
  a.close(4321, "bye");
  await a.closed();
  const answer = await room.fetch();
  expect(await answer.json()).toEqual(["start", "connect", "message hi", "close 4321"]);
});

test("[R1] messages, bytes, broadcasts and state survive sleep", async () => {
  const room = await testRoom(env.EchoRoom, { name: "sleep" });
  const a = await room.open();
  const b = await room.open();
  a.send("state");
  expect(await a.next()).toBe('{"n":1}');
  await room.evict();
  a.send("state");
  expect(await a.next()).toBe('{"n":2}');
  a.send(new Uint8Array(3).buffer);
  expect(await b.next()).toMatch(/: bytes 3$/);
  expect(await a.next()).toMatch(/: bytes 3$/);
  a.send("others only");
  expect(await b.next()).toMatch(/: others only$/);
  expect(a.waiting).toEqual([]);
});

test("[R2] [A1] [A11] a throw or a rejection in onMessage is logged once, and its sender sees code and id only", async () => {
  const room = await testRoom(env.EchoRoom, { name: "faults" });
  const a = await room.open();
  for (const text of ["throw", "reject"]) {
    a.send(text);
    const answer = JSON.parse(await a.next()) as { code: string; id: string };
    expect(answer).toEqual({ code: "failed", id: expect.stringMatching(/^\w{8}$/) });
    expect(logged).toHaveBeenCalledTimes(1);
    const [line, fault] = logged.mock.lastCall as [string, Error];
    expect(line).toBe(`[greenroom] EchoRoom/faults: onMessage failed (id ${answer.id})`);
    expect(fault.message).toBe("secret text");
    logged.mockClear();
  }
  a.send("still here");
  expect(await a.next()).toMatch(/still here$/);
});

test("[R2] [A1] a throw in onRequest is a 500 with code and id only", async () => {
  const room = await testRoom(env.FailingRoom, { name: "request" });
  const answer = await room.fetch();
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ code: "failed", id: expect.any(String) });
  expect(logged).toHaveBeenCalledTimes(1);
});

test("[R2] the user's onError hears of a fault on a connection, once", async () => {
  const room = await testRoom(env.FailingRoom, { name: "onError" });
  const a = await room.open();
  expect(await a.next()).toBe("in");
  a.send("throw");
  await a.next();
  expect(await (await room.fetch()).json()).toMatchObject({
    faults: ["Error: secret message"],
  });
});

test("[R4] [A13] a connection whose onConnect throws is closed with a code and leaves no ghost", async () => {
  const room = await testRoom(env.FailingRoom, { name: "connect" });
  const a = await room.open();
  expect(await a.closed()).toEqual({ code: 4200, reason: FAILED });
  expect(await (await room.fetch()).json()).toMatchObject({ connections: 0 });
  await room.evict();
  expect(await (await room.fetch()).json()).toMatchObject({ connections: 0 });
});

test("[R4] [A3] tags that the platform does not take close the connection with a code, without a stack", async () => {
  const room = await testRoom(env.FailingRoom, { name: "tags" });
  const a = await room.open();
  expect(await a.closed()).toEqual({ code: 4200, reason: FAILED });
  expect(a.waiting).toEqual([]);
  expect(String(logged.mock.lastCall?.[1])).toContain("getConnectionTags returned the tag");
});

test("[R5] [A16] [A17] a failing onStart answers without its text, and the next request starts the room again", async () => {
  const room = await testRoom(env.FailingRoom, { name: "start" });
  const first = await room.fetch();
  expect(first.status).toBe(500);
  expect(await first.text()).not.toContain("secret");
  expect(logged).toHaveBeenCalledTimes(1);
  const second = await room.fetch();
  expect(await second.json()).toMatchObject({ starts: 2 });
});

test("[R5] [A16] a message that woke a room whose start fails is not lost silently: its client is told to come back", async () => {
  const room = await testRoom(env.FailingRoom, { name: "start-message" });
  await (await room.fetch()).text();
  const a = await room.open();
  expect(await a.next()).toBe("in");
  await room.evict();
  a.send("who");
  expect(await a.closed()).toEqual({ code: 4200, reason: FAILED });
});

test("[R3] [A14] a connection is neither sent to nor seen until its onConnect is done", async () => {
  const room = await testRoom(env.SlowDoorRoom, { name: "door" });
  const a = await room.open({ path: "/fast" });
  expect(await a.next()).toBe("in");
  const slow = room.open({ path: "/slow" });
  a.send("hello");
  expect(await a.next()).toBe("hello");
  expect(await a.next()).toBe("1 in");
  a.send("open");
  const b = await slow;
  expect(await b.next()).toBe("in");
  a.send("again");
  expect(await b.next()).toBe("again");
  expect(await a.next()).toBe("again");
  expect(await a.next()).toBe("2 in");
});

test("[A15] messages of one connection are handled one after the other, however long one takes", async () => {
  const room = await testRoom(env.EchoRoom, { name: "order" });
  const a = await room.open();
  a.send("slow");
  a.send("fast");
  expect(await a.next()).toBe("slow is done");
  expect(await a.next()).toMatch(/: fast$/);
});

test("[A3] [A8] an id is derived from _pk and never is it; the URL is not kept", async () => {
  const room = await testRoom(env.TaggedRoom, { name: "ids" });
  const admin = await room.open({ path: "?_pk=admin&token=secret&tag=admin" });
  const first = JSON.parse(await admin.next()) as { id: string; tags: string[]; uri: null };
  expect(first.id).toMatch(/^[\w-]{22}$/);
  expect(first).toMatchObject({ tags: [first.id, "admin"], uri: null });
  const other = await room.open({ path: `?_pk=${first.id}` });
  const second = JSON.parse(await other.next()) as { id: string };
  expect(second.id).not.toBe(first.id);
  const long = await room.open({ path: `?_pk=${"x".repeat(300)}` });
  expect(JSON.parse(await long.next())).toMatchObject({ id: expect.stringMatching(/^[\w-]{22}$/) });
  await room.run((_room, state) => {
    const kept = state
      .getWebSockets()
      .map((socket) => JSON.stringify(WebSocket.prototype.deserializeAttachment.call(socket)));
    expect(kept.join()).not.toContain("secret");
  });
});

test("[A8] a URL of 17 KB connects", async () => {
  const room = await testRoom(env.TaggedRoom, { name: "long-url" });
  const a = await room.open({ path: `?x=${"y".repeat(17_000)}` });
  expect(JSON.parse(await a.next())).toMatchObject({ tags: [expect.any(String)] });
});

test("[A4] [A5] a second socket of one id supersedes the first, and getConnection finds the second", async () => {
  const room = await testRoom(env.TaggedRoom, { name: "twice" });
  const a = await room.open({ path: "?_pk=same" });
  const { id } = JSON.parse(await a.next()) as { id: string };
  const b = await room.open({ path: "?_pk=same" });
  expect(JSON.parse(await b.next())).toMatchObject({ id });
  expect(await a.closed()).toEqual({ code: 4002, reason: "superseded" });
  b.send(`one ${id}`);
  expect(await b.next()).toBe("to you");
});

test("[R1] tags, state and SQL work as partyserver's users know them", async () => {
  const room = await testRoom(env.TaggedRoom, { name: "party" });
  const a = await room.open({ path: "?tag=red&tag=large" });
  const b = await room.open({ path: "?tag=blue" });
  const { id } = JSON.parse(await b.next()) as { id: string };
  await a.next();
  a.send("tag red");
  expect(await a.next()).toBe("to red");
  a.send(`tag ${id}`);
  expect(await b.next()).toBe(`to ${id}`);
  a.send("sql word");
  expect(await a.next()).toBe('[{"a":1,"b":"word"}]');
  a.send("large");
  expect(await a.next()).toBe('state-too-large {"since":1}');
});

test("[A10] a wrong query throws what SQLite says", async () => {
  const room = await testRoom(env.TaggedRoom, { name: "wrong" });
  const a = await room.open();
  await a.next();
  a.send("wrong");
  expect(await a.next()).toContain('near "SELEKT": syntax error');
});

test("[A2] props from a stranger reach nobody", async () => {
  const room = await testRoom(env.FieldRoom, { name: "props" });
  const answer = await room.fetch("", {
    headers: { "x-partykit-props": "{not json", "x-partykit-room": "x" },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(["start"]);
});

test("[R6] [A21] [A22] a room that was only looked at stores nothing", async () => {
  const room = await testRoom(env.EchoRoom, { name: "looked-at" });
  await (await room.fetch()).text();
  const a = await room.open();
  a.close();
  await a.closed();
  await room.run(async (_room, state) => {
    expect(state.storage.sql.databaseSize).toBe(4_096);
    expect((await state.storage.list()).size).toBe(0);
    expect(await state.storage.getAlarm()).toBe(null);
  });
});

test("[R7] a bare close() by the peer completes, and one with a code is answered with it", async () => {
  const room = await testRoom(env.EchoRoom, { name: "closing" });
  const a = await room.open();
  const b = await room.open();
  a.close();
  expect((await a.closed()).code).toBe(1005);
  expect(await b.next()).toMatch(/^left .* 1005$/);
  b.close(4567, "my reason");
  expect(await b.closed()).toEqual({ code: 4567, reason: "my reason" });
});

test("[R2] a throw in onClose is logged, and the close completes", async () => {
  const room = await testRoom(env.FailingRoom, { name: "close" });
  const a = await room.open();
  await a.next();
  a.close(4001, "x");
  expect((await a.closed()).code).toBe(4001);
  expect(logged).toHaveBeenCalledTimes(1);
});

test("[A33] hibernate: false is refused at the first start, with the class and what to change", async () => {
  const room = await testRoom(env.SleeplessRoom, { name: "awake" });
  const answer = await room.fetch();
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ code: "hibernate-off", id: expect.any(String) });
  expect(String(logged.mock.lastCall?.[1])).toContain("SleeplessRoom sets hibernate: false");
  const a = await room.open();
  expect((await a.closed()).code).toBe(4200);
});

test("[A6] an object that was not addressed by name says so", async () => {
  const object = env.EchoRoom.get(env.EchoRoom.newUniqueId());
  expect(await (await object.fetch("http://room/")).json()).toMatchObject({ code: "no-name" });
});
