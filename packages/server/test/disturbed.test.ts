// Whole rooms, disturbed at every step and by chance: what clients see is as if nothing had happened.
import { evictionSuite, simulate, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { chat } from "./rooms/chat.ts";
import { desk } from "./rooms/timers.ts";
import "@greenroom/testing/matchers";

const SECOND = 1_000;

evictionSuite("[S1] [S2] [S3] a chat room", {
  room: env.ChatRoom,
  contract: chat,
  clients: ["anna", "ben"],
  steps: [
    ({ anna }) => anna.send("say", { text: "one" }),
    ({ ben }) => ben.call("add", 7),
    ({ ben }) => ben.send("fail", "refuse"),
    ({ anna }) => anna.send("say", { text: "" }),
    ({ anna }) => anna.send("later", { text: "slow", ms: 1 }),
    ({ ben }) => ben.call("page", { before: 4, limit: 2 }),
    ({ anna }) => anna.call("count"),
    ({ room }) => room.run((instance) => instance.notes()),
  ],
});

evictionSuite("[M3] [M4] [T2] a room with timers", {
  room: env.DeskRoom,
  contract: desk,
  clients: ["anna"],
  steps: [
    ({ anna }) => anna.send("begin", { ms: 5 * SECOND, text: "tea" }),
    ({ anna }) => anna.send("begin", { ms: SECOND, text: "slow" }),
    ({ anna }) => anna.call("list"),
    async () => (await time.advance(2 * SECOND)).length,
    async () => (await time.advance(5 * SECOND)).length,
    ({ anna }) => anna.call("list"),
    ({ room }) =>
      room.run(({ lifecycle: { phase, messages, deadline } }) => ({ phase, messages, deadline })),
    ({ room }) => room.alarm(),
  ],
});

test.each(["ChatRoom", "LazyChatRoom"] as const)(
  "[L8] [S1] [S4] everybody is given the same, once and in order, whatever happens: %s",
  async (kind) => {
    for (const seed of [11, 12]) {
      const room = await testRoom(env[kind]);
      const verdict = await simulate(room, chat, {
        seed,
        messages: 60,
        send: (client, key) =>
          key.endsWith("7")
            ? client.send("later", { text: key, ms: 1 })
            : client.send("say", { text: key }),
        // An asynchronous handler publishes when it begins, and when it ends.
        keys: { said: ({ text }) => (text.endsWith("begins") ? undefined : text.split(" ")[0]) },
      });
      expect(verdict).toHavePassed();
      expect(verdict.taken).toBe(60);
    }
  },
);
