// Moving over from partyserver: the same steps, through partyserver's own router, give the same.
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { getServerByName, routePartykitRequest } from "partyserver";
import { expect, test } from "vitest";

test.each([
  ["party-server", env.PartyServer],
  ["moved-server", env.MovedServer],
] as const)("[R1] the documented chat server does the same as %s", async (party, namespace) => {
  const through = {
    fetch: async (request: Request): Promise<Response> => {
      const { search } = new URL(request.url);
      const moved = new Request(`http://example.com/parties/${party}/lobby${search}`, request);
      return (await routePartykitRequest(moved, env)) ?? new Response("Not Found", { status: 404 });
    },
  };
  const room = await testRoom<undefined>(namespace, { name: "lobby", through });
  const a = await room.open({ path: "?_pk=socket-a" });
  const b = await room.open({ path: "?_pk=socket-b" });
  const c = await room.open();
  for (const each of [a, b, c]) expect(await each.next()).toBe("hello");
  a.send("to the others");
  expect(await b.next()).toBe("to the others");
  expect(await c.next()).toBe("to the others");
  await room.evict();
  b.send("after sleep");
  expect(await a.next()).toBe("after sleep");
  expect(await c.next()).toBe("after sleep");
  c.close(1000, "bye");
  expect(await a.next()).toBe("somebody left");
  expect(b.waiting.length + a.waiting.length).toBeLessThanOrEqual(1);
  const stub = await getServerByName(namespace as DurableObjectNamespace<never>, "lobby");
  expect((await (stub as DurableObjectStub).fetch("http://example.com/")).status).toBe(200);
});

test("[R1] both saw the same connections in the same order", async () => {
  const seen = await Promise.all(
    [env.PartyServer, env.MovedServer].map(async (namespace) => {
      const room = await testRoom<undefined>(namespace, { name: "order" });
      for (let i = 0; i < 3; i++) await room.open();
      return (await room.fetch()).json();
    }),
  );
  const expected = [1, 2, 3].map((count) => `connected to order: ${count}`);
  // partyserver counts a connection before its onConnect is done; a room lets it in afterwards.
  expect(seen).toEqual([expected, [0, 1, 2].map((count) => `connected to order: ${count}`)]);
});
