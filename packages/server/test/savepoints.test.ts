import { testRoom } from "@greenroom/testing/workers";
// Handlers without a savepoint: what they do is rolled back all the same.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { rare } from "./rooms/savepoints.ts";

/** More than a handler must do without storage before it has no savepoint. */
const MANY = 40;
const failed = { code: "failed" };

test.for(["sql", "kv", "put", "timer"] as const)(
  "[S5] a handler that never used storage uses %s for the first time and throws: nothing of it stays",
  async (name) => {
    const room = await testRoom(env.RareRoom);
    const anna = await room.connect(rare);
    const ben = await room.connect(rare);
    const kept = name === "timer" ? "rare" : "kept";
    for (let i = 0; i < MANY; i++) await anna.send(name, { text: `${i}` });
    const first = await anna.call("instance");

    // It has no savepoint: the instance is given up, and the next one carries it out with one.
    const lost = anna.send(name, { text: "never", note: true, fail: true });
    await expect(lost).rejects.toMatchObject(failed);
    expect(await anna.call("instance")).not.toBe(first);
    expect(await anna.call("noted")).toEqual([]);

    // From here on it has one: nobody else's room is given up for it.
    const second = await anna.call("instance");
    await anna.send(name, { text: "kept", note: true });
    expect(await anna.call("noted")).toEqual([kept]);
    const again = anna.send(name, { text: "never", note: true, fail: true });
    await expect(again).rejects.toMatchObject(failed);
    expect(await ben.call("noted")).toEqual([kept]);
    expect(await ben.call("instance")).toBe(second);
    await ben.reached(MANY + 1);
    expect(ben.received("said")).toEqual([...Array(MANY).keys(), "kept"].map(String));
  },
);
