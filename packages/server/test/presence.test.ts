// Presence in real workerd: who is told what, through sleep, crashes and every way to leave.
import { helloProtocols } from "@greenroom/protocol";
import { testRoom, type TestRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { attend, type Attendee } from "./crowd.ts";
import { type Bill, takeBill } from "./rooms/metered.ts";
import { sessionToken } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / SECOND) * SECOND + 24 * 60 * MINUTE;

beforeEach(() => time.freeze(TOMORROW));
afterEach(() => vi.restoreAllMocks());

/** A code that a client closes with that will be back. */
const BACK_SOON = 4203;

/** Nothing is told of what came before: a marker shows something, and that is the next that `who` hears. */
async function hearsNothing(who: Attendee, marker: Attendee, mark: number): Promise<void> {
  const before = who.told.length;
  marker.show(mark);
  await vi.waitFor(() => expect(who.sees()[marker.id]).toBe(mark));
  expect(who.told.slice(before)).toEqual([["p", "diff", { changed: [[marker.id, { at: mark }]] }]]);
}

describe("joining", () => {
  test("[E1] [E2] the state follows the welcome, with the newcomer and all that is shown", async () => {
    const room = await testRoom(env.CrowdRoom);
    const a = await attend(room, { path: "?name=Ann" });
    expect(await a.next()).toEqual(["p", "state", 15_000, [a.id, a.id, TOMORROW, { name: "Ann" }]]);
    a.show(1);
    const b = await attend(room, { path: "?name=Ben" });
    await vi.waitFor(() => expect(b.told).toHaveLength(1));
    expect(b.told[0]).toEqual([
      "p",
      "state",
      15_000,
      [a.id, a.id, TOMORROW, { name: "Ann" }, { at: 1 }],
      [b.id, b.id, TOMORROW, { name: "Ben" }],
    ]);
  });

  test("[E4] who joins, shows something or leaves is told to the others", async () => {
    const room = await testRoom(env.CrowdRoom);
    const [a, b] = [await attend(room), await attend(room)];
    await a.until({ [a.id]: null, [b.id]: null });
    b.show(7);
    await a.until({ [a.id]: null, [b.id]: 7 });
    b.dialled.close(1000);
    await a.until({ [a.id]: null });
    expect(a.told.slice(1)).toEqual([
      ["p", "diff", { joined: [[b.id, b.id, TOMORROW, { name: "anon" }]] }],
      ["p", "diff", { changed: [[b.id, { at: 7 }]] }],
      ["p", "diff", { left: [b.id] }],
    ]);
  });

  test("[E16] a contract with presence asks for it in the room", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const answer = await (await testRoom(env.UnusedRoom)).fetch();
    expect(await answer.json()).toMatchObject({ code: "bad-option" });
    expect(String(logged.mock.calls[0]?.[1])).toMatch(
      /UnusedRoom does not use it.*use: \[presence\(\)\]/,
    );
  });
});

