// Rules Q12 to Q15 in real workerd: a member that does not read. What waits for it shows in the
// server's `bufferedAmount`.
import { decodeRoomFrame, type RoomItem } from "@greenroom/protocol";
import { testRoom, type TestRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import type { LaggingRoom } from "./rooms/limited.ts";
import { type Speaker, speak } from "./speak.ts";

type Room = TestRoom<LaggingRoom>;

/** A member that reads nothing until it is let: then all that came and comes, in order. */
async function asleep(room: Room): Promise<() => RoomItem[]> {
  const socket = await room.open({ protocols: ["greenroom.1"], unread: true });
  // It reads no welcome that would tell; what rings now rings behind that.
  await room.run(() => new Promise((resolve) => setTimeout(resolve, 0)));
  const items: RoomItem[] = [];
  socket.listen((frame) => {
    const decoded = decodeRoomFrame(frame);
    if (decoded.ok) items.push(...decoded.frame);
  });
  return () => {
    socket.network.flow();
    return items;
  };
}

/** Publishes so many events of 5,000 characters, one burst each. */
async function publish(a: Speaker, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    a.message(n, "big", 5_000);
    await a.until(n);
  }
}

const seqs = (items: readonly RoomItem[]): number[] =>
  items.flatMap((item) => (item[0] === "e" ? item.slice(2).map((_, at) => item[1] + at) : []));
const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

async function buffered(room: Room): Promise<number> {
  return room.run((instance) => Math.max(...instance.buffered()));
}

/** Reads on until entry `seq` has come; the room's own timers bring it. */
async function until(read: () => RoomItem[], seq: number): Promise<readonly RoomItem[]> {
  while (seqs(read()).at(-1) !== seq) await scheduler.wait(5);
  return read();
}

test("[Q12] [Q13] [A31] who does not read costs a bounded memory, the others miss nothing, and it catches up without gap or double", async () => {
  const room = await testRoom(env.LaggingRoom);
  const a = await speak(room);
  const b = await speak(room);
  const read = await asleep(room);
  await publish(a, 1, 30);
  expect(await buffered(room)).toBeLessThan(20_000 + 5_000 + 6_000);
  await b.until(30);
  expect(b.entries.map(({ seq }) => seq)).toEqual(upTo(1, 30));
  const items = await until(read, 30);
  expect(seqs(items)).toEqual(upTo(1, 30));
  expect(items.filter(([kind]) => kind === "w")).toHaveLength(1);
  // Live again: signals reach it, and what is published now.
  await room.run((instance) => instance.signal("poke", "awake?"));
  await publish(a, 31, 32);
  await until(read, 32);
  expect(read().some((item) => item[0] === "s" && item[2] === "awake?")).toBe(true);
  expect(seqs(read())).toEqual(upTo(1, 32));
});

test("[Q12] a lagging member gets no signals, and is not closed", async () => {
  const room = await testRoom(env.LaggingRoom);
  const a = await speak(room);
  const read = await asleep(room);
  await publish(a, 1, 10);
  await room.run((instance) => {
    for (let i = 0; i < 100; i++) instance.signal("poke", "x".repeat(1_000));
  });
  expect(await buffered(room)).toBeLessThan(31_000);
  const items = await until(read, 10);
  expect(items.filter(([kind]) => kind === "s")).toEqual([]);
});

test("[Q14] where the log was trimmed past it, it is welcomed anew with `snapshot`, on the same connection", async () => {
  const room = await testRoom(env.LaggingRoom);
  const a = await speak(room);
  const read = await asleep(room);
  await publish(a, 1, 100);
  const items = await until(read, 100);
  const [first, again, ...more] = items.flatMap((item) => (item[0] === "w" ? [item[1]] : []));
  expect(first?.resume).toBe("joined");
  expect(again).toMatchObject({ resume: "snapshot", head: 100 });
  expect(more).toEqual([]);
  const welcomes = items.findLastIndex(([kind]) => kind === "w");
  expect(seqs(items.slice(0, welcomes))).toEqual(upTo(1, seqs(items.slice(0, welcomes)).length));
  expect(seqs(items.slice(welcomes))).toEqual(upTo((again?.seq ?? 0) + 1, 100));
  expect(again?.seq).toBeGreaterThan(50);
});

test("[Q15] who lagged before sleep lags after it, without a row", async () => {
  const room = await testRoom(env.LaggingRoom);
  const a = await speak(room);
  const read = await asleep(room);
  await publish(a, 1, 12);
  const rows = async (): Promise<number> =>
    room.run((_, { storage }) => {
      const query = "SELECT count(*) AS n FROM greenroom_log";
      return storage.sql.exec<{ n: number }>(query).one().n;
    });
  const before = await rows();
  // The platform lets no room sleep while something waits to be read: it is read, and the room
  // sleeps before it has looked.
  read();
  while ((await buffered(room)) > 0);
  await room.evict();
  expect(await rows()).toBe(before);
  await publish(a, 13, 20);
  expect(seqs(await until(read, 20))).toEqual(upTo(1, 20));
});

test("[Q18] what a client missed is sent at its own pace, too", async () => {
  const room = await testRoom(env.LaggingRoom);
  const a = await speak(room);
  await publish(a, 1, 1);
  const { epoch } = await room.run(({ log }) => ({ epoch: log.epoch }));
  await publish(a, 2, 30);
  const b = await speak(room, { epoch, seq: 1 });
  expect(b.welcome).toMatchObject({ resume: "resumed", seq: 1, head: 30 });
  await b.until(30);
  expect(b.entries.map(({ seq }) => seq)).toEqual(upTo(2, 30));
  // Not all at once: the first frames have no more than may wait.
  const texts = b.items.flatMap((item) => (item[0] === "e" ? [JSON.stringify(item).length] : []));
  expect(Math.max(...texts)).toBeLessThan(12_000);
});
