// A session that says it is fresh: nothing is looked for, and nothing can go wrong for anybody else.
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { takeStatements } from "./rooms/metered.ts";
import { sessionToken, speak, type Speaker } from "./speak.ts";

const ENTRIES = 300;

/** A room that has kept so many entries, and has slept: nobody is connected. */
async function kept() {
  const room = await testRoom(env.MeteredChat);
  const a = await speak(room);
  for (let n = 1; n <= ENTRIES; n++) a.message(n, "say", { text: `message ${n}` });
  await a.until(ENTRIES);
  a.dialled.close(1000);
  await a.dialled.closed();
  await room.evict({ sockets: "close" });
  const statements = (): Promise<string[]> => room.run((instance) => takeStatements(instance));
  const isLookedFor = async (): Promise<boolean> =>
    (await statements()).some((text) => text.startsWith("SELECT k, marks"));
  return { room, statements, isLookedFor };
}

const texts = ({ entries }: Speaker): unknown[] =>
  entries.map(({ entry }) => (entry[1] as { text: string }).text);

describe("[H11] a newcomer after a start", () => {
  test("that is fresh costs three statements until it is in, and reads no marks", async () => {
    const { room, statements } = await kept();
    const a = await speak(room, { fresh: true, dial: [1, 1] });
    expect(a.welcome).toMatchObject({ n: 0, head: ENTRIES, seq: ENTRIES - 3 });
    const run = await statements();
    expect(run).toEqual([
      expect.stringMatching(/ FROM sqlite_master .*epoch, bill, marks FROM greenroom_log /),
      expect.stringMatching(/^SELECT k, seq, before FROM greenroom_log ORDER BY k LIMIT 1/),
      expect.stringMatching(/^SELECT seq, count, body FROM greenroom_log /),
    ]);
    const { wake } = await room.run((instance) => instance.cost());
    expect(wake.rowsRead).toBeLessThanOrEqual(20);
  });

  test("that does not say so has its mark looked for", async () => {
    const { room, isLookedFor } = await kept();
    await speak(room, { dial: [1, 1] });
    expect(await isLookedFor()).toBe(true);
  });

  test("[H3] without a hello is fresh: its token is the room's own", async () => {
    const { room, isLookedFor } = await kept();
    await room.open();
    expect(await isLookedFor()).toBe(false);
  });
});

test("[H11] [S1] a handshake that was held back until its session was fresh no more hides no mark", async () => {
  const room = await testRoom(env.ChatRoom);
  const session = sessionToken();
  const a = await speak(room, { session, dial: [7, 2], fresh: true });
  for (const n of [1, 2]) a.message(n, "say", { text: String(n) });
  await a.until(2);
  a.dialled.close(1000);
  await a.dialled.closed();
  await room.evict();
  await speak(room, { session, dial: [7, 1], fresh: true });
  const b = await speak(room, { session, dial: [7, 3], epoch: a.welcome.epoch, seq: 0 });
  expect(b.welcome.n).toBe(2);
  b.message(2, "say", { text: "2" });
  b.message(3, "say", { text: "3" });
  await b.until(3);
  expect(texts(b)).toEqual(["1", "2", "3"]);
});

test("[H11] who says so wrongly does its own messages twice, until it says so no more, and no other's", async () => {
  const room = await testRoom(env.ChatRoom);
  const [honest, liar] = [sessionToken(), sessionToken()];
  const a = await speak(room, { session: honest, fresh: true, dial: [1, 1] });
  const b = await speak(room, { session: liar, fresh: true, dial: [2, 1] });
  a.message(1, "say", { text: "honest" });
  await a.until(1);
  b.message(1, "say", { text: "once" });
  await b.until(2);
  for (const { dialled } of [a, b]) {
    dialled.close(1000);
    await dialled.closed();
  }
  await room.evict();
  const again = await speak(room, { session: liar, fresh: true, dial: [3, 1] });
  expect(again.welcome.n).toBe(0);
  again.message(1, "say", { text: "twice" });
  await again.until(3);
  const honestly = await speak(room, { session: liar, dial: [3, 2] });
  expect(honestly.welcome.n).toBe(1);
  const other = await speak(room, { session: honest, dial: [1, 2], seq: 0 });
  expect(other.welcome.n).toBe(1);
  other.message(1, "say", { text: "honest" });
  expect(await other.outcome(1)).toEqual({});
  other.message(2, "say", { text: "more" });
  await other.until(4);
  expect(texts(other)).toEqual(["honest", "once", "twice", "more"]);
});
