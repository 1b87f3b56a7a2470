// Pitfall 6: `deleteAll()` drops the tables under a living instance.
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

const MINUTE = 60_000;

/** Two messages, the end after half an hour, and a message to the same instance: the answers. */
async function steps(room: Pick<TestRoom<undefined>, "open">): Promise<string[]> {
  const first = await room.open();
  first.send("one");
  const answers = [await first.next()];
  first.send("two");
  answers.push(await first.next());
  await time.advance(31 * MINUTE);
  expect(await first.closed()).toMatchObject({ code: 4001, reason: "expired" });
  const second = await room.open();
  second.send("three");
  answers.push(await second.next());
  return answers;
}

test("an object that has cleared its storage fails until its instance ends", async () => {
  const answers = await steps(await testRoom(env.NaivePurge));
  expect(answers).toEqual(["1", "2", "Error: no such table: lines: SQLITE_ERROR"]);
});

test("[T4] a room that has expired begins anew, on the same instance", async () => {
  expect(await steps(await testRoom(env.LinesRoom))).toEqual(["1", "2", "1"]);
});
