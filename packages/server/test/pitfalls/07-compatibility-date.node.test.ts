// Pitfall 7: a Worker under an old compatibility date is without what rooms need.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";

const NAIVE = "/naive";
const ROOM = "/rooms/dated/7";

// The last day before RPC, the last day before deleteAll took the alarm along, and a new one.
const DATES = ["2024-04-02", "2026-02-23", "2026-11-17"] as const;
type CompatibilityDate = (typeof DATES)[number];

const servers = new Map<CompatibilityDate, TestHarness>();

beforeAll(async () => {
  for (const date of DATES) {
    const classes = ["NaiveDate", "DatedRoom"];
    const config = {
      name: "dated",
      main: "dated.ts",
      compatibility_date: date,
      compatibility_flags: ["nodejs_compat"],
      durable_objects: { bindings: classes.map((name) => ({ name, class_name: name })) },
      migrations: [{ tag: "v1", new_sqlite_classes: classes }],
    };
    servers.set(date, createTestHarness({ root: import.meta.dirname, workers: [{ config }] }));
  }
  await Promise.all([...servers.values()].map((server) => server.listen()));
});

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.close()));
});

function serverOf(date: CompatibilityDate): TestHarness {
  return servers.get(date) as TestHarness; // SAFETY: one for each date
}

/** A message, the end, and a look, after the alarm if one is left: the answers. */
async function steps(path: string, date: CompatibilityDate): Promise<string[]> {
  const ask = async (what: string): Promise<string> => {
    const response = await serverOf(date).fetch(`${path}?${what}`);
    return `${response.status} ${await response.text()}`;
  };
  const answers = [await ask("say"), await ask("end")];
  if (answers[1]?.endsWith("with an alarm"))
    await vi.waitUntil(async () => (await ask("last")) !== "200 nothing", { timeout: 5_000 });
  return [...answers, await ask("last")];
}

test("under today's date a hand-written object and a room both work", async () => {
  const answers = ["200 taken", "200 ended", "200 nothing"];
  expect(await steps(NAIVE, "2026-11-17")).toEqual(answers);
  expect(await steps(ROOM, "2026-11-17")).toEqual(answers);
});

test("before 2024-04-03 an object has no methods to call", async () => {
  const answers = await steps(NAIVE, "2024-04-02");
  const missing = ["say", "end", "last"].map(
    (name) => `500 TypeError: stub.${name} is not a function`,
  );
  expect(answers).toEqual(missing);
});

test("before 2026-02-24 an alarm outlives deleteAll, rings, and stores something again", async () => {
  const answers = await steps(NAIVE, "2026-02-23");
  expect(answers).toEqual(["200 taken", "200 ended, with an alarm", "200 the alarm rang"]);
});

test.each(["2024-04-02", "2026-02-23"] as const)(
  "[R5] [A23] a room under %s refuses its first start and says which line to change",
  async (date) => {
    const answers = await steps(ROOM, date);
    const log = (): string =>
      serverOf(date)
        .getLogs()
        .map(({ message }) => message)
        .join("\n");
    expect(answers).toHaveLength(3);
    for (const answer of answers)
      expect(answer).toMatch(/^500 \{"code":"compatibility-date","id":"\w+"\}$/);
    // The log takes a way of its own, and may come after the answer.
    await expect.poll(log).toContain("[greenroom] DatedRoom/7: onStart failed");
    await expect.poll(log).toContain('set "compatibility_date" to "2026-08-04" or later');
  },
);
