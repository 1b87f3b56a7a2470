import { simulate, type SimulateOptions, testRoom } from "@greenroom/testing/workers";
// Simulations: a room that works passes under every seed, and one that does not is found out.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import "@greenroom/testing/matchers";

import { tally } from "./worker.ts";

const OPTIONS: Pick<SimulateOptions<(typeof tally)["shape"]>, "send" | "keys"> = {
  send: (client, key) => client.send("add", { key }),
  keys: { added: ({ key }) => key },
};

test.each([1, 2, 3])("nothing is lost, doubled or reordered: seed %i", async (seed) => {
  const room = await testRoom(env.TallyRoom);
  const verdict = await simulate(room, tally, {
    ...OPTIONS,
    seed,
    carriedOut: () => room.run((instance) => instance.keys()),
  });
  expect(verdict).toHavePassed();
  expect(verdict).toMatchObject({ sent: 100, taken: 100, seed });
  expect(verdict.returns).toBeGreaterThan(3);
});

test("a room that loses one message and does another twice is found out", async () => {
  const room = await testRoom(env.LossyRoom);
  const verdict = await simulate(room, tally, { ...OPTIONS, messages: 20, faults: NONE });
  expect(verdict).toMatchObject({ lost: 1, duplicated: 1, reordered: 0 });
  expect(() => expect(verdict).toHavePassed()).toThrow(
    /^1 lost, 1 duplicated, 0 reordered \(seed 1\)\.\n/,
  );
});

const NONE = {
  cuts: 0,
  stalls: 0,
  halfOpens: 0,
  outages: 0,
  lateHandshakes: 0,
  duplicates: 0,
  reorders: 0,
  evictions: 0,
  moves: 0,
  crashes: 0,
};
