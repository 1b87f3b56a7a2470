// Pitfall 7: a Worker under an old compatibility date is without what rooms need.
import { expect, test, vi } from "vitest";
import { createTestHarness } from "wrangler";

const FOLDER = "packages/server/test/pitfalls";
const TODAY = "2026-11-17";

/** A message, the end, and a look once no alarm is set: the answers, and the log. */
async function steps(
  who: "naive" | "room",
  date: string,
): Promise<{ answers: string[]; log: string }> {
  const server = createTestHarness({
    root: FOLDER,
    workers: [
      {
        config: {
          name: "dated",
          main: "dated.ts",
          compatibility_date: date,
          compatibility_flags: ["nodejs_compat"],
          durable_objects: {
            bindings: [
              { name: "NaiveDate", class_name: "NaiveDate" },
              { name: "DatedRoom", class_name: "DatedRoom" },
            ],
          },
          migrations: [{ tag: "v1", new_sqlite_classes: ["NaiveDate", "DatedRoom"] }],
        },
      },
    ],
  });
  const ask = async (what: string): Promise<string> => {
    const response = await server.fetch(`/${who}/${what}`);
    return `${response.status} ${await response.text()}`;
  };
  try {
    await server.listen();
    const answers = [await ask("say"), await ask("end")];
    answers.push(
      await vi.waitUntil(async () => {
        const answer = await ask("last");
        return answer === "200 waiting" ? undefined : answer;
      }),
    );
    const log = server.getLogs().map(({ message }) => message);
    return { answers, log: log.join("\n") };
  } finally {
    await server.close();
  }
}

test("under today's date a hand-written object and a room both work", async () => {
  const answers = ["200 taken", "200 ended", "200 empty"];
  expect(await steps("naive", TODAY)).toMatchObject({ answers });
  expect(await steps("room", TODAY)).toMatchObject({ answers });
});

test("before 2024-04-03 an object has no methods to call", async () => {
  const missing = (name: string): string => `500 TypeError: stub.${name} is not a function`;
  const { answers } = await steps("naive", "2024-04-02");
  expect(answers).toEqual([missing("say"), missing("end"), missing("last")]);
});

test("before 2026-02-24 the alarm outlives deleteAll, rings, and stores something again", async () => {
  const { answers } = await steps("naive", "2026-02-23");
  expect(answers).toEqual(["200 taken", "200 ended", "200 the alarm rang"]);
});

test.each(["2024-04-02", "2026-02-23"])(
  "[R5] a room under %s refuses its first start and says which line to change",
  async (date) => {
    const { answers, log } = await steps("room", date);
    for (const answer of answers)
      expect(answer).toMatch(/^500 \{"code":"compatibility-date","id":"\w+"\}$/);
    expect(log).toContain("[greenroom] DatedRoom/7: onStart failed");
    expect(log).toContain('set "compatibility_date" to "2026-08-04" or later');
  },
);