describe("showing", () => {
  test("[E10] what does not match is refused, and what was shown stays", async () => {
    const room = await testRoom(env.CrowdRoom);
    const [a, b] = [await attend(room), await attend(room)];
    a.show(1);
    await b.until({ [a.id]: 1, [b.id]: null });
    a.raw(["p", { at: "here" }]);
    a.raw(["p", { at: 1, text: "x".repeat(2048) }]);
    a.dialled.send('["p",{');
    const faults = (): unknown[] => a.told.filter((item) => (item as string[])[1] === "fault");
    await vi.waitFor(() => expect(faults()).toHaveLength(3));
    expect(faults()).toMatchObject([
      ["p", "fault", { code: "invalid", issues: [{ path: "at" }] }],
      ["p", "fault", { code: "too-large" }],
      ["p", "fault", { code: "malformed" }],
    ]);
    await hearsNothing(b, a, 2);
    a.call(1, "shown");
    const { answer } = await a.outcome(1);
    expect(answer).toHaveLength(2);
    expect(answer).toContainEqual([{ at: 2 }, { name: "anon" }]);
    expect(answer).toContainEqual([null, { name: "anon" }]);
  });

  test("[E10] [O1] what a schema throws at is refused with an id, and its text reaches nobody", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const a = await attend(await testRoom(env.OddCrowdRoom));
    a.raw(["p", "odd"]);
    const fault = { code: "failed", id: expect.stringMatching(/^\w{8}$/) as string };
    await vi.waitFor(() => expect(a.told.at(-1)).toEqual(["p", "fault", fault]));
    expect(String(logged.mock.lastCall?.[1])).toContain("secret text");
  });

  test("[E10] what does not fit beside the room's own part is refused", async () => {
    const room = await testRoom(env.CrowdRoom);
    const session = sessionToken();
    const [a, b] = [await attend(room, { session }), await attend(room)];
    a.show(1);
    await b.until({ [a.id]: 1, [b.id]: null });
    a.message(1, "fill", 15_800);
    expect(await a.outcome(1)).toEqual({});
    a.show(3, "y".repeat(1_500));
    await vi.waitFor(() => expect(a.told.at(-1)).toEqual(["p", "fault", { code: "too-large" }]));
    await hearsNothing(b, a, 2);
    // The same where it comes back, and the room keeps more than before: that comes first.
    a.message(2, "fill", 12_500);
    await a.outcome(2);
    a.show(4, "y".repeat(1_500));
    await b.until({ [a.id]: 4, [b.id]: null });
    const again = await attend(room, { session, path: `?name=${"z".repeat(1_500)}` });
    await again.until({ [a.id]: null, [b.id]: null });
    await b.until({ [a.id]: null, [b.id]: null });
  });

  test("[E9] survives sleep at every step, and writes no row", async () => {
    const room = await testRoom(env.MeteredCrowd);
    const bill = (): Promise<Bill> => room.run((instance) => takeBill(instance));
    const free = { rows: 0, alarms: 0 };
    const a = await attend(room);
    await a.next();
    await room.evict();
    a.show(1);
    await vi.waitFor(async () =>
      expect(await room.run((instance) => instance.members()[0]?.presence)).toEqual({ at: 1 }),
    );
    expect(await bill()).toEqual(free);
    await room.evict();
    const b = await attend(room);
    await b.until({ [a.id]: 1, [b.id]: null });
    await a.until({ [a.id]: null, [b.id]: null }); // it is not told what it shows itself
    expect(await bill()).toEqual(free);
    for (let step = 2; step < 10; step++) {
      await room.evict();
      b.show(step);
      await a.until({ [a.id]: null, [b.id]: step });
      expect(await bill()).toEqual(free);
    }
    await room.evict();
    b.dialled.close(1000);
    await a.until({ [a.id]: null });
    expect(await bill()).toEqual(free);
    await room.run((_room, { storage }) => expect(storage.sql.databaseSize).toBe(4_096));
  });
});

test("[E14] a busy room tells each member's latest, at most every 50 ms", async () => {
  const room = await testRoom(env.CrowdRoom);
  time.release(); // the room's own clock says how long it has been quiet
  const [a, b, c] = [await attend(room), await attend(room), await attend(room)];
  await a.until({ [a.id]: null, [b.id]: null, [c.id]: null });
  await scheduler.wait(100); // quiet
  const begin = Date.now();
  const before = a.told.length;
  b.show(1);
  await a.until({ [a.id]: null, [b.id]: 1, [c.id]: null });
  for (let n = 2; n <= 100; n++) {
    b.show(n);
    c.show(n);
    if (n % 10 === 0) await scheduler.wait(5);
  }
  await a.until({ [a.id]: null, [b.id]: 100, [c.id]: 100 });
  const diffs = a.told.slice(before);
  expect(diffs[0]).toEqual(["p", "diff", { changed: [[b.id, { at: 1 }]] }]);
  expect(diffs.length).toBeGreaterThan(1);
  expect(diffs.length).toBeLessThanOrEqual(2 + (Date.now() - begin) / 50);
  for (const [, , { changed }] of diffs as [string, string, { changed: [string][] }][]) {
    expect(new Set(changed.map(([id]) => id)).size).toBe(changed.length);
  }
});

