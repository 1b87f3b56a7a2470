// Pitfall 4: messages interleave at every `await`, so that read, wait, write loses counts.
import { type TestRoom, testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { ATTENDING } from "./meeting.ts";

const ROUNDS = 3;

/** Ten clients say something at the same time, three times: the count that the last ones are told. */
async function steps(room: Pick<TestRoom<undefined>, "open">): Promise<string[]> {
  const clients = await Promise.all(Array.from({ length: ATTENDING }, () => room.open()));
  let counts: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const client of clients) client.send("hello");
    counts = await Promise.all(clients.map((client) => client.next()));
  }
  return counts;
}

test("ten concurrent messages are counted as one", async () => {
  const counts = await steps(await testRoom(env.NaiveTally));
  expect(new Set(counts)).toEqual(new Set([String(ROUNDS)]));
});

test("[T1] a room counts each of ten concurrent messages", async () => {
  const counts = await steps(await testRoom(env.TallyRoom));
  expect(new Set(counts)).toEqual(new Set([String(ROUNDS * ATTENDING)]));
});
