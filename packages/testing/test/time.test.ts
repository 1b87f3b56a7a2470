import {
  type Rang,
  type TestClient,
  type TestRoom,
  testRoom,
  time,
} from "@greenroom/testing/workers";
// Virtual time over days: cron in a time zone, what is due at once, and moves that would take for ever.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { calendar, type CalendarRoom } from "./worker.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BERLIN = { timezone: "Europe/Berlin", keepAlive: true };

type Planner = TestClient<(typeof calendar)["shape"]>;

/** A room at a time, and somebody in it. */
async function at(start: number): Promise<{ room: TestRoom<CalendarRoom>; anna: Planner }> {
  time.freeze(start);
  const room = await testRoom(env.CalendarRoom);
  return { room, anna: await room.connect(calendar) };
}

/** What has rung: its name, and when by the room's clock, as an ISO time without its seconds. */
function rung({ received }: Pick<Planner, "received">): string[] {
  return received("rang").map(
    ({ name, at }) => `${name} ${new Date(at).toISOString().slice(5, 16)}`,
  );
}

const moments = (rang: readonly Rang[]): number[] => rang.map(({ at }) => at);

test("cron rings by the clocks of its time zone, through the days on which they are changed", async () => {
  const { room, anna } = await at(Date.UTC(2099, 2, 28)); // they go forward on the 29th at 02:00
  await anna.send("plan", { name: "nine", cron: "0 9 * * *", ...BERLIN });
  await anna.send("plan", { name: "gap", cron: "30 2 * * *", ...BERLIN });
  const rang = await time.advance(2 * DAY);
  expect(rung(anna).filter((each) => each.startsWith("nine"))).toEqual([
    "nine 03-28T08:00",
    "nine 03-29T07:00",
  ]);
  // There is no 02:30 on the 29th: it rings all the same, when the clocks show 03:00.
  expect(rung(anna).filter((each) => each.startsWith("gap"))).toEqual([
    "gap 03-28T01:30",
    "gap 03-29T01:00",
  ]);
  for (const { due, at } of anna.received("rang")) expect(at).toBe(due);
  expect(moments(rang)).toEqual(anna.received("rang").map(({ at }) => at));
  expect(await room.run(() => Date.now())).toBe(Date.UTC(2099, 2, 30));
});

test("an hour that comes twice rings once", async () => {
  const { anna } = await at(Date.UTC(2099, 9, 24, 12)); // they go back on the 25th at 03:00
  await anna.send("plan", { name: "twice", cron: "30 2 * * *", ...BERLIN });
  await time.advance(2 * DAY);
  expect(rung(anna)).toEqual(["twice 10-25T00:30", "twice 10-26T01:30"]);
});

test("timers, cron and the end come in the order of their times, in one move", async () => {
  const start = Date.UTC(2099, 0, 1);
  const { room, anna } = await at(start);
  await anna.send("plan", { name: "late", after: 25 * MINUTE });
  await anna.send("plan", { name: "cron", cron: "*/10 * * * *" });
  await anna.send("plan", { name: "early", after: 90_000 });
  await anna.send("plan", { name: "never", after: 31 * MINUTE });
  let ended = 0;
  anna.watch("status", ({ state }) => {
    if (state === "closed") ended = Date.now();
  });
  const rang = await time.advance(DAY);
  expect(rung(anna)).toEqual([
    "early 01-01T00:01",
    "cron 01-01T00:10",
    "cron 01-01T00:20",
    "late 01-01T00:25",
    "cron 01-01T00:30", // due when the room is: a timer rings before the end
  ]);
  expect(ended).toBe(start + 30 * MINUTE);
  expect(moments(rang)).toEqual([1.5, 10, 20, 25, 30].map((minutes) => start + minutes * MINUTE));
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
  expect(Date.now()).toBe(start + DAY);
});

test("a timer that rings each minute rings at each, however far time moves", async () => {
  const start = Date.UTC(2099, 5, 1);
  const { room, anna } = await at(start);
  await anna.send("plan", { name: "minute", cron: "* * * * *", keepAlive: true });
  const rang = await time.advance(3 * HOUR);
  expect(moments(rang)).toEqual(Array.from({ length: 180 }, (_, n) => start + (n + 1) * MINUTE));
  expect(anna.received("rang").map(({ at }) => at)).toEqual(moments(rang));
  expect(new Set(rang.map((each) => each.room))).toEqual(new Set([room.name]));
});

test(
  "what would take longer than the test may says so, and how far it has come",
  { timeout: 1_500 },
  async () => {
    const { anna } = await at(Date.UTC(2099, 5, 1));
    await anna.send("plan", { name: "minute", cron: "* * * * *", keepAlive: true });
    await expect(time.advance(365 * DAY)).rejects.toThrow(
      /^time\.advance\(31536000000\) has come \d{6,} ms far in 1200 ms of the real clock, and \d+ alarms have rung\. Advance by less, or give the test more time\.$/,
    );
    anna.close();
  },
);
