// Memory over time: how it is measured, and whether it grows. The slope is pure.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** One look at a run. */
export interface Sample {
  /** Since the beginning, in seconds. */
  readonly at: number;
  /** Counts the starts of workerd: memory begins anew with each. */
  readonly start: number;
  /** Resident memory of workerd, in MB; NaN while it is away. */
  readonly workerd: number;
  /** The heap of the process with all clients, after a collection, in MB. */
  readonly clients: number;
  readonly connected: number;
  readonly taken: number;
}

export type Measured = "workerd" | "clients";

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

/**
 * How much memory grows, in MB an hour: one slope through all stretches between two starts, each
 * with a level of its own, by least squares. `warmup` seconds of each stretch do not count.
 */
export function slope(samples: readonly Sample[], of: Measured, warmup: number): number {
  let products = 0;
  let squares = 0;
  for (const stretch of stretches(samples, of)) {
    const [first] = stretch;
    const warm = stretch.filter(({ at }) => at - (first?.at ?? 0) >= warmup);
    const middle = mean(warm.map(({ at }) => at));
    const level = mean(warm.map((sample) => sample[of]));
    for (const sample of warm) {
      products += (sample.at - middle) * (sample[of] - level);
      squares += (sample.at - middle) ** 2;
    }
  }
  return squares === 0 ? 0 : (products / squares) * 3_600;
}

/** The samples between two starts of what is measured: the clients never start again. */
function stretches(samples: readonly Sample[], of: Measured): Sample[][] {
  const byStart = new Map<number, Sample[]>();
  for (const sample of samples) {
    if (Number.isNaN(sample[of])) continue;
    const start = of === "workerd" ? sample.start : 0;
    byStart.set(start, [...(byStart.get(start) ?? []), sample]);
  }
  return [...byStart.values()];
}

function mean(numbers: readonly number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return numbers.length === 0 ? 0 : sum / numbers.length;
}

const collect: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void; // SAFETY: what the flag exposes
})();
