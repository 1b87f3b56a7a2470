// Pitfall 1: hibernation clears memory.
import { type TestRoom, testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

/** Two messages, sleep, one more: what each of them was answered. */
async function steps(room: Pick<TestRoom<undefined>, "open" | "evict">): Promise<string[]> {
  const client = await room.open();
  const counts: string[] = [];
  for (const text of ["one", "two", "three"]) {
    if (text === "three") await room.evict();
    client.send(text);
    counts.push(await client.next());
  }
  return counts;
}

test("a count in a field starts again after sleep, and the socket does not notice", async () => {
  expect(await steps(await testRoom(env.NaiveCounter))).toEqual(["1", "2", "1"]);
});

test("[T1] a room's count goes on after sleep", async () => {
  expect(await steps(await testRoom(env.CountingRoom))).toEqual(["1", "2", "3"]);
});
