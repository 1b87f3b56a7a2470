// Pitfall 8: `new_classes` instead of `new_sqlite_classes` deploys, and fails later.
import { type TestRoom, testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

/** A health check and a message over HTTP: the answers. */
async function steps(room: Pick<TestRoom<undefined>, "fetch">): Promise<string[]> {
  const answers: string[] = [];
  for (const init of [{ method: "GET" }, { method: "POST", body: "hello" }]) {
    const response = await room.fetch("", init);
    answers.push(`${response.status} ${await response.text()}`);
  }
  return answers;
}

test("SQL in a class without SQLite deploys, looks well, and fails at the first message", async () => {
  const [check, message] = await steps(await testRoom(env.NaiveBackend));
  expect(check).toBe("200 ready");
  expect(message).toMatch(/^500 Error: SQL is not enabled for this Durable Object class/);
});

test("[R5] a room without SQLite refuses its first start and says which line to change", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const answers = await steps(await testRoom(env.BackendRoom, { name: "8" }));
  for (const answer of answers) expect(answer).toMatch(/^500 \{"code":"not-sqlite","id":"\w+"\}$/);
  const [line, fault] = log.mock.calls[0] ?? [];
  expect(line).toMatch(/^\[greenroom\] BackendRoom\/8: onStart failed \(id \w+\)$/);
  expect(fault).toMatchObject({
    code: "not-sqlite",
    hint: expect.stringContaining('write "new_sqlite_classes": ["BackendRoom"]'),
  });
});

test("a client of a room without SQLite is told to come back later", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const client = await (await testRoom(env.BackendRoom)).open();
  expect(await client.closed()).toMatchObject({ code: 4200 });
});
