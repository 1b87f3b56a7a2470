// What came of a soak, and whether it has passed. Pure.
import type { ResumeKind } from "@greenroom/client";
import type { FaultCounts, Verdict } from "@greenroom/testing";

import { type Growth, growthOf, grownTooMuch, isWithin, tooShortToTell } from "./growth.ts";
import type { Life } from "./life.ts";
import type { Measured, Sample } from "./memory.ts";
import type { Pace } from "./pace.ts";

export interface Killed {
  kills: number;
  /** How often rooms have started: for the first time, after sleep, and after kills. */
  wakes: number;
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
  const span = { seconds: minutes * 60, lives: lives.length, pace: run.pace };
  const memory = {
    workerd: growthOf(samples, "workerd", span),
    rooms: growthOf(samples, "rooms", span),
    clients: growthOf(samples, "clients", span),
  };
  const leftovers = lives.filter(({ left }) => left !== "");
  const expired = lives.filter(({ expired }) => expired).length;
  return {
    passed:
      verdict.lost + verdict.duplicated + verdict.reordered + leftovers.length === 0 &&
      lives.length > 0 &&
      verdict.taken > 0 &&
      expired === lives.length &&
      Object.values(memory).every(isWithin),
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
      ...Object.entries(memory).flatMap(([what, found]) =>
        isWithin(found) ? [] : [grownTooMuch(what, found)],
      ),
      ...tooShortToTell(samples, span),
      ...leftovers.map(({ left }) => `a room left ${left}`),
      ...faults,
      ...lives.filter(({ verdict }) => verdict.lost > 0).flatMap(({ away }) => away),
    ],
  };
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
