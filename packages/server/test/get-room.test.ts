// Rules X in real workerd: a room as its Worker has it, over RPC.
import { getRoom } from "@greenroom/server";
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { speak } from "./speak.ts";

const said = { from: "the Worker", text: "the kettle is on" };

test("[X1] [X2] what a Worker publishes is durable, counted, and comes to members like any other event", async () => {
  const inside = await testRoom(env.ChatRoom, { name: "from the worker" });
  const room = await getRoom(env.ChatRoom, inside.name);
  const listener = await speak(inside);
  await room.publish("said", said);
  await listener.until(1);
  expect(listener.entries).toMatchObject([{ seq: 1, entry: ["said", said, expect.any(Number)] }]);
  await inside.evict();
  await room.publish("said", said);
  await listener.until(2);
  await inside.run(({ lifecycle, log }) => {
    expect(lifecycle.messages).toBe(2);
    expect(lifecycle.deadline).toBeGreaterThan(Date.now() + 29 * 60_000);
    expect(log.after(0, 10).map(({ value }) => value)).toEqual([said, said]);
  });
});

test("[N1] [X1] a room without a contract has started, too", async () => {
  const inside = await testRoom(env.EchoRoom, { name: "by rpc" });
  await getRoom(env.EchoRoom, inside.name);
  await inside.run(({ starts }) => expect(starts).toBe(1));
});

test("[N1] [X1] a room of a contract keeps its own methods, and a name that cannot be is refused", async () => {
  const room = await getRoom(env.ChatRoom, "methods");
  expect(await room.notes()).toEqual([]);
  await expect(getRoom(env.ChatRoom, "..")).rejects.toMatchObject({ code: "bad-name" });
});

test("[X3] what does not match the contract is rejected with a typed error, and writes nothing", async () => {
  const inside = await testRoom(env.ChatRoom, { name: "picky" });
  const room = await getRoom(env.ChatRoom, inside.name);
  // @ts-expect-error the text is missing
  await expect(room.publish("said", { from: "x" })).rejects.toMatchObject({
    name: "RoomError",
    code: "invalid",
    issues: [{ path: "text" }],
  });
  // @ts-expect-error no event of the contract; names like constructor are no exception
  await expect(room.publish("constructor", said)).rejects.toMatchObject({ code: "unknown" });
  // @ts-expect-error a signal is not an event
  await expect(room.publish("typing", said)).rejects.toMatchObject({ code: "unknown" });
  await expect(room.publish("big", "x".repeat(1024 * 1024))).rejects.toMatchObject({
    code: "too-large",
  });
  await inside.run(({ lifecycle }, state) => {
    expect(lifecycle).toMatchObject({ phase: "new", messages: 0, epoch: null });
    expect(state.storage.sql.databaseSize).toBe(4_096);
  });
});

test("[X4] a signal from a Worker reaches who is there and writes nothing", async () => {
  const inside = await testRoom(env.ChatRoom, { name: "signals" });
  const room = await getRoom(env.ChatRoom, inside.name);
  const listener = await speak(inside);
  await listener.item("s"); // its own "typing"
  await room.signal("poke", "wake up");
  expect(await listener.item("s")).toEqual(["s", "poke", "wake up"]);
  await inside.run((_room, state) => {
    expect(state.storage.sql.databaseSize).toBe(4_096);
  });
});

test("[X5] a room without a contract keeps its own publish, and no client reaches the Worker's way in", async () => {
  const raw = await getRoom(env.EchoRoom, "raw");
  expect(await raw.publish("anything")).toBe("its own: anything");
  const room = await testRoom(env.ChatRoom, { name: "closed" });
  const a = await speak(room);
  a.message(1, "fromWorker", ["publish", "said", said]);
  expect(await a.outcome(1)).toEqual({ fault: { code: "unknown" } });
  const answer = await room.fetch("/fromWorker", { method: "POST", body: "[]" });
  expect([answer.status, await answer.json()]).toEqual([404, { code: "not-found" }]);
});

test("[X3] a write that fails is told as failed, with an id and without its text", async () => {
  const inside = await testRoom(env.ChatRoom, { name: "broken" });
  const room = await getRoom(env.ChatRoom, inside.name);
  await inside.run((_room, { storage }) => {
    storage.transactionSync = () => {
      throw new Error("secret: the disk is full");
    };
  });
  const log = vi.spyOn(console, "error").mockReturnValue(undefined);
  const fault: unknown = await room.publish("said", said).catch((cause: unknown) => cause);
  expect(fault).toMatchObject({ code: "failed", id: expect.stringMatching(/^\w{8}$/) });
  expect(String(fault)).not.toContain("secret");
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});
