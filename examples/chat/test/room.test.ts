import { evictionSuite, expectCost, simulate, testRoom, time } from "@greenroom/testing/workers";
// The room in real workerd, tested as you would test your own.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { chat } from "../contract.ts";
import "@greenroom/testing/matchers";

const name = "Fern";

test("what one says, everybody is told, newcomers included", async () => {
  const room = await testRoom(env.ChatRoom);
  const [fern, moth] = [await room.connect(chat), await room.connect(chat)];
  await fern.send("say", { name, text: " Is the kettle on? " });
  const said = { from: fern.id, name, text: "Is the kettle on?" };
  expect(await moth.next("said")).toEqual(said);
  const late = await room.connect(chat);
  expect(await late.next("said")).toEqual(said);
});

test("what the contract does not allow is said to its sender, and to nobody else", async () => {
  const room = await testRoom(env.ChatRoom);
  const fern = await room.connect(chat);
  await expect(fern.send("say", { name, text: "  " })).rejects.toMatchObject({
    code: "invalid",
    issues: [{ path: "text" }],
  });
  expect(fern).not.toHaveReceived("said");
});

test("half an hour after the last message the room ends, and leaves nothing behind", async () => {
  const room = await testRoom(env.ChatRoom);
  const fern = await room.connect(chat);
  await fern.send("say", { name, text: "Good night" });
  await time.advance(30 * 60_000);
  expect(await fern.closed()).toEqual({ code: 4001, reason: "expired" });
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});

evictionSuite("the chat", {
  room: env.ChatRoom,
  contract: chat,
  clients: ["fern", "moth"],
  steps: [
    ({ fern }) => fern.send("say", { name, text: "One" }),
    ({ moth }) => moth.send("say", { name: "Moth", text: "Two" }),
    ({ fern }) => fern.send("say", { name, text: "Three" }),
  ],
});

test("whatever the network and the platform do, everybody reads the same", async () => {
  const room = await testRoom(env.ChatRoom);
  const verdict = await simulate(room, chat, {
    messages: 40,
    send: (client, key) => client.send("say", { name, text: key }),
    keys: { said: ({ text }) => text },
  });
  expect(verdict).toHavePassed();
});

test("a message costs one row, and one alarm", async () => {
  const room = await testRoom(env.ChatRoom);
  const fern = await room.connect(chat);
  await fern.send("say", { name, text: "One" });
  const cost = await expectCost(room);
  for (let n = 0; n < 10; n++) {
    await time.advance(1_000);
    await fern.send("say", { name, text: String(n) });
  }
  await cost.rowsPerMessage(1);
  expect(await cost.spent()).toMatchObject({ messages: 10, rowsWritten: 10, alarms: 10 });
});
