// What tests get wrong, and how soon and how clearly they are told so.
import {
  evictionSuite,
  expectCost,
  simulate,
  type SimulateOptions,
  testRoom,
  time,
} from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import "@greenroom/testing/matchers";

import { look } from "../src/look.ts";
import { whyNotLent } from "../src/plugin.ts";
import { patienceOfTest } from "../src/waits.ts";
import { tally } from "./worker.ts";

const MINUTE = 60_000;

/** What something rejects with, in words: asked before it is made to. */
function faultOf(done: Promise<unknown>): Promise<string> {
  return done.then(
    () => "nothing",
    (fault: unknown) => (fault instanceof Error ? fault.message : String(fault)),
  );
}

afterEach(() => void vi.useRealTimers());

test("what `accept` throws is thrown by the wait, whenever it comes", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const next = anna.next("added", ({ key }) => {
    throw new Error(`not ${key}`);
  });
  const [fault] = await Promise.all([faultOf(next), anna.send("add", { key: "one" })]);
  expect(fault).toBe("not one");
});

test("a move of time that is not awaited is finished before the next, and rings once", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("remind", { after: MINUTE });
  const began = time.now;
  const first = time.advance(2 * MINUTE);
  const second = time.advance(2 * MINUTE);
  expect(await first).toEqual([{ room: room.name, at: began + MINUTE }]);
  expect(await second).toEqual([]);
  expect(time.now).toBe(began + 4 * MINUTE);
  expect(anna.received("reminded")).toEqual([began + MINUTE]);
});

test("a move that is under way when the test ends says so, and moves no other test's clock", async () => {
  const room = await testRoom(env.TallyRoom);
  await room.connect(tally);
  const moving = faultOf(time.advance(2 * MINUTE));
  time.release(); // as at the end
  expect(await moving).toBe(
    'The test ("a move that is under way when the test ends says so, and moves no other test\'s clock") has ended while time is moved: is time.advance awaited?',
  );
  expect(vi.getMockedSystemTime()).toBeNull();
  const now = Date.now();
  await testRoom(env.TallyRoom); // begins a day ahead again, and not where the other has come to
  expect(time.now - now).toBeLessThan(24 * 60 * MINUTE + 30_000);
});

test("time moves by what a clock can tell", async () => {
  await testRoom(env.TallyRoom);
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, "5" as never]) {
    await expect(time.advance(ms)).rejects.toThrow(/^Time cannot move by /);
  }
});

test("a room's clock is not set to the past, where its alarms would ring by themselves", async () => {
  const past = /^The clock of a room cannot be set to 2020-01-01T00:00:00\.000Z: .*still to come/;
  time.freeze(Date.UTC(2020, 0, 1));
  await expect(testRoom(env.TallyRoom)).rejects.toThrow(past);
  time.release();
  await testRoom(env.TallyRoom);
  expect(() => time.freeze(Date.UTC(2020, 0, 1))).toThrow(past);
});

test("a clock that the test has let go stands again with the next move", async () => {
  const room = await testRoom(env.TallyRoom);
  const began = time.now;
  vi.useRealTimers();
  await time.advance(MINUTE);
  expect(time.now - began).toBeGreaterThanOrEqual(MINUTE);
  expect((await room.stored()).alarm).toBeNull();
});

test("fake timers beside virtual time are refused", async () => {
  const room = await testRoom(env.TallyRoom);
  vi.useFakeTimers();
  const refused = "vi.useFakeTimers() stops what a room and its clients wait for";
  await expect(testRoom(env.TallyRoom)).rejects.toThrow(refused);
  await expect(time.advance(1)).rejects.toThrow(refused);
  expect(() => room.dial(tally)).toThrow(refused);
});

test("an eviction waits for what the room is doing, and says so when that does not end", async () => {
  const room = await testRoom(env.TallyRoom, { patience: 100 });
  // As a handler that waits for something outside: it does so really.
  const doing = room.run(() => new Promise((resolve) => setTimeout(resolve, 300)));
  await expect(room.evict()).rejects.toThrow(
    /^Room "test-.*" is still doing something, .* was not evicted within 100 ms\.$/,
  );
  await doing;
  await room.evict();
});

test("a room that dies as time moves, or as it is evicted, is a fault of neither", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("add", { key: "one" });
  for (let times = 0; times < 5; times++) {
    await Promise.all([room.crash(), time.advance(1), room.evict(), room.crash(), room.stored()]);
    await Promise.all([room.evict(), room.crash(), room.evict({ sockets: "close" })]);
  }
  expect(await anna.call("sum")).toBe(1);
});

test("a room that dies under each look is said to", async () => {
  const room = await testRoom(env.TallyRoom);
  const looked = look(
    () => room.stub,
    (_room, state) => state.abort("of looks"),
  );
  await expect(looked).rejects.toThrow(
    /^The room dies again and again, 10 times in one look: .*of looks/,
  );
});

