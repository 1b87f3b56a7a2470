// The room and the route in real workerd: the clock is the test's.
import { testRoom, time } from "@greenroom/testing/workers";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

import { notices } from "../contract.ts";

async function post(room: string, text: string): Promise<[status: number, body: string]> {
  const url = `http://example.com/notify/${encodeURIComponent(room)}`;
  const answer = await exports.default.fetch(new Request(url, { method: "POST", body: text }));
  return [answer.status, await answer.text()];
}

test("what is posted reaches who listens, over sleep and crash, and newcomers get the newest five", async () => {
  const room = await testRoom(env.NoticeRoom, { name: "a room / with a name" });
  const listener = await room.connect(notices);
  for (let n = 1; n <= 3; n++)
    expect(await post(room.name, `notice ${n}`)).toEqual([200, "Published.\n"]);
  await room.evict();
  expect(await post(room.name, "notice 4")).toEqual([200, "Published.\n"]);
  await room.crash();
  for (let n = 5; n <= 7; n++) await post(room.name, `notice ${n}`);
  await listener.reached(7);
  const texts = (heard: readonly { text: string }[]): string[] => heard.map(({ text }) => text);
  const all = [1, 2, 3, 4, 5, 6, 7].map((n) => `notice ${n}`);
  expect(texts(listener.received("posted"))).toEqual(all);
  const late = await room.connect(notices);
  await late.reached(7);
  expect(texts(late.received("posted"))).toEqual(all.slice(-5));
});

test("a text that cannot be, and a name that cannot be, are said to be theirs", async () => {
  const room = await testRoom(env.NoticeRoom);
  expect(await post(room.name, "   ")).toEqual([400, '{"code":"invalid"}']);
  expect(await post(room.name, "x".repeat(501))).toEqual([400, '{"code":"invalid"}']);
  expect(await post("x".repeat(129), "text")).toEqual([400, '{"code":"bad-name"}']);
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});

test("what is posted keeps the room: it ends a day after the last notice", async () => {
  const room = await testRoom(env.NoticeRoom);
  const hour = 60 * 60_000;
  await post(room.name, "first");
  await time.advance(23 * hour);
  await post(room.name, "second");
  await time.advance(23 * hour);
  expect((await room.stored()).rows).toBeGreaterThan(0);
  await time.advance(hour);
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});
