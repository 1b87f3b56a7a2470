// Pages of the log in real workerd: what a client is given, and what it costs.
import { type TestRoom, testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";

import type { PagedRoom } from "./rooms/pages.ts";
import { speak, type Speaker } from "./speak.ts";

/** A room with so many entries of a size, and somebody in it. */
async function filled(
  entries: number,
  size = 0,
): Promise<{ readonly room: TestRoom<PagedRoom>; readonly speaker: Speaker }> {
  const room = await testRoom(env.PagedRoom);
  const speaker = await speak(room);
  speaker.message(1, "fill", { entries, size });
  await speaker.outcome(1);
  return { room, speaker };
}

let ids = 0;

/** The seqs of a page, and its texts. */
async function page(speaker: Speaker, seq: number, limit: number): Promise<[number, string[]]> {
  speaker.raw(["b", ++ids, seq, limit]);
  const [, id, first, ...entries] = (await speaker.item("b")) as [
    string,
    number,
    number,
    ...[string, string, number][],
  ];
  expect(id).toBe(ids);
  return [first, entries.map(([, text]) => text.trim())];
}

describe("a page", () => {
  test("[L9] is the newest entries before a seq, as many as are asked for and allowed", async () => {
    const { speaker } = await filled(9);
    expect(await page(speaker, 10, 3)).toEqual([7, ["7", "8", "9"]]);
    expect(await page(speaker, 7, 100)).toEqual([2, ["2", "3", "4", "5", "6"]]);
    expect(await page(speaker, 2, 100)).toEqual([1, ["1"]]);
    expect(await page(speaker, 1, 100)).toEqual([0, []]);
    expect(await page(speaker, 10, 0)).toEqual([0, []]);
    expect(await page(speaker, 2 ** 40, 1)).toEqual([9, ["9"]]);
  });

  test("[L9] of large entries has those that fit into 256 KiB, and one at least", async () => {
    const { speaker } = await filled(4, 120 * 1024);
    expect(await page(speaker, 5, 5)).toEqual([3, ["3", "4"]]);
    const { speaker: huge } = await filled(2, 300 * 1024);
    expect(await page(huge, 3, 5)).toEqual([2, ["2"]]);
  });

  test("[L9] has the times and values as they were published, also after sleep", async () => {
    const { room, speaker } = await filled(2);
    await room.evict();
    speaker.raw(["b", 1, 3, 5]);
    const told = speaker.entries.map(({ entry }) => entry);
    expect(told).toHaveLength(2);
    expect(await speaker.item("b")).toEqual(["b", 1, 1, ...told]);
  });

  test("[L9] [F6] what is no question is told to be malformed", async () => {
    const { speaker } = await filled(1);
    for (const frame of [["b"], ["b", 1], ["b", 1, -1, 5], ["b", 1, 2, "all"]]) {
      speaker.raw(frame);
      expect(await speaker.item("x")).toEqual(["x", 0, { code: "malformed" }]);
    }
  });

  test("[L10] writes nothing, and is no message of the room", async () => {
    const { room, speaker } = await filled(9);
    const facts = async (): Promise<object> => ({
      alarm: await room.alarm(),
      ...(await room.run((instance) => ({
        written: instance.cost().wake.rowsWritten,
        messages: instance.lifecycle.messages,
        last: instance.lifecycle.lastMessageAt,
      }))),
    });
    const before = await facts();
    for (let count = 0; count < 5; count++) await page(speaker, 9, 5);
    expect(await facts()).toEqual(before);
  });

  test("[L10] counts for the rates as a message does", async () => {
    const { speaker } = await filled(1);
    for (let count = 0; count < 19; count++) await page(speaker, 2, 1);
    speaker.raw(["b", 1, 2, 1]);
    expect(await speaker.item("b")).toEqual([
      "b",
      1,
      { code: "limited", retryAfter: expect.any(Number) as number },
    ]);
  });

  test("[L9] goes along with presence, in any order", async () => {
    const { speaker } = await filled(1);
    speaker.raw(["p", "here"]);
    speaker.call(2, "shown");
    expect(await speaker.outcome(2)).toEqual({ answer: ["here"] });
  });

  test("[L9] has a bound that can be one", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const answer = await (await testRoom(env.EndlessPages)).fetch();
    expect(await answer.json()).toMatchObject({ code: "bad-option" });
    expect(String(logged.mock.calls[0]?.[1])).toMatch(/pages: most is Infinity/);
    logged.mockRestore();
  });
});
