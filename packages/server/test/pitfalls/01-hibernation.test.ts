// Pitfall 1: hibernation clears memory.
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { dial } from "../dial.ts";

/** Two messages, sleep, one more: what each of them was answered. */
async function steps(stub: DurableObjectStub): Promise<string[]> {
  const client = await dial(stub);
  const counts: string[] = [];
  for (const text of ["one", "two", "three"]) {
    if (text === "three") await evictDurableObject(stub);
    client.send(text);
    counts.push(await client.next());
  }
  return counts;
}

test("a count in a field starts again after sleep, and the socket does not notice", async () => {
  expect(await steps(env.NaiveCounter.getByName("1"))).toEqual(["1", "2", "1"]);
});

test("[T1] a room's count goes on after sleep", async () => {
  expect(await steps(env.CountingRoom.getByName("1"))).toEqual(["1", "2", "3"]);
});
