import {
  type HappenedFault,
  type TestClient,
  type TestRoom,
  testRoom,
  time,
} from "@greenroom/testing/workers";
// What can go wrong between a test client and its room, frame by frame.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import "@greenroom/testing/matchers";

import { tally, type TallyRoom } from "./worker.ts";

const MINUTE = 60_000;

type Tally = TestClient<(typeof tally)["shape"]>;

/** Two clients that are in. */
async function pair(): Promise<{ room: TestRoom<TallyRoom>; anna: Tally; ben: Tally }> {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const ben = await room.connect(tally);
  await anna.moment("resume");
  await ben.moment("resume");
  await room.quiet(); // who counts frames has none of those before among them
  return { room, anna, ben };
}

test("a message that is cut off is sent again, and carried out once", async () => {
  const { room, anna, ben } = await pair();
  anna.network.plan("cut", { to: "room", after: 1 });
  await Promise.all(["one", "two", "three"].map((key) => anna.send("add", { key })));
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed" });
  await ben.reached(3);
  expect(await room.run((instance) => instance.keys())).toEqual(["one", "two", "three"]);
  expect([anna, ben]).toBeInOrder();
});

test("an answer that is cut off is given again, and nothing is done twice", async () => {
  const { room, anna } = await pair();
  anna.network.plan("cut", { to: "client" });
  await anna.send("add", { key: "one" });
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed", missed: 1 });
  expect(await room.run((instance) => instance.keys())).toEqual(["one"]);
});

test("cut-after delivers the frame, and then cuts", async () => {
  const { room, anna } = await pair();
  anna.network.plan("cut-after", { to: "client" });
  await anna.send("add", { key: "one" });
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed", missed: 0 });
  expect(await room.run((instance) => instance.keys())).toEqual(["one"]);
});

test("what is stalled arrives when it flows again, in order", async () => {
  const { anna, ben } = await pair();
  ben.network.stall();
  await anna.send("add", { key: "one" });
  await anna.send("add", { key: "two" });
  await time.advance(0);
  expect(ben).not.toHaveReceived("added");
  ben.network.flow();
  await ben.reached(2);
  expect(ben).toHaveReceived("added", { from: anna.id, key: "one", sum: 1 });
  expect([anna, ben]).toBeInOrder();
});

test("what is not read waits at the room, and arrives when it flows", async () => {
  const { room, anna, ben } = await pair();
  ben.network.unreadNext();
  ben.network.cut();
  const waits = (): Promise<number> =>
    room.run((_room, state) =>
      Math.max(...state.getWebSockets().map(({ bufferedAmount }) => bufferedAmount)),
    );
  await expect.poll(waits).toBeGreaterThan(0); // its welcome
  const before = await waits();
  await anna.send("add", { key: "x".repeat(1_000) });
  expect(await waits()).toBeGreaterThan(before + 1_000);
  const late = ben.send("add", { key: "by ben" });
  await time.advance(0); // does not wait for it
  expect(ben).not.toHaveReceived("added");
  ben.network.flow();
  await late;
  await Promise.all([anna.reached(2), ben.reached(2)]);
  expect([anna, ben]).toBeInOrder();
  expect(await waits()).toBe(0);
});

test("who is gone without a word falls silent as time moves, and nobody else does", async () => {
  const { room, anna, ben } = await pair();
  const bare = await room.open({ protocols: ["greenroom.1"] });
  const members = (): Promise<number> => room.run((instance) => instance.members().length);
  await time.advance(MINUTE); // everybody has asked once
  ben.network.halfOpen("client");
  ben.close();
  await anna.send("remind", { after: 4 * MINUTE });
  await time.advance(4 * MINUTE);
  expect(await anna.next("reminded")).toBe(time.now);
  expect(await members()).toBe(3);
  await anna.send("remind", { after: 2 * MINUTE });
  expect(await time.advance(2 * MINUTE)).toHaveLength(1);
  expect(await members()).toBe(2);
  await anna.send("remind", { after: 20 * MINUTE });
  expect(await time.advance(20 * MINUTE)).toHaveLength(1);
  expect([await members(), bare.isOpen]).toEqual([2, true]);
});

