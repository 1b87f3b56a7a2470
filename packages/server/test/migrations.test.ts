// Rules G: migrations of the room's own tables.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { at, MINUTE, passUntil, TOMORROW } from "./clock.ts";
import { dial } from "./dial.ts";
import { deployed, MigratedRoom } from "./rooms/migrated.ts";
import { speak } from "./speak.ts";

let logged = vi.spyOn(console, "error");
beforeEach(() => {
  at(TOMORROW);
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The tables of a room, ours and its own. */
const tablesOf = (stub: DurableObjectStub): Promise<string[]> =>
  runInDurableObject(stub, (_room, { storage }) => {
    const rows = storage.sql.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    );
    return rows.toArray().map(({ name }) => name);
  });

/** What is stored, without using SQL. */
const sizeOf = (stub: DurableObjectStub): Promise<number> =>
  runInDurableObject(stub, (_room, { storage }) => storage.sql.databaseSize);

async function tell(stub: DurableObjectStub, text: string): Promise<string> {
  const a = await dial(stub);
  a.send(text);
  const answer = await a.next();
  a.close();
  return answer;
}

test("[G1] they run in order, once, before the first use of SQL", async () => {
  const room = env.MigratedRoom.getByName("runs");
  expect(await tell(room, "first")).toBe("first");
  for (const text of ["second", "third"]) {
    await evictDurableObject(room);
    await tell(room, text);
  }
  await runInDurableObject(room, (instance) => {
    expect(instance.notes()).toEqual(["first", "second", "third"]);
    expect(instance.tags()).toEqual(["0 notes"]);
  });
});

test("[G1] [R6] a room that uses no SQL stores no schema", async () => {
  const room = env.MigratedRoom.getByName("looks");
  expect(await (await room.fetch("http://room/")).json()).toEqual({ name: "looks" });
  (await dial(room)).close();
  expect(await sizeOf(room)).toBe(4_096);
  expect(await tell(room, "look")).toBe("looked"); // counted, and no more
  await evictDurableObject(room);
  const room2 = env.MigratedRoom.getByName("looks");
  await runInDurableObject(room2, (_room, { storage }) => {
    const platform = Reflect.getPrototypeOf(storage.sql) as SqlStorage;
    const rows = platform.exec.call(
      storage.sql,
      "SELECT name FROM sqlite_master WHERE name IN ('notes', 'tags')",
    );
    expect(rows.toArray()).toEqual([]);
  });
});

test("[G1] a method over RPC that uses SQL first finds the schema, without the room's start", async () => {
  const room = env.MigratedRoom.getByName("rpc");
  expect(await room.notes()).toEqual([]);
});

test.each([
  ["throws", () => Promise.reject(new Error("no"))],
  ["rolls back by hand", (txn: DurableObjectTransaction) => Promise.resolve(txn.rollback())],
])("[G2] they run again after a transaction that waits and %s", async (how, end) => {
  const room = env.MigratedRoom.getByName(`waits and ${how}`);
  await runInDurableObject(room, async (instance, { storage }) => {
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
  const room = env.MigratedRoom.getByName("purged");
  await tell(room, "old");
  await passUntil(() => room, TOMORROW + 31 * MINUTE);
  expect(await sizeOf(room)).toBe(4_096);
  expect(await tell(room, "new")).toBe("new");
});

test("[G2] rolled back with a transaction, they run again at the next use", async () => {
  const room = env.MigratedRoom.getByName("rolls back");
  expect(await tell(room, "roll back")).toBe("");
  expect(await tell(room, "kept")).toBe("kept");
  await runInDurableObject(room, (instance) => expect(instance.tags()).toEqual(["0 notes"]));
});

test("[G1] a deploy with more migrations runs those that are new", async () => {
  const name = "deploys";
  const [one, two] = MigratedRoom.migrations;
  deployed.set(name, [one ?? ""]);
  await tell(env.OlderRoom.getByName(name), "first");
  await evictDurableObject(env.OlderRoom.getByName(name));
  deployed.set(name, [
    one ?? "",
    two ?? "",
    "ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 5",
  ]);
  await tell(env.OlderRoom.getByName(name), "second");
  await runInDurableObject(env.OlderRoom.getByName(name), (room) => {
    expect(room.tags()).toEqual(["1 notes"]);
    expect(room.sql`SELECT stars FROM notes`).toEqual([{ stars: 5 }, { stars: 5 }]);
  });
});

test("[G4] a database newer than the code refuses to start, says so, and changes nothing", async () => {
  const name = "newer";
  await tell(env.OlderRoom.getByName(name), "kept");
  await evictDurableObject(env.OlderRoom.getByName(name));
  deployed.set(name, ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"]);
  const answer = await env.OlderRoom.getByName(name).fetch("http://room/");
  expect(await answer.json()).toMatchObject({ code: "schema-newer" });
  expect(String(logged.mock.lastCall?.[1])).toContain(
    "The database is at migration 2, and OlderRoom has 1.",
  );
  const a = await dial(env.OlderRoom.getByName(name));
  expect((await a.closed).code).toBeGreaterThanOrEqual(4_200);
  await expect(
    runInDurableObject(env.OlderRoom.getByName(name), (room) => room.notes()),
  ).rejects.toThrow("at migration 2");
  deployed.delete(name);
  await evictDurableObject(env.OlderRoom.getByName(name));
  await runInDurableObject(env.OlderRoom.getByName(name), (room) =>
    expect(room.notes()).toEqual(["kept"]),
  );
});

test("[G3] one that fails leaves the old schema, and says which it is and why", async () => {
  const room = env.BrokenRoom.getByName("broken");
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
  await runInDurableObject(room, (_room, { storage }) => {
    const platform = Reflect.getPrototypeOf(storage.sql) as SqlStorage;
    const rows = platform.exec.call(
      storage.sql,
      "SELECT name FROM sqlite_master WHERE name IN ('sums', 'greenroom_schema')",
    );
    expect(rows.toArray()).toEqual([]);
  });
});

test("[G1] [G2] over partyserver's own class as well", async () => {
  const room = env.MigratedPlain.getByName("plain");
  expect(await tell(room, "note")).toBe("note");
  expect(await tablesOf(room)).toEqual(
    expect.arrayContaining(["notes", "tags", "greenroom_schema"]),
  );
});
