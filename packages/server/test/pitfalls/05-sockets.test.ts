// Pitfall 5: a socket that is not accepted with the hibernation API keeps its object in memory.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { dial } from "../dial.ts";
import { fallsAsleep } from "./time.ts";

/** A message, then the platform wants the object to sleep; a second message. */
async function steps(stub: DurableObjectStub): Promise<{ slept: boolean; answers: string[] }> {
  const client = await dial(stub);
  client.send("one");
  const first = await client.next();
  const slept = await fallsAsleep(stub);
  client.send("two");
  const answers = [first, await client.next()];
  client.close(1000, "done");
  await client.closed;
  return { slept, answers };
}

test("an object with an open socket cannot sleep, which is billed", async () => {
  const outcome = await steps(env.NaiveSockets.getByName("5"));
  expect(outcome).toEqual({ slept: false, answers: ["1", "2"] });
});

test("[T1] a room sleeps under open sockets", async () => {
  const outcome = await steps(env.CountingRoom.getByName("5"));
  expect(outcome).toEqual({ slept: true, answers: ["1", "2"] });
});