describe("leaving", () => {
  test.each([[1000], [4300], [undefined]])(
    "[E5] a clean close (%s) leaves at once",
    async (code) => {
      const room = await testRoom(env.CrowdRoom);
      const [a, b] = [await attend(room), await attend(room)];
      await a.until({ [a.id]: null, [b.id]: null });
      b.dialled.close(code);
      await a.until({ [a.id]: null });
      expect(await room.alarm()).toBeNull();
    },
  );

  test("[E5] who is sent away leaves at once", async () => {
    const room = await testRoom(env.CrowdRoom);
    const [a, b] = [await attend(room), await attend(room)];
    await a.until({ [a.id]: null, [b.id]: null });
    b.message(1, "be", "gone");
    await a.until({ [a.id]: null });
    expect(a.told.at(-1)).toEqual(["p", "diff", { left: [b.id] }]);
  });

  test("[E5] [E7] an abrupt end leaves when the grace is over, through sleep", async () => {
    const room = await testRoom(env.CrowdRoom);
    const [a, b, c] = [await attend(room), await attend(room), await attend(room)];
    await a.until({ [a.id]: null, [b.id]: null, [c.id]: null });
    b.show(5);
    await a.until({ [a.id]: null, [b.id]: 5, [c.id]: null });
    time.freeze(TOMORROW + 100);
    b.dialled.close(BACK_SOON);
    await vi.waitFor(async () => expect(await room.alarm()).toBe(TOMORROW + 11 * SECOND));
    await room.evict();
    const d = await attend(room);
    await d.until({ [a.id]: null, [b.id]: 5, [c.id]: null, [d.id]: null });
    await a.until({ [a.id]: null, [b.id]: 5, [c.id]: null, [d.id]: null });
    await hearsNothing(a, c, 1);
    await room.evict();
    await time.advanceTo(TOMORROW + 12 * SECOND);
    await a.until({ [a.id]: null, [c.id]: 1, [d.id]: null });
    expect(a.told.at(-1)).toEqual(["p", "diff", { left: [b.id] }]);
  });

  test("[E6] who comes back within the grace was never away", async () => {
    const room = await testRoom(env.CrowdRoom);
    const session = sessionToken();
    const [a, b] = [await attend(room), await attend(room, { session })];
    const c = await attend(room);
    b.show(5);
    await a.until({ [a.id]: null, [b.id]: 5, [c.id]: null });
    for (const sleeps of [false, true]) {
      const before = await (sleeps ? attend(room, { session }) : b);
      before.dialled.close(BACK_SOON);
      await vi.waitFor(async () => expect(await timersOf(room)).toEqual([`$leave/${b.id}`]));
      if (sleeps) await room.evict();
      time.freeze(Date.now() + 5 * SECOND);
      const again = await attend(room, { session });
      await again.until({ [a.id]: null, [b.id]: 5, [c.id]: a.sees()[c.id] ?? null });
      expect(await timersOf(room)).toEqual([]);
      await hearsNothing(a, c, sleeps ? 2 : 1);
      await time.advanceTo(Date.now() + 20 * SECOND);
      await hearsNothing(a, c, sleeps ? 4 : 3);
      again.dialled.close(BACK_SOON);
      await vi.waitFor(async () => expect(await timersOf(room)).toEqual([`$leave/${b.id}`]));
    }
  });

  test("[E6] [S9] who supersedes its own ghost was never away, and is once", async () => {
    const room = await testRoom(env.CrowdRoom);
    const session = sessionToken();
    const [a, b] = [await attend(room), await attend(room, { session })];
    const c = await attend(room);
    b.show(5);
    await a.until({ [a.id]: null, [b.id]: 5, [c.id]: null });
    const again = await attend(room, { session });
    await again.until({ [a.id]: null, [b.id]: 5, [c.id]: null });
    await b.dialled.closed();
    await hearsNothing(a, c, 1);
    again.dialled.close(1000);
    await a.until({ [a.id]: null, [c.id]: 1 });
    expect(await timersOf(room)).toEqual([]);
  });

  test("[E6] [R4] whose return is turned away leaves when the grace is over", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const room = await testRoom(env.CrowdRoom);
    const session = sessionToken();
    const [a, b] = [await attend(room), await attend(room, { session })];
    await a.until({ [a.id]: null, [b.id]: null });
    const refused = await room.open({
      path: "?name=nobody",
      protocols: helloProtocols({ session, epoch: null, seq: null }),
    });
    expect(await refused.closed()).toMatchObject({ code: 4200 });
    await b.dialled.closed();
    expect(await timersOf(room)).toEqual([`$leave/${b.id}`]);
    expect(a.sees()).toEqual({ [a.id]: null, [b.id]: null });
    await time.advanceTo(TOMORROW + 12 * SECOND);
    await a.until({ [a.id]: null });
  });

  test("[E5] without a grace everybody leaves at once", async () => {
    const room = await testRoom(env.HastyRoom);
    const [a, b] = [await attend(room), await attend(room)];
    await a.until({ [a.id]: null, [b.id]: null });
    b.dialled.close(BACK_SOON);
    await a.until({ [a.id]: null });
    expect(await timersOf(room)).toEqual([]);
  });

  test("[E9] a blip costs at most four rows, and a loss as many", async () => {
    const room = await testRoom(env.MeteredCrowd);
    const session = sessionToken();
    const price = async (): Promise<number> => {
      const { rows, alarms } = await room.run((instance) => takeBill(instance));
      return rows + alarms;
    };
    const a = await attend(room);
    a.message(1, "say", "the room has a deadline");
    await a.outcome(1);
    let b = await attend(room, { session });
    await price();
    for (const minute of [1, 2, 3]) {
      time.freeze(TOMORROW + minute * MINUTE);
      b.dialled.close(BACK_SOON);
      await b.dialled.closed();
      b = await attend(room, { session });
      await b.next();
      const rows = await price();
      // The first of all creates the table of timers.
      if (minute > 1) expect(rows).toBeLessThanOrEqual(4);
    }
    b.dialled.close(BACK_SOON);
    await b.dialled.closed();
    await time.advanceTo(Date.now() + 20 * SECOND);
    await a.until({ [a.id]: null });
    expect(await price()).toBeLessThanOrEqual(4);
  });

  test("[E9] who is lost alone writes nothing", async () => {
    const room = await testRoom(env.CrowdRoom);
    const a = await attend(room);
    a.dialled.close(BACK_SOON);
    await a.dialled.closed();
    expect(await timersOf(room)).toEqual([]);
    await room.run((_room, { storage }) => expect(storage.sql.databaseSize).toBe(4_096));
  });
});

