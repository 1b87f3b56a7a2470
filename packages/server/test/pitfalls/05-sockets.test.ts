// Pitfall 5: a socket that is not accepted with the hibernation API keeps its object in memory.
import { type TestRoom, testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

type Held = Pick<TestRoom<undefined>, "open" | "evict">;

/**
 * Whether an object goes to sleep when the platform wants it to. An object that cannot sleep
 * has no event to wait for: it has this long, and needs about a millisecond.
 */
async function fallsAsleep(room: Held, within = 400): Promise<boolean> {
  const asleep = room.evict().then(() => true);
  return Promise.race([asleep, scheduler.wait(within).then(() => false)]);
}

/** A message, then the platform wants the object to sleep; a second message. */
async function steps(room: Held): Promise<{ slept: boolean; answers: string[] }> {
  const client = await room.open();
  client.send("one");
  const first = await client.next();
  const slept = await fallsAsleep(room);
  client.send("two");
  const answers = [first, await client.next()];
  client.close(1000, "done");
  await client.closed();
  return { slept, answers };
}

test("an object with an open socket cannot sleep, which is billed", async () => {
  const outcome = await steps(await testRoom(env.NaiveSockets));
  expect(outcome).toEqual({ slept: false, answers: ["1", "2"] });
});

test("[T1] a room sleeps under open sockets", async () => {
  const outcome = await steps(await testRoom(env.CountingRoom));
  expect(outcome).toEqual({ slept: true, answers: ["1", "2"] });
});
