import {
  simulate,
  type SimulateOptions,
  type Simulation,
  testRoom,
} from "@greenroom/testing/workers";
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
    /^1 lost, 1 duplicated, 0 reordered \(seed 1\)\.\nduplicated: .* times in the log\nlost: .*\nsimulate\(room, contract, \{ seed: 1, \.\.\. \}\) in a new room does the same again\.$/,
  );
});

/** A room that is wrong whenever it is ended between two messages. */
async function hasty(seed: number): Promise<Simulation> {
  const room = await testRoom(env.HastyRoom);
  return simulate(room, tally, {
    ...OPTIONS,
    seed,
    messages: 25,
    carriedOut: () => room.run((instance) => instance.keys()),
  });
}

test("a seed that fails fails again in the same way, and says what was done; another is another run", async () => {
  const first = await hasty(4);
  expect(first.lost).toBeGreaterThan(3);
  expect(await hasty(4)).toEqual(first);
  const other = await hasty(5);
  expect(other.steps).not.toEqual(first.steps);
  expect(other.faults).not.toEqual(first.faults);
  expect(() => expect(first).toHavePassed()).toThrow(
    /^\d+ lost, 0 duplicated, 0 reordered \(seed 4\)\.\nlost: 4\.\d+ was taken, and is not in the room's storage\n.*\nWhat was done to them:\n\d+ ms, after message \d+: .*the room (crashes|moves|is evicted)/s,
  );
});

test("a simulation that breaks off says its seed and what was done so far", async () => {
  const room = await testRoom(env.TallyRoom);
  const carriedOut = (): Promise<string[]> => Promise.reject(new Error("no such table"));
  const broken = simulate(room, tally, { ...OPTIONS, seed: 9, messages: 5, carriedOut });
  await expect(broken).rejects.toThrow(
    /^The simulation of seed 9 broke off: no such table\n\d+ ms, after message \d: /,
  );
});

test("a simulation takes whole numbers", async () => {
  const room = await testRoom(env.TallyRoom);
  for (const [wrong, text] of [
    [{ messages: 0 }, "messages is 0; it takes a whole number from 1."],
    [{ clients: 0.5 }, "clients is 0.5"],
    [{ seed: Number.NaN }, "seed is NaN; it takes a whole number from 0."],
    [{ faults: { cuts: -1 } }, "cuts is -1"],
  ] as const) {
    await expect(simulate(room, tally, { ...OPTIONS, ...wrong })).rejects.toThrow(text);
  }
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

test(
  "a simulation that takes longer than its test may says how far it has come",
  { timeout: 3_000 },
  async () => {
    const room = await testRoom(env.TallyRoom);
    await expect(
      simulate(room, tally, { ...OPTIONS, messages: 100_000, faults: NONE }),
    ).rejects.toThrow(
      /broke off: after 2400 ms of the real clock \d+ of 100000 messages were sent: give the test more time/,
    );
  },
);
