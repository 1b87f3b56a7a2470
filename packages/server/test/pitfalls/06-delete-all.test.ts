// Pitfall 6: `deleteAll()` drops the tables under a living instance.
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { dial } from "../dial.ts";
import { MINUTE, passTime } from "./time.ts";

afterEach(() => vi.useRealTimers());

/** Two messages, the end after half an hour, and a message to the same instance: the answers. */
async function steps(stub: DurableObjectStub): Promise<string[]> {
  const first = await dial(stub);
  first.send("one");
  const answers = [await first.next()];
  first.send("two");
  answers.push(await first.next());
  await passTime(stub, 31 * MINUTE);
  expect(await first.closed).toMatchObject({ code: 4001, reason: "expired" });
  const second = await dial(stub);
  second.send("three");
  answers.push(await second.next());
  return answers;
}

test("an object that has cleared its storage fails until its instance ends", async () => {
  const answers = await steps(env.NaivePurge.getByName("6"));
  expect(answers).toEqual(["1", "2", "Error: no such table: lines: SQLITE_ERROR"]);
});

test("[T4] a room that has expired begins anew, on the same instance", async () => {
  expect(await steps(env.LinesRoom.getByName("6"))).toEqual(["1", "2", "1"]);
});
