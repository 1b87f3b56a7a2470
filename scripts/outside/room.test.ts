import { evictionSuite, simulate, testRoom, time } from "@greenroom/testing/workers";
// A suite of one's own for the room, in real workerd.
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

import { chat } from "./contract.ts";
import "@greenroom/testing/matchers";

test("what one says, the other is told, through the Worker", async () => {
  const room = await testRoom(env.ChatRoom, { through: exports.default });
  const anna = await room.connect(chat);
  const ben = await room.connect(chat);
  await anna.send("say", { text: "hello" });
  expect(await ben.next("said")).toEqual({ from: anna.id, text: "hello" });
  expect([anna, ben]).toBeInOrder();
  await time.advance(30 * 60_000);
  expect(await ben.closed()).toEqual({ code: 4001, reason: "expired" });
});

test("nothing is lost", async () => {
  const room = await testRoom(env.ChatRoom);
  const verdict = await simulate(room, chat, {
    messages: 30,
    send: (client, key) => client.send("say", { text: key }),
    keys: { said: ({ text }) => text },
  });
  expect(verdict).toHavePassed();
});

evictionSuite("the room", {
  room: env.ChatRoom,
  contract: chat,
  clients: ["anna", "ben"],
  steps: [
    ({ anna }) => anna.send("say", { text: "one" }),
    ({ ben }) => ben.send("say", { text: "two" }),
  ],
});
