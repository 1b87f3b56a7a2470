// A Worker in a workerd of its own: it is killed and comes back, and closes reach who only listens.
import { join } from "node:path";

import { connect } from "@greenroom/client";
import { WorkerProcess } from "@greenroom/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { chaosRoom } from "../../../bench/chaos/contract.ts";

const config = join(import.meta.dirname, "../../../bench/chaos/wrangler.jsonc");
const SESSION = "a-session-of-two-clients";
let worker: WorkerProcess;

beforeAll(async () => {
  worker = await WorkerProcess.start({ config });
}, 60_000);
afterAll(() => worker.stop());

test(
  "what was stored is there after `kill -9`, at the same address",
  { timeout: 30_000 },
  async () => {
    const room = connect(chaosRoom, { host: worker.host, room: "killed" });
    await room.send("put", { key: "before" });
    await worker.kill();
    await room.send("put", { key: "after" });
    room.close();
    const answer = await fetch(`${worker.url}/rooms/chaos/killed`);
    expect(await answer.json()).toEqual(["before", "after"]);
  },
);

test("[S9] a client that has said nothing hears at once that it was superseded", async () => {
  const options = { host: worker.host, room: "superseded", session: SESSION };
  const older = connect(chaosRoom, options);
  await vi.waitUntil(() => older.status.state === "connected", { timeout: 5_000 });
  const newer = connect(chaosRoom, options);
  await vi.waitUntil(() => older.status.state === "closed", { timeout: 3_000 });
  expect(older.status).toMatchObject({ reason: "superseded", code: 4002 });
  newer.close();
});
