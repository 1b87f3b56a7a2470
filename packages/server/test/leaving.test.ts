// Rule R12: what was sent before a close is carried out before its sender leaves.
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { speak } from "./speak.ts";
import { roomThrough, tokenOf } from "./through.ts";

const named = (texts: number): string[] => Array.from({ length: texts }, (_, i) => `text ${i + 1}`);

test.each([1, 2, 100, 300])(
  "[R12] of %i messages sent before a close none is lost, and the leave comes behind them",
  async (count) => {
    const room = await testRoom(env.ChatRoom);
    const [hasty, other] = [await speak(room), await speak(room)];
    named(count).forEach((text, i) => hasty.message(i + 1, "say", { text }));
    hasty.dialled.close(1000, "bye");
    await hasty.dialled.closed();
    await room.settle();
    expect(other.entries.map(({ entry }) => entry[1])).toEqual(
      named(count).map((text) => ({ from: hasty.id, text })),
    );
    expect(other.items.at(-1)).toEqual(["s", "poke", `left ${hasty.id}`]);
  },
);

test.each([1, 2, 100, 300])(
  "[R12] in a room without a contract: %i messages, and then the close",
  async (count) => {
    const room = await testRoom(env.EchoRoom);
    const hasty = await room.open();
    for (const text of named(count)) hasty.send(text);
    hasty.close(4321, "bye");
    await hasty.closed();
    await room.run(({ seen, lifecycle }) => {
      expect(seen.slice(1)).toEqual([...named(count), "close 4321 bye"]);
      expect(lifecycle.messages).toBe(count);
    });
  },
);

test("[R12] a message that wakes the room right before its sender closes is carried out", async () => {
  const room = await testRoom(env.ChatRoom);
  const [hasty, other] = [await speak(room), await speak(room)];
  await room.evict();
  hasty.message(1, "say", { text: "and goodbye" });
  hasty.dialled.close(1000, "bye");
  await hasty.dialled.closed();
  await room.settle();
  expect(other.entries.map(({ entry }) => entry[1])).toEqual([
    { from: hasty.id, text: "and goodbye" },
  ]);
});

test("[R12] while its last messages are carried out their sender is known by its claims and its state", async () => {
  const room = await roomThrough("door");
  const headersOf = (name: string) => ({ Authorization: `Bearer ${tokenOf({ sub: name, name })}` });
  const hasty = await speak(room, { headers: headersOf("anna") });
  const other = await speak(room, { headers: headersOf("ben") });
  named(100).forEach((text, i) => hasty.message(i + 1, "say", text));
  hasty.dialled.close(1000);
  await hasty.dialled.closed();
  await room.settle();
  expect(other.entries.map(({ entry }) => entry[1])).toEqual(
    named(100).map((text) => ({ by: "ANNA", text })),
  );
});

test.each(["awake", "asleep"])(
  "[R12] [S9] of a connection that the room has closed nothing more is carried out: %s",
  async (how) => {
    const room = await testRoom(env.ChatRoom);
    const [hasty, other] = [await speak(room), await speak(room)];
    await room.run((inside) => inside.member(hasty.id)?.kick());
    if (how === "asleep") await room.evict();
    named(100).forEach((text, i) => hasty.message(i + 1, "say", { text }));
    await hasty.dialled.closed();
    await room.settle();
    expect(other.entries).toEqual([]);
  },
);
