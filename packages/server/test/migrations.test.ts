// Rules G: migrations of the room's own tables.
import { type TestRoom, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { deployed, MigratedRoom } from "./rooms/migrated.ts";
import { speak } from "./speak.ts";

let logged = vi.spyOn(console, "error");
beforeEach(() => {
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** The tables of a room, as the platform has them: the room's own SQL would migrate first. */
const tablesOf = async (room: Pick<TestRoom<undefined>, "stored">): Promise<readonly string[]> =>
  (await room.stored()).tables;

/** What is stored, without using SQL. */
const sizeOf = (room: TestRoom<MigratedRoom>): Promise<number> =>
  room.run((_instance, { storage }) => storage.sql.databaseSize);

async function tell(room: Pick<TestRoom<undefined>, "open">, text: string): Promise<string> {
  const a = await room.open();
  a.send(text);
  const answer = await a.next();
  a.close();
  return answer;
}

test("[G1] they run in order, once, before the first use of SQL", async () => {
  const room = await testRoom(env.MigratedRoom);
  expect(await tell(room, "first")).toBe("first");
  for (const text of ["second", "third"]) {
    await room.evict();
    await tell(room, text);
  }
  await room.run((instance) => {
    expect(instance.notes()).toEqual(["first", "second", "third"]);
    expect(instance.tags()).toEqual(["0 notes"]);
  });
});

test("[G1] [R6] a room that uses no SQL stores no schema", async () => {
  const room = await testRoom(env.MigratedRoom, { name: "looks" });
  expect(await (await room.fetch()).json()).toEqual({ name: "looks" });
  (await room.open()).close();
  expect(await sizeOf(room)).toBe(4_096);
  expect(await tell(room, "look")).toBe("looked"); // counted, and no more
  await room.evict();
  const tables = await tablesOf(room);
  expect(tables).not.toContain("notes");
  expect(tables).not.toContain("tags");
});

test("[G1] a method over RPC that uses SQL first finds the schema, without the room's start", async () => {
  const room = await testRoom(env.MigratedRoom);
  expect(await room.stub.notes()).toEqual([]);
});

test.each([
  ["throws", () => Promise.reject(new Error("no"))],
  ["rolls back by hand", (txn: DurableObjectTransaction) => Promise.resolve(txn.rollback())],
])("[G2] they run again after a transaction that waits and %s", async (_how, end) => {
  const room = await testRoom(env.MigratedRoom);
  await room.run(async (instance, { storage }) => {
    const run = async (txn: DurableObjectTransaction): Promise<void> => {
      instance.add("lost");
      await end(txn);
    };
    await storage.transaction(run).catch(() => undefined);
    instance.add("kept");
    expect(instance.notes()).toEqual(["kept"]);
  });
});

test("[G2] after a purge they run again, on the same instance", async () => {
  const room = await testRoom(env.MigratedRoom);
  await tell(room, "old");
  await time.advance(31 * 60_000);
  expect(await sizeOf(room)).toBe(4_096);
  expect(await tell(room, "new")).toBe("new");
});

test("[G2] rolled back with a transaction, they run again at the next use", async () => {
  const room = await testRoom(env.MigratedRoom);
  expect(await tell(room, "roll back")).toBe("");
  expect(await tell(room, "kept")).toBe("kept");
  await room.run((instance) => expect(instance.tags()).toEqual(["0 notes"]));
});

test("[G1] a deploy with more migrations runs those that are new", async () => {
  const room = await testRoom(env.OlderRoom);
  const [one, two] = MigratedRoom.migrations;
  deployed.set(room.name, [one ?? ""]);
  await tell(room, "first");
  await room.evict();
  deployed.set(room.name, [
    one ?? "",
    two ?? "",
    "ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 5",
  ]);
  await tell(room, "second");
  await room.run((instance) => {
    expect(instance.tags()).toEqual(["1 notes"]);
    expect(instance.sql`SELECT stars FROM notes`).toEqual([{ stars: 5 }, { stars: 5 }]);
  });
});

test("[G4] a database newer than the code refuses to start, says so, and changes nothing", async () => {
  const room = await testRoom(env.OlderRoom);
  await tell(room, "kept");
  await room.evict();
  deployed.set(room.name, ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"]);
  const answer = await room.fetch();
  expect(await answer.json()).toMatchObject({ code: "schema-newer" });
  expect(String(logged.mock.lastCall?.[1])).toContain(
    "The database is at migration 2, and OlderRoom has 1.",
  );
  const a = await room.open();
  expect((await a.closed()).code).toBeGreaterThanOrEqual(4_200);
  await expect(room.run((instance) => instance.notes())).rejects.toThrow("at migration 2");
  deployed.delete(room.name);
  await room.evict();
  await room.run((instance) => expect(instance.notes()).toEqual(["kept"]));
});

test("[G3] one that fails leaves the old schema, and says which it is and why", async () => {
  const room = await testRoom(env.BrokenRoom);
  const a = await speak(room);
  a.message(1, "add", "1");
  expect(await a.outcome(1)).toMatchObject({ fault: { code: "failed" } });
  a.call(2, "sum");
  expect(await a.outcome(2)).toEqual({ answer: 0 }); // what uses no SQL goes on
  const fault = String(logged.mock.lastCall?.[1]);
  expect(fault).toMatch(
    /Migration 3 of BrokenRoom failed, and the schema stays at 0: .*no such table: nowhere/,
  );
  expect(JSON.stringify(a.items)).not.toContain("nowhere");
  const tables = await tablesOf(room);
  expect(tables).not.toContain("sums");
  expect(tables).not.toContain("greenroom_schema");
});

test("[G1] [G2] over partyserver's own class as well", async () => {
  const room = await testRoom(env.MigratedPlain);
  expect(await tell(room, "note")).toBe("note");
  expect(await tablesOf(room)).toEqual(
    expect.arrayContaining(["notes", "tags", "greenroom_schema"]),
  );
});
