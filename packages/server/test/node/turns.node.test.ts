// Rule U6: a room waits for commits only where something may come meanwhile.
import { expect, test } from "vitest";

import { Turns } from "../../src/turns.ts";

/** Where nobody is in haste. */
const PACELESS = {
  share: 64,
  sourceOf: () => undefined,
  sizeOf: () => 0,
  after: () => () => undefined,
};

/** Turns whose commits are counted and end when the test says so. */
function turnsOf(): {
  readonly turns: Turns<string>;
  /** The jobs of each turn. */
  readonly taken: string[][];
  readonly clock: { now: number };
  /** Commits that were waited for. */
  waits(): number;
  commit(): Promise<void>;
} {
  const taken: string[][] = [];
  const clock = { now: 0 };
  let waits = 0;
  let open: (() => void)[] = [];
  const turns = new Turns<string>({
    turn: (jobs) => taken.push([...jobs]) > 0,
    committed: () => {
      waits += 1;
      return new Promise((resolve) => open.push(resolve));
    },
    ...PACELESS,
    soon: (call) => setTimeout(call, 0),
    now: () => clock.now,
    report: (fault) => {
      throw fault;
    },
  });
  const commit = async (): Promise<void> => {
    for (const end of open) end();
    open = [];
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { turns, taken, clock, waits: () => waits, commit };
}

/** Lone jobs, one after the other's commit, so many ms apart. */
async function talk({ turns, clock, commit }: ReturnType<typeof turnsOf>, jobs: number, apart = 1) {
  for (let i = 0; i < jobs; i++) {
    clock.now += apart;
    expect(turns.push("lone")).toBeUndefined();
    await commit();
  }
}

test("[U6] where two talk by turns, it waits for eight commits and then for each sixteenth", async () => {
  const room = turnsOf();
  await talk(room, 8);
  expect(room.waits()).toBe(8);
  await talk(room, 15);
  expect(room.waits()).toBe(8);
  await talk(room, 1);
  expect(room.waits()).toBe(9);
  await talk(room, 32);
  expect(room.waits()).toBe(11);
});

test("[U6] what comes during a commit makes it wait for each again", async () => {
  const room = turnsOf();
  await talk(room, 23);
  const { turns, taken, commit } = room;
  void turns.push("lone"); // the sixteenth
  expect(turns.push("a")).toBeInstanceOf(Promise);
  void turns.push("b");
  expect(taken).toHaveLength(24);
  await commit();
  await commit();
  expect(taken.at(-1)).toEqual(["a", "b"]);
  const before = room.waits();
  const gathered = turns.push("lone"); // after two together it looks whether more come
  await commit();
  await gathered;
  await commit();
  await talk(room, 20);
  expect(room.waits() - before).toBe(8);
});

test("[U6] a room that was quiet for longer than 50 ms waits for each again", async () => {
  const room = turnsOf();
  await talk(room, 20);
  const before = room.waits();
  await talk(room, 100, 51);
  expect(room.waits() - before).toBe(100);
});

test("[Q19] where no zero timer has rung for 16 ms, a turn waits for one", async () => {
  const taken: number[] = [];
  const timers: (() => void)[] = [];
  let now = 1_000;
  const turns = new Turns<string>({
    turn: (jobs) => taken.push(jobs.length) > 0,
    committed: () => Promise.resolve(),
    ...PACELESS,
    soon: (call) => timers.push(call),
    now: () => now,
    report: (fault) => {
      throw fault;
    },
  });
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  for (let i = 0; i < 8; i++) {
    void turns.push("of one that never pauses");
    now += 4;
    await settled();
  }
  expect(taken).toEqual([1, 1, 1, 1]);
  for (const ring of timers.splice(0)) ring();
  await settled();
  expect(taken).toEqual([1, 1, 1, 1, 4]);
});

test("[R12] what is here of a source is finished when all of it was taken, also where one turn leaves some to the next", async () => {
  const taken: string[] = [];
  const source = {};
  const turns: Turns<string> = new Turns<string>({
    ...PACELESS,
    sourceOf: () => source,
    // Each turn takes one job, and leaves the rest in front.
    turn: ([job = "", ...rest]) => {
      taken.push(job);
      turns.add("front", rest);
      return true;
    },
    committed: () => new Promise((resolve) => setTimeout(resolve, 0)),
    soon: (call) => setTimeout(call, 0),
    now: () => 0,
    report: (fault) => {
      throw fault;
    },
  });
  for (const job of ["1", "2", "3", "4"]) void turns.push(job);
  await turns.finish(source);
  expect(taken).toEqual(["1", "2", "3", "4"]);
});