describe("a crash", () => {
  test("[E8] [E7] [A19] the state says for how long to go on showing whom one knew, also through sleep", async () => {
    const room = await testRoom(env.CrowdRoom);
    const sessions = [sessionToken(), sessionToken(), sessionToken()] as const;
    const [a, b, c] = [
      await attend(room, { session: sessions[0] }),
      await attend(room, { session: sessions[1] }),
      await attend(room, { session: sessions[2] }),
    ];
    c.show(5);
    await a.until({ [a.id]: null, [b.id]: null, [c.id]: 5 });
    c.dialled.close(BACK_SOON);
    await vi.waitFor(async () => expect(await timersOf(room)).toEqual([`$leave/${c.id}`]));
    time.freeze(TOMORROW + 3 * SECOND);
    await room.crash();
    const again = await attend(room, { session: sessions[0] });
    expect((await again.next())[2]).toBe(15_000);
    // Who was in its grace is still in it; who was there may be on its way back.
    expect(again.sees()).toEqual({ [a.id]: null, [c.id]: 5 });
    time.freeze(TOMORROW + 7 * SECOND);
    await room.evict();
    const late = await attend(room, { session: sessions[1] });
    expect((await late.next())[2]).toBe(11_000);
    await time.advanceTo(TOMORROW + 20 * SECOND);
    await again.until({ [a.id]: null, [b.id]: null });
    const last = await attend(room);
    expect((await last.next())[2]).toBe(0);
  });

  test("[E7] a timer that a crash has kept of a member that is back does nothing", async () => {
    const room = await testRoom(env.CrowdRoom);
    const session = sessionToken();
    const [a, b] = [await attend(room), await attend(room, { session })];
    const c = await attend(room);
    await a.until({ [a.id]: null, [b.id]: null, [c.id]: null });
    b.dialled.close(BACK_SOON);
    await vi.waitFor(async () => expect(await timersOf(room)).toHaveLength(1));
    const row = await room.run((_room, { storage }) =>
      storage.sql.exec("SELECT * FROM greenroom_timers WHERE name LIKE '$leave%'").toArray(),
    );
    await attend(room, { session });
    await room.run((_room, { storage }) => {
      const values = Object.values(row[0] as Record<string, SqlStorageValue>);
      const places = values.map(() => "?").join(", ");
      storage.sql.exec(`INSERT INTO greenroom_timers VALUES (${places})`, ...values);
    });
    await room.evict();
    time.freeze(TOMORROW + 12 * SECOND);
    await room.ring();
    expect(await timersOf(room)).toEqual([]);
    await hearsNothing(a, c, 1);
  });
});

/** The names of all timers of a room, its own included. */
function timersOf(room: Pick<TestRoom<undefined>, "run">): Promise<string[]> {
  return room.run((_room, { storage }) => {
    const query = "SELECT name FROM sqlite_master WHERE name = 'greenroom_timers'";
    if (storage.sql.exec(query).toArray().length === 0) return [];
    return storage.sql
      .exec<{ name: string }>("SELECT name FROM greenroom_timers WHERE name LIKE '$leave%'")
      .toArray()
      .map(({ name }) => name);
  });
}
