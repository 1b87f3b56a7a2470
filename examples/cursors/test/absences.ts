// Somebody is away for a while, and what the others' window shows of it: a reload, cuts of the
// network, a `kill -9` of the server. `npm run -s people` does it with the graces that rooms have by
// default; the browser test with short ones.
import { setTimeout as sleep } from "node:timers/promises";

import type { FaultProxy, WorkerProcess } from "@greenroom/testing";

import type { Guest, Shown } from "./guest.ts";

/** Two people in a room; one of them is behind a proxy. */
export type Stage = {
  watcher: Guest;
  absentee: Guest;
  proxy: FaultProxy;
  worker: WorkerProcess;
  /** The room's, in ms. */
  grace: number;
  deployGrace: number;
};

/** What the others saw of an absence. */
export type Absence = {
  step: string;
  seconds: number;
  /** Changes of a list of people that the absence does not account for. */
  flickers: number;
  left: number;
  joined: number;
  ok: boolean;
  /** When the other was seen to leave and to come back, in seconds after the absence began. */
  leftAfter?: number;
  joinedAfter?: number;
  /** What the watcher's window showed, each change with its time in ms. */
  shown: Shown[];
};

/** A timer is rounded up to a whole second; what it says takes its way. */
const ROUNDING = 1_000;
const ON_THE_WAY = 300;

/** The absentee's page is loaded anew. */
export async function reload(stage: Stage): Promise<Absence> {
  return await watched("reload", stage, stage.grace, async () => {
    await stage.absentee.page.reload();
    await stage.absentee.sees("connected");
  });
}

/** The absentee's network is away for so many ms. */
export async function cut(stage: Stage, ms: number): Promise<Absence> {
  const { absentee, proxy, grace } = stage;
  return await watched(
    `cut of ${ms / 1_000} s`,
    stage,
    ms > grace ? ms : grace,
    async () => {
      proxy.refuse(ms);
      for (const link of proxy.links) link.cut();
      await absentee.sees("reconnecting…");
      await sleep(ms);
      await absentee.sees("connected");
    },
    ms > grace ? { from: grace, to: ms } : undefined,
  );
}

/** workerd ends without a word, and is back with all connections gone. */
export async function kill(stage: Stage): Promise<Absence> {
  const { watcher, absentee, worker, deployGrace } = stage;
  const own = await absentee.watch();
  const absence = await watched("kill -9", stage, deployGrace, async () => {
    await worker.kill();
    await Promise.all([watcher.sees("connected"), absentee.sees("connected")]);
  });
  // Here both are absent, and both watch.
  const shown = await own();
  const flickers = absence.flickers + changesOf(shown).length;
  const noticed = [absence.shown, shown].every((each) =>
    each.some(({ status }) => status === "reconnecting…"),
  );
  return { ...absence, flickers, ok: absence.ok && flickers === 0 && noticed };
}

/**
 * Watches an absence until what could tell of it has been told: a room does so when `grace` is over,
 * and a stroke that is drawn then comes behind it. `leaves` is between which times it is to be told.
 */
async function watched(
  step: string,
  { watcher, absentee }: Stage,
  grace: number,
  absence: () => Promise<void>,
  leaves?: { from: number; to: number },
): Promise<Absence> {
  const drawn = await watcher.drawing();
  const seen = await watcher.watch();
  const began = performance.now();
  await absence();
  await sleep(Math.max(0, began + grace + ROUNDING + ON_THE_WAY - performance.now()));
  await absentee.draw([0.2, 0.2], [0.4, 0.4]);
  await watcher.page.locator(`#drawing:not([aria-label="${drawn}"])`).waitFor();
  const shown = await seen();
  const seconds = rounded(performance.now() - began);

  const changes = changesOf(shown);
  const [left, joined] = [
    changes.filter((each) => !each.isWhole),
    changes.filter((each) => each.isWhole),
  ];
  const expected = leaves ? 1 : 0;
  const flickers =
    changes.length - Math.min(left.length, expected) - Math.min(joined.length, expected);
  const inTime =
    !leaves ||
    (left[0] !== undefined &&
      joined[0] !== undefined &&
      left[0].at >= leaves.from &&
      left[0].at < leaves.to &&
      joined[0].at >= leaves.to);
  return {
    step,
    seconds,
    flickers,
    left: left.length,
    joined: joined.length,
    ok: flickers === 0 && left.length === expected && joined.length === expected && inTime,
    ...(left[0] && { leftAfter: rounded(left[0].at) }),
    ...(joined[0] && { joinedAfter: rounded(joined[0].at) }),
    shown,
  };
}

/** When the list of people became another than it was at first, and when it was whole again. */
function changesOf(shown: readonly Shown[]): { at: number; isWhole: boolean }[] {
  return shown.flatMap(({ at, people }, index) =>
    index === 0 || people === shown[index - 1]?.people
      ? []
      : [{ at, isWhole: people === shown[0]?.people }],
  );
}

function rounded(ms: number): number {
  return Math.round(ms / 100) / 10;
}
