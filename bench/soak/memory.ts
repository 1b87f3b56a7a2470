// Memory over time: how it is measured, and whether it grows. The slope is pure.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { median } from "../median.ts";

/** One look at a run. */
export interface Sample {
  /** Since the beginning, in seconds. */
  readonly at: number;
  /** Counts the starts of workerd: memory begins anew with each. */
  readonly start: number;
  /** Resident memory of workerd, in MB; NaN while it is away. */
  readonly workerd: number;
  /** The JavaScript heap of all rooms, after a collection, in MB; NaN while workerd is away. */
  readonly rooms: number;
  /** The heap of the process with all clients, after a collection, in MB. */
  readonly clients: number;
  readonly connected: number;
  readonly taken: number;
  /** Rooms that have lived, so far. */
  readonly lives: number;
  /** Nobody was there, and no room lived: what is held then is held for good. */
  readonly atRest?: true;
}

export type Measured = "workerd" | "rooms" | "clients";

const MB = 1024 * 1024;

/** The heap of this process, without what can be collected, in MB. */
export function heap(): number {
  collect();
  return process.memoryUsage().heapUsed / MB;
}

/** Resident memory of a process, in MB; NaN where there is none. */
export function resident(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  try {
    if (process.platform === "linux") {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
    }
    return (
      Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024
    );
  } catch {
    return Number.NaN; // killed just now
  }
}

/** What memory grows with: MB a second, or MB a life. */
export type Over = "at" | "lives";

/** How much memory grows, and the interval that holds it with 95 % confidence. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Standard deviations of a normal distribution that hold 95 % of it. */
const SURE = 1.96;

/**
 * How memory grows, by Theil and Sen: the median of the slopes between any two samples of a stretch
 * between two starts, so that levels, outliers and steps of an allocator count for little; the interval
 * is by Kendall's variance, widened by how much samples resemble the ones before them. `warmup`
 * seconds of each stretch do not count.
 */
export function slope(
  samples: readonly Sample[],
  of: Measured,
  warmup: number,
  over: Over = "at",
): Slope {
  const warm = stretches(samples, of).map((stretch) =>
    stretch
      .filter(({ at }) => at - (stretch[0]?.at ?? 0) >= warmup)
      .map((sample): Point => ({ x: sample[over], y: sample[of] })),
  );
  const slopes = warm.flatMap(slopesWithin).toSorted((a, b) => a - b);
  if (slopes.length === 0) return { slope: 0, low: Number.NEGATIVE_INFINITY, high: Infinity };
  const middle = median(slopes);
  let variance = 0;
  for (const { length: n } of warm) variance += (n * (n - 1) * (2 * n + 5)) / 18;
  const wide = SURE * Math.sqrt(variance * likeness(warm, middle));
  const low = slopes[Math.floor((slopes.length - wide) / 2)] ?? Number.NEGATIVE_INFINITY;
  const high = slopes[Math.ceil((slopes.length + wide) / 2)] ?? Infinity;
  return { slope: middle, low, high };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The slopes between any two samples. */
function slopesWithin(stretch: readonly Point[]): number[] {
  return stretch.flatMap((one, index) =>
    stretch
      .slice(index + 1)
      .flatMap((other) => (other.x > one.x ? [(other.y - one.y) / (other.x - one.x)] : [])),
  );
}

/** By how much the variance grows because a sample resembles the one before it: 1 where it does not. */
function likeness(warm: readonly (readonly Point[])[], slope: number): number {
  let together = 0;
  let alone = 0;
  for (const stretch of warm) {
    const raw = stretch.map(({ x, y }) => y - slope * x);
    const level = median(raw);
    const off = raw.map((value) => value - level);
    off.forEach((value, index) => {
      alone += value ** 2;
      together += value * (off[index - 1] ?? 0);
    });
  }
  const alike = alone === 0 ? 0 : Math.min(0.98, Math.max(0, together / alone));
  return (1 + alike) / (1 - alike);
}

/** The samples between two starts of what is measured: the clients never start again. */
function stretches(samples: readonly Sample[], of: Measured): Sample[][] {
  const byStart = new Map<number, Sample[]>();
  for (const sample of samples) {
    if (Number.isNaN(sample[of])) continue;
    const start = of === "clients" ? 0 : sample.start;
    byStart.set(start, [...(byStart.get(start) ?? []), sample]);
  }
  return [...byStart.values()];
}

const collect: () => void = (() => {
  setFlagsFromString("--expose-gc");
  setFlagsFromString("--no-flush-bytecode"); // code that rests for a while would be thrown away, and look like memory
  return runInNewContext("gc") as () => void; // SAFETY: what the flag exposes
})();