test("a client that its test has closed says so, and in which test", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const ben = room.dial(tally);
  const next = faultOf(anna.next("added"));
  const connected = faultOf(ben.connected());
  room.close();
  expect(await next).toMatch(
    /^The client is closed: by its own test \("a client that its test .* which test"\), or the end of that \(is everything awaited\?\); .* cannot come any more\.$/,
  );
  expect(await connected).toMatch(/^The client is closed: by its own test .* It was connecting\.$/);
  expect(() => room.dial(tally)).toThrow(/^Room "test-.*" is closed: .* Is everything awaited\?$/);
});

test("a client that cannot connect says what its last dial met", async () => {
  const through = { fetch: async () => new Response("no such thing", { status: 500 }) };
  const room = await testRoom(env.TallyRoom, { through, patience: 100 });
  await expect(room.connect(tally)).rejects.toThrow(
    /^The client is connecting, and its last dial has failed \(The room answered 500 no such thing\.\); what came last: nothing\. The connection did not come within 100 ms\.$/,
  );
});

test("a client that the room sends away again and again says how it does", async () => {
  const fetch = async (): Promise<Response> => {
    const { 0: webSocket, 1: server } = new WebSocketPair();
    server.accept();
    server.close(4200, "failed");
    return new Response(null, { status: 101, webSocket });
  };
  const room = await testRoom(env.TallyRoom, { through: { fetch }, patience: 200 });
  await expect(room.connect(tally)).rejects.toThrow(
    /^The client is connecting, and its last connection was ended by the room \(4200 failed\); what came last: nothing\./,
  );
});

test("a response that nobody reads keeps no room from being evicted", async () => {
  const room = await testRoom(env.EchoRoom, { patience: 2_000 });
  const response = await room.fetch("?red");
  await room.evict();
  expect(await response.text()).toBe("?red");
});

test("no wait is as long as its test may take, whatever patience is asked for", async ({
  task,
}) => {
  expect(patienceOfTest(1e9)).toBe(task.timeout * 0.8);
  expect(patienceOfTest(100)).toBe(100);
});

test("a price that is exceeded tells which SQL has written the rows", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("add", { key: "the first" });
  const cost = await expectCost(room);
  for (let n = 0; n < 3; n++) await anna.send("add", { key: String(n) });
  await cost.rowsPerMessage(2);
  await expect(cost.rowsPerMessage(1)).rejects.toThrow(
    /^rows written per message is 2, and at most 1 was expected: 3 messages, 6 rows written, \d+ read, 0 alarms set\.\n3 by INSERT INTO kept \(key\) VALUES \(\?\)\n3 by the room itself, /,
  );
});

test("a Worker that does not load says why, and not that there is no workerd", () => {
  const cause = new Error('Could not resolve "croner"');
  expect(whyNotLent(cause, navigator.userAgent)).toBe(cause);
  expect(whyNotLent(cause, "Node.js/26")).toMatchObject({
    cause,
    message: expect.stringContaining("runs inside of workerd"),
  });
});

test("a simulation that shows nothing does not pass", async () => {
  const room = await testRoom(env.TallyRoom);
  const options = { messages: 5, faults: { cuts: 0 }, keys: {} };
  await expect(
    simulate(room, tally, {
      ...options,
      send: (client) => client.send("add", { key: 1 as never }),
    }),
  ).rejects.toThrow(
    /^The simulation of seed 1 broke off: of 5 messages none was taken \(invalid\)/,
  );
  await expect(
    simulate(room, tally, { ...options, send: (client, key) => client.send("add", { key }) }),
  ).rejects.toThrow(/broke off: `keys` has read no key out of \d+ entries that came/);
  const mistake = (_client: unknown, key: string): Promise<never> =>
    Promise.reject(new TypeError(`no ${key}`));
  await expect(simulate(room, tally, { ...options, send: mistake })).rejects.toThrow(
    /^The simulation of seed 1 broke off: no 1\.\d/,
  );
});

test("a simulation takes a room of its own, and clients that stay", async () => {
  const room = await testRoom(env.TallyRoom);
  const options: SimulateOptions<(typeof tally)["shape"]> = {
    messages: 5,
    faults: { crashes: 0 },
    send: (client, key) => client.send("add", { key }),
    keys: { added: ({ key }) => key },
  };
  await simulate(room, tally, options);
  await expect(simulate(room, tally, options)).rejects.toThrow(
    /broke off: the room has told of "1\.\d" before anything was sent: each simulation takes a new room\n?$/,
  );
  const other = await testRoom(env.TallyRoom);
  const send: (typeof options)["send"] = async (client, key) => {
    await client.send("add", { key });
    if (key === "1.4") await other.run((instance) => instance.members()[0]?.kick("enough"));
  };
  await expect(simulate(other, tally, { ...options, send })).rejects.toThrow(
    /broke off: client \d was closed for good: kicked: enough \(4003\)/,
  );
});

test("an eviction suite takes each client's name once, and not the room's", () => {
  const suite = { room: env.TallyRoom, contract: tally, steps: [() => 1, () => 2] };
  for (const clients of [["room"], ["anna", "anna"]]) {
    expect(() => evictionSuite("names", { ...suite, clients })).toThrow(
      "each takes a name of its own",
    );
  }
});

test.concurrent("tests that run at the same time are told that they share a clock", async () => {
  await expect(testRoom(env.TallyRoom)).rejects.toThrow(
    "Tests with rooms share one clock, and cannot be `concurrent`",
  );
});