test("a connection that is cut while it is made leaves nothing behind", async () => {
  const { room } = await pair();
  const network = room.network();
  const socket = new network.WebSocket(`wss://room.test/rooms/room/${room.name}`);
  network.cut();
  expect(socket.readyState).toBe(3);
  await room.evict(); // which a connection that nobody ends would hold up
  expect(await room.run((instance) => instance.members().length)).toBe(2);
});

test("a bare socket that is not read is closed by either end all the same", async () => {
  const room = await testRoom(env.EchoRoom);
  const one = await room.open({ unread: true });
  one.send("waits");
  one.network.flow();
  expect(await one.next()).toBe("waits");
  const other = await room.open({ unread: true });
  const sockets = (): Promise<number> => room.run((_room, state) => state.getWebSockets().length);
  expect(await sockets()).toBe(2);
  other.network.cut();
  await expect.poll(sockets).toBe(1);
});

test("a client whose room is gone without a word finds out, and comes back", async () => {
  const { anna, ben } = await pair();
  ben.network.halfOpen("room");
  await anna.send("add", { key: "one" });
  await time.advance(30_000);
  expect(ben.status.state).toBe("connected");
  await time.advance(30_000);
  expect(await ben.moment("resume")).toMatchObject({ kind: "resumed", missed: 1 });
});

test("a client that comes back supersedes its own ghost", async () => {
  const { room, anna } = await pair();
  anna.network.halfOpen("client");
  await anna.moment("resume");
  await anna.send("add", { key: "one" });
  const open = await room.run((_instance, state) =>
    state.getWebSockets().filter(({ readyState }) => readyState === 1),
  );
  expect(open).toHaveLength(2);
});

test("frames that arrive twice change nothing", async () => {
  const { room, anna, ben } = await pair();
  anna.network.plan("duplicate", { to: "room" });
  ben.network.plan("duplicate", { to: "client" });
  await anna.send("add", { key: "one" });
  await anna.send("add", { key: "two" });
  await ben.reached(2);
  expect(await room.run((instance) => instance.keys())).toEqual(["one", "two"]);
  expect([anna, ben]).toBeInOrder();
});

test("a frame that arrives behind the next one is a gap, and the client catches up", async () => {
  const { anna, ben } = await pair();
  ben.network.plan("reorder", { to: "client" });
  await anna.send("add", { key: "one" });
  await anna.send("add", { key: "two" });
  await ben.reached(2);
  expect([anna, ben]).toBeInOrder();
});

test("a network that is down refuses; the client tries again by the clock", async () => {
  const { anna } = await pair();
  anna.network.down();
  const sent = anna.send("add", { key: "one" });
  await time.advance(20_000);
  expect(anna.status.state).toBe("reconnecting");
  anna.network.up();
  await time.advance(20_000);
  await sent;
});

test("a handshake that arrives late takes nothing over", async () => {
  const { room, anna } = await pair();
  anna.network.stallNext();
  anna.network.cut();
  await time.advance(20_000); // gives up, and dials again
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed" });
  anna.network.flow();
  await time.advance(0);
  await anna.send("add", { key: "one" });
  expect(await room.run((instance) => instance.keys())).toEqual(["one"]);
});

const RATES = { cut: 0.1, "cut-after": 0.1, duplicate: 0.2 };

/** What a seed does to twenty messages, one after the other. */
async function shaken(seed: number): Promise<readonly HappenedFault[]> {
  const { room, anna, ben } = await pair();
  anna.network.shake(seed, RATES);
  for (let n = 0; n < 20; n++) {
    await anna.send("add", { key: String(n) });
    await room.quiet();
    await time.advance(0);
  }
  const { happened } = anna.network;
  anna.network.heal();
  await ben.reached(20);
  expect(ben.received("added").map(({ key }) => key)).toEqual(
    Array.from({ length: 20 }, (_, n) => String(n)),
  );
  return [...happened];
}

test("a seed decides frame by frame, and the same whenever it is used", async () => {
  const first = await shaken(5);
  expect(first.length).toBeGreaterThan(8);
  expect(new Set(first.map(({ fault }) => fault))).toEqual(new Set(Object.keys(RATES)));
  expect(await shaken(5)).toEqual(first);
  expect(await shaken(6)).not.toEqual(first);
});

test("a frame's place is a whole number", async () => {
  const { anna } = await pair();
  expect(() => anna.network.plan("cut", { to: "room", after: -1 })).toThrow("after is -1");
});
