/**
 * How long a room takes to be there again: for a member's message after it slept, and for a newcomer
 * after the whole server was started on what it had kept.
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

import { loadDialect } from "../dialect.ts";
import { Fleet, startServer } from "../fleet.ts";
import { temporary } from "../leftovers.ts";
import { quantile, until } from "../loads/stretch.ts";
import { Member } from "../member.ts";
import type { Sample } from "../results.ts";
import { type Bench, inTurn, Repetitions, type Scenario, Standing } from "../scenario.ts";
import { inWorkerd, pathOf, type Target, targetsFor } from "../target.ts";
import { STATE, type WorkerdOptions } from "../workerd.ts";

/** How often a room is put to sleep in one repetition. */
const SLEEPS = 40;
/** What the room has kept when its server starts, and how much of it is told at once. */
const ENTRIES = 10_000;
const TOGETHER = 500;
/** How long a room may take to answer, in ms. */
const SLOWEST = 30_000;
const ROOM = "wake";

export const scenario: Scenario = {
  name: "wake",
  about:
    "the first answer of a room that slept, and of one whose server started, 10,000 entries kept",
  reps: 8,
  takes: ["entries"],
  async run(bench) {
    const targets = targetsFor("wake", bench.targets);
    mkdirSync(STATE, { recursive: true });
    const kept = mkdtempSync(join(STATE, "kept-"));
    const remove = temporary(kept);
    const standing = new Standing("wake", bench);
    try {
      const entries = bench.settings.entries ?? ENTRIES;
      await seed(targets, kept, { entries, standing, bench });
      const samples = await afterSleep(targets, standing, bench);
      const repetitions = new Repetitions("wake", bench);
      for (let rep = 0; repetitions.goesOn(rep); rep++) {
        for (const target of inTurn(targets, rep)) {
          bench.progress(`wake: start ${rep + 1} of ${bench.settings.reps}, ${target.name}`);
          const metric = `newcomer's first answer after a start, ${entries.toLocaleString("en-US")} kept`;
          const start = async (metric: string, options: WorkerdOptions = {}): Promise<Sample> => ({
            target: target.name,
            metric,
            unit: "ms",
            value: await afterStart(target, kept, bench, options),
          });
          const started = await standing.ask(target, undefined, async () =>
            inWorkerd(target)
              ? [
                  await start(metric),
                  await start(`${metric}, compiled ahead`, { compilesAhead: true }),
                ]
              : [await start(metric)],
          );
          samples.push(...started);
        }
      }
      return standing.of(samples);
    } finally {
      remove();
    }
  },
};

/** Tells every room what it is to keep. */
async function seed(
  targets: readonly Target[],
  kept: string,
  { entries, standing, bench }: { entries: number; standing: Standing; bench: Bench },
): Promise<void> {
  const fleet = await Fleet.start(targets, { kept });
  try {
    await Promise.all(
      targets.map((target) =>
        standing.ask(target, fleet.of(target), async () => {
          const { url } = fleet.of(target);
          if (inWorkerd(target) && target.fills) {
            await (await fetch(new URL(`${pathOf(target, ROOM)}?fill=${entries}`, url))).text();
          }
          const rest = inWorkerd(target) && target.fills ? 1 : entries;
          const room = await enter(target, url);
          for (let told = 0; told < rest; told += TOGETHER)
            await room.say(bench, Math.min(TOGETHER, rest - told));
          room.leave();
          bench.progress(`wake: ${target.name} has kept ${entries}`);
          return [];
        }),
      ),
    );
  } finally {
    await fleet.stop();
  }
}

/** A member stays, the room is put to sleep, and the member's message wakes it. */
async function afterSleep(
  all: readonly Target[],
  standing: Standing,
  bench: Bench,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const targets = all.filter(inWorkerd);
  const { fleet } = bench;
  const repetitions = new Repetitions("wake, sleep", bench);
  for (let rep = 0; repetitions.goesOn(rep); rep++) {
    for (const target of inTurn(targets, rep)) {
      bench.progress(`wake: sleep ${rep + 1} of ${bench.settings.reps}, ${target.name}`);
      const slept = await standing.ask(target, fleet.of(target), async () => {
        const room = await enter(target, fleet.of(target).url);
        await room.say(bench, 10);
        const times: number[] = [];
        for (let time = 0; time < SLEEPS; time++) {
          await fleet.workerdOf(target).sleep(target.room, ROOM);
          times.push(await room.say(bench, 1));
        }
        room.leave();
        const value = quantile(times, 0.5);
        return [{ target: target.name, metric: "first answer after sleep", unit: "ms", value }];
      });
      samples.push(...slept);
    }
  }
  return samples;
}

/** The server starts; a newcomer dials, says something, and waits for the answer. */
async function afterStart(
  target: Target,
  kept: string,
  bench: Bench,
  options: WorkerdOptions = {},
): Promise<number> {
  const server = await startServer(target, { ...options, kept });
  try {
    const began = performance.now();
    const room = await enter(target, server.url);
    await room.say(bench, 1);
    const ms = performance.now() - began;
    room.leave();
    return ms;
  } finally {
    await server.stop();
  }
}

interface Entered {
  /** Says so much in one write; gives how long it took until all was acknowledged, in ms. */
  say(bench: Bench, messages: number): Promise<number>;
  leave(): void;
}

async function enter(target: Target, url: URL): Promise<Entered> {
  const dialect = await loadDialect(target.dialect);
  let answered: () => void = () => undefined;
  let closed: string | undefined;
  const member = await Member.join({
    dialect,
    url: new URL(pathOf(target, ROOM), url.origin.replace("http", "ws")),
    index: 0,
    frame(member, bytes, from, to) {
      dialect.scan(bytes, from, to, member);
      if (member.acknowledged >= member.sent) answered();
    },
    closed(_member, why) {
      closed = why;
      answered();
    },
  });
  return {
    async say({ settings }, messages) {
      const began = performance.now();
      const isAnswered = new Promise<void>((resolve) => (answered = resolve));
      member.sayMany("x".repeat(settings.size), messages);
      const isOver = (): boolean => closed !== undefined || member.acknowledged >= member.sent;
      const slow = until(isOver, SLOWEST).then((isSo) => {
        if (!isSo) throw new Error("its room has not answered");
      });
      await Promise.race([isAnswered, slow]);
      if (closed !== undefined) throw new Error(closed);
      return performance.now() - began;
    },
    leave: () => member.leave(),
  };
}
