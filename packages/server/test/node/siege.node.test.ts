// The short form of the hostile fuzz; the long one is `npm run -s fuzz:hostile`.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";

import { besiegedConfig } from "./siege-config.ts";
import { siege } from "./siege.ts";

let server: TestHarness;
let url: URL;

beforeAll(async () => {
  server = createTestHarness({ root: import.meta.dirname, workers: [{ config: besiegedConfig }] });
  ({ url } = await server.listen());
});
afterAll(() => server.close());

test("[F4] [F6] [S1] [H2] [A1] [A22] hostile frames, handshakes and requests: nothing escapes, nothing of theirs is stored, and honest clients notice nothing", async () => {
  const report = await siege({ url, seeds: 30 });
  expect(report.faults).toEqual([]);
  expect(report.frames).toBe(1_500);
  expect(report.honest).toBeGreaterThan(10);
  // Who was only looked at, or refused, stores nothing.
  const nobody = await server.getWorker().getDurableObjectStorage("Typed", { name: "nobody" });
  expect(await nobody.exec("SELECT name FROM sqlite_master WHERE name LIKE 'greenroom%'")).toEqual(
    [],
  );
}, 60_000);
