// Weaknesses of partyserver that have no rule of their own: what a room does instead of each.
import { routeRooms } from "@greenroom/server";
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { speak } from "./speak.ts";

afterEach(() => vi.restoreAllMocks());

test("[A12] a throw in onMessage leaves the connection open, before and after sleep", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const room = await testRoom(env.EchoRoom, { name: "throws" });
  const a = await room.open();
  for (let n = 0; n < 2; n++) {
    a.send("throw");
    expect(JSON.parse(await a.next())).toMatchObject({ code: "failed" });
    a.send("count");
    expect(await a.next()).toBe(String(n + 1));
    await room.evict();
  }
});

test("[A27] a request reaches the room as it came, uncopied, and once", async () => {
  const seen: Request[] = [];
  const spy = {
    getByName: () => ({
      fetch: (request: Request) => {
        seen.push(request);
        return Promise.reject(new Error("the room is away"));
      },
    }),
  };
  const request = new Request("http://example.com/rooms/spy/x", { method: "POST", body: "body" });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  expect((await routeRooms(request, env, { rooms: { spy } })).status).toBe(500);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toBe(request);
  expect(request.bodyUsed).toBe(false);
});

test("[A29] going through the connections reads the attachment of each once in a wake", async () => {
  const room = await testRoom(env.EchoRoom, { name: "many" });
  for (let n = 0; n < 20; n++) await room.open();
  await room.evict();
  await room.run((instance) => {
    const read = vi.spyOn(WebSocket.prototype, "deserializeAttachment");
    for (let round = 0; round < 50; round++) {
      const ids = [...instance.getConnections()].map(
        ({ id, state }) => `${id} ${JSON.stringify(state)}`,
      );
      expect(new Set(ids).size).toBe(20);
    }
    expect(read.mock.calls.length).toBeLessThanOrEqual(20);
  });
});

test("[A30] a signal can leave one out, or reach one alone", async () => {
  const room = await testRoom(env.ChatRoom, { name: "views" });
  const clients = [await speak(room), await speak(room), await speak(room)] as const;
  const [a, b, c] = clients;
  await room.run((instance) => {
    instance.signal("poke", "not b", { except: { id: b.id } });
    instance.member(b.id)?.signal("poke", "b alone");
    instance.signal("poke", "all");
  });
  const pokes = (client: (typeof clients)[number]): unknown[] =>
    client.items.filter(([kind, name]) => kind === "s" && name === "poke").map((item) => item[2]);
  await vi.waitUntil(() => clients.every((client) => pokes(client).includes("all")));
  expect(pokes(a)).toEqual(["not b", "all"]);
  expect(pokes(b)).toEqual(["b alone", "all"]);
  expect(pokes(c)).toEqual(["not b", "all"]);
});
