import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
// Rules H in real workerd: what a client that comes back is told, whatever happened meanwhile.
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { chat } from "./rooms/chat.ts";
import { sessionToken, speak, type Speaker } from "./speak.ts";

const seqs = ({ entries }: Speaker): number[] => entries.map(({ seq }) => seq);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Lets somebody say so many things, and gives the room's epoch. */
async function fill(room: Pick<TestRoom<undefined>, "open">, count: number): Promise<string> {
  const a = await speak(room);
  for (let n = 1; n <= count; n++) {
    a.message(n, "say", { text: String(n) });
    if (n % 10 === 0) await a.outcome(n);
  }
  await a.outcome(count);
  const [, epoch] = (await a.item("n")) as ["n", string];
  return epoch;
}

test("[H5] a client without a position gets the newest entries that the room keeps for newcomers", async () => {
  const room = await testRoom(env.ChatRoom);
  const empty = await speak(room);
  expect(empty.welcome).toMatchObject({ resume: "joined", seq: 0, head: 0, epoch: null });
  const epoch = await fill(room, 10);
  const b = await speak(room);
  expect(b.welcome).toMatchObject({ resume: "joined", seq: 7, head: 10, epoch });
  expect(seqs(b)).toEqual([8, 9, 10]);
});

test.each(["keep", "close"] as const)(
  "[H6] [H10] a client that comes back gets all that it missed, in order, once: sockets %s, and a month later",
  async (sockets) => {
    const room = await testRoom(env.ChatRoom);
    const epoch = await fill(room, 20);
    await time.advance(20 * 60_000);
    await room.evict({ sockets });
    for (const seq of [0, 1, 19]) {
      const b = await speak(room, { epoch, seq });
      expect(b.welcome).toMatchObject({ resume: "resumed", seq, head: 20 });
      expect(seqs(b)).toEqual(range(seq + 1, 20));
    }
    const last = await speak(room, { epoch, seq: 20 });
    expect(last.welcome.resume).toBe("resumed");
    expect(seqs(last)).toEqual([]);
  },
);

test("[H7] a client whose next entry is gone is told so, and gets all that is left", async () => {
  const room = await testRoom(env.ChatRoom);
  const epoch = await fill(room, 200);
  const b = await speak(room, { epoch, seq: 5 });
  const { seq } = b.welcome;
  expect(b.welcome).toMatchObject({ resume: "snapshot", head: 200 });
  expect(200 - seq).toBeGreaterThanOrEqual(40);
  expect(seqs(b)).toEqual(range(seq + 1, 200));
});

test("[H5] [H7] where the app makes snapshots, newcomers and latecomers get one, with no gap to what is live", async () => {
  const room = await testRoom(env.SnapshotRoom);
  const a = await speak(room);
  expect(a.welcome).toMatchObject({ resume: "snapshot", snapshot: {}, seq: 0 });
  for (let n = 1; n <= 100; n++) {
    a.message(n, "put", [`key ${n % 3}`, n]);
    if (n % 10 === 0) await a.outcome(n);
  }
  const [, epoch] = (await a.item("n")) as ["n", string];
  const b = await speak(room);
  expect(b.welcome).toMatchObject({
    resume: "snapshot",
    seq: 100,
    snapshot: { "key 0": 99, "key 1": 100, "key 2": 98 },
  });
  const c = await speak(room, { epoch, seq: 2 });
  expect(c.welcome).toMatchObject({ resume: "snapshot", seq: 100 });
  const d = await speak(room, { epoch, seq: 99 });
  expect(d.welcome).toMatchObject({ resume: "resumed", seq: 99 });
  expect(d.welcome.snapshot).toBeUndefined();
  a.message(101, "put", ["key 0", 101]);
  for (const speaker of [b, c]) {
    await speaker.until(101);
    expect(seqs(speaker)).toEqual([101]);
  }
});

test("[R4] [H5] a snapshot that throws keeps out whoever asked for it, and nobody else", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const room = await testRoom(env.SnapshotRoom);
  const a = await speak(room);
  a.message(1, "put", ["broken", 1]);
  await a.until(1);
  const b = await room.open();
  expect(await b.closed()).toEqual({
    code: 4200,
    reason: expect.stringMatching(/^failed; retry after 1000 ms: id \w{8}$/) as string,
  });
  expect(b.waiting).toEqual([]);
  expect(logged.mock.lastCall?.[0]).toContain("onSnapshot failed");
  a.message(2, "put", ["key", 2]);
  await a.until(2);
  logged.mockRestore();
});

test("[H8] [H9] another epoch, or a position ahead of the log, is reset; seq 0 never is", async () => {
  const room = await testRoom(env.ChatRoom);
  const epoch = await fill(room, 5);
  for (const past of [
    { epoch: "another", seq: 3 },
    { epoch: null, seq: 3 },
    { epoch, seq: 6 },
  ]) {
    const b = await speak(room, past);
    expect(b.welcome).toMatchObject({ resume: "reset", seq: 2, epoch });
    expect(seqs(b)).toEqual([3, 4, 5]);
  }
  for (const past of [
    { epoch: null, seq: 0 },
    { epoch: "another", seq: 0 },
  ]) {
    const b = await speak(room, past);
    expect(b.welcome).toMatchObject({ resume: "resumed", seq: 0 });
    expect(seqs(b)).toEqual(range(1, 5));
  }
});

test("[L8] who connects while others publish has neither a gap nor a double", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  const joined: Speaker[] = [];
  for (let n = 1; n <= 60; n++) {
    a.message(n, "say", { text: String(n) });
    if (n % 10 === 0) joined.push(await speak(room, { epoch: null, seq: 0 }));
  }
  for (const b of joined) {
    await b.until(60);
    expect(seqs(b)).toEqual(range(b.welcome.seq + 1, 60));
  }
});

test("[H6] [L8] where long answers lie between two entries, both reach whoever joins or comes back", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await room.connect(chat);
  a.answer("name", () => "x".repeat(3_000));
  await a.send("say", { text: "one" });
  // Each fills a row of the log, without an entry.
  for (let n = 0; n < 3; n++) await a.call("ask", "who?");
  await a.send("say", { text: "two" });
  const joined = await speak(room);
  const resumed = await speak(room, { epoch: a.epoch, seq: 0 });
  for (const each of [joined, resumed]) {
    await each.until(2);
    expect(seqs(each)).toEqual([1, 2]);
  }
});

test("[H6] a long resume comes in several frames, in order", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  for (let n = 1; n <= 6; n++) a.message(n, "say", { text: "x".repeat(150_000) });
  await a.until(6);
  const b = await speak(room, { session: sessionToken(), epoch: null, seq: 0 });
  await b.until(6);
  expect(seqs(b)).toEqual(range(1, 6));
  expect(b.frames()).toBeGreaterThan(1);
});

test("[L5] calls page backwards through the log, entries of the same burst included", async () => {
  const room = await testRoom(env.ChatRoom);
  const a = await speak(room);
  await room.run(async (instance, state) => {
    const [socket] = state.getWebSockets();
    const frames = [
      ...Array.from({ length: 10 }, (_, n) => ["m", n + 1, "say", { text: String(n + 1) }]),
      ["c", 11, "page", { before: 9, limit: 3 }],
    ];
    await Promise.all(
      frames.map((frame) => instance.webSocketMessage(socket as WebSocket, JSON.stringify(frame))),
    );
  });
  expect(await a.outcome(11)).toEqual({ answer: [6, 7, 8] });
});
