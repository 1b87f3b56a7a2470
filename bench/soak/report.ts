// What came of a soak, and whether it has passed. Pure.
import type { ResumeKind } from "@greenroom/client";
import type { FaultCounts, Verdict } from "@greenroom/testing";

import type { Life } from "./life.ts";
import { type Measured, type Sample, slope } from "./memory.ts";
import type { Pace } from "./pace.ts";

export interface Killed {
  kills: number;
  /** How often rooms have started: for the first time, after sleep, and after kills. */
  wakes: number;
}

/** What memory has done. */
export interface Growth {
  /** MB an hour, by least squares, after the warm-up. */
  readonly slope: number;
  /** The same in KB for each room that has lived and expired. */
  readonly perLife: number;
  /** The most that `perLife` may be; `null` where a run is too short to tell. */
  readonly bound: number | null;
  readonly least: number;
  readonly most: number;
}

export interface Report extends Omit<Verdict, "faults">, FaultCounts {
  readonly passed: boolean;
  readonly minutes: number;
  readonly seconds: number;
  readonly seed: number;
  readonly clients: number;
  readonly rooms: number;
  /** How often rooms have started: for the first time, after sleep, and after kills. */
  readonly wakes: number;
  /** Lives of rooms that came to their end, and the clients that took part in them. */
  readonly lives: number;
  readonly visitors: number;
  /** Rooms that expired in time, and those that left something behind. */
  readonly expired: number;
  /** Of them those that faults had ended before their time. */
  readonly early: number;
  readonly leftovers: number;
  readonly resumed: number;
  readonly snapshots: number;
  readonly resets: number;
  /** Messages that were not taken, by the code that their senders were told. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly memory: Readonly<Record<Measured, Growth>>;
  readonly samples: readonly Sample[];
  readonly faults: readonly string[];
}

/**
 * The most that memory may grow, in KB for each room that has lived. workerd itself keeps about 30 KB
 * of every object that ever was, as `--control` shows with one that is written by hand.
 */
export const BOUNDS: Readonly<Record<Measured, number>> = Object.freeze({
  workerd: 66,
  clients: 6,
});
/** Seconds after a start that do not count: so long a heap grows to its size. A run must be three times as long to tell a slope. */
export const WARMUP = 240;

export function reportOf(
  run: {
    readonly minutes: number;
    readonly seed: number;
    readonly clients: number;
    readonly rooms: number;
    readonly seconds: number;
    readonly pace: Pace;
  },
  lives: readonly Life[],
  samples: readonly Sample[],
  counts: FaultCounts & Killed,
  { faults, ...verdict }: Verdict,
): Report {
  const { minutes, seed, clients, rooms, seconds } = run;
  const resumes = (kind: ResumeKind): number => sum(lives.map((life) => life.resumes[kind]));
  const memory = {
    workerd: growth(samples, "workerd", minutes * 60, lives.length),
    clients: growth(samples, "clients", minutes * 60, lives.length),
  };
  const leftovers = lives.filter(({ left }) => left !== "");
  const expired = lives.filter(({ expired }) => expired).length;
  const isWithin = ({ perLife, bound }: Growth): boolean => bound === null || perLife <= bound;
  return {
    passed:
      verdict.lost + verdict.duplicated + verdict.reordered + leftovers.length === 0 &&
      expired === lives.length &&
      isWithin(memory.workerd) &&
      isWithin(memory.clients),
    minutes,
    seconds,
    seed,
    clients,
    rooms,
    lives: lives.length,
    visitors: sum(lives.map((life) => life.clients)),
    ...verdict,
    expired,
    early: lives.filter(({ early }) => early).length,
    leftovers: leftovers.length,
    ...counts,
    resumed: resumes("resumed"),
    snapshots: resumes("snapshot"),
    resets: resumes("reset"),
    rejected: tally(lives.flatMap(({ rejected }) => rejected)),
    memory,
    samples,
    faults: [
      ...leftovers.map(({ left }) => `a room left ${left}`),
      ...faults,
      ...lives.filter(({ verdict }) => verdict.lost > 0).flatMap(({ away }) => away),
    ],
  };
}

function growth(samples: readonly Sample[], of: Measured, seconds: number, lives: number): Growth {
  // While the run is coming to its end there are fewer clients.
  const during = samples.filter(({ at }) => at <= seconds);
  const values = during.map((sample) => sample[of]).filter((value) => !Number.isNaN(value));
  const isLong = seconds >= 3 * WARMUP;
  const grown = slope(during, of, isLong ? WARMUP : 0);
  const livesAnHour = (lives * 3_600) / seconds;
  return {
    slope: tenth(grown),
    perLife: tenth((grown * 1_024) / livesAnHour),
    bound: isLong ? BOUNDS[of] : null,
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
