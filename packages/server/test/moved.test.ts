// Moving over from partyserver: the same steps, through partyserver's own router, give the same.
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { getServerByName, routePartykitRequest } from "partyserver";
import { expect, test } from "vitest";

import { dial } from "./dial.ts";

test.each([
  ["party-server", env.PartyServer],
  ["moved-server", env.MovedServer],
] as const)("[R1] the documented chat server does the same as %s", async (party, namespace) => {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(new Request(input).url);
    const request = new Request(`http://example.com/parties/${party}/lobby${url.search}`, init);
    return (await routePartykitRequest(request, env)) ?? new Response("Not Found", { status: 404 });
  };
  // SAFETY: dial uses nothing of a stub but its fetch.
  const router = { fetch } as Pick<DurableObjectStub, "fetch">;
  const a = await dial(router, { path: "/?_pk=socket-a" });
  const b = await dial(router, { path: "/?_pk=socket-b" });
  const c = await dial(router);
  for (const each of [a, b, c]) expect(await each.next()).toBe("hello");
  a.send("to the others");
  expect(await b.next()).toBe("to the others");
  expect(await c.next()).toBe("to the others");
  await evictDurableObject(namespace.getByName("lobby"));
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
      const stub = namespace.getByName("order");
      for (let i = 0; i < 3; i++) await dial(stub);
      return (await stub.fetch("http://example.com/")).json();
    }),
  );
  const expected = [1, 2, 3].map((count) => `connected to order: ${count}`);
  // partyserver counts a connection before its onConnect is done; a room lets it in afterwards.
  expect(seen).toEqual([expected, [0, 1, 2].map((count) => `connected to order: ${count}`)]);
});
