/** A stretch of time that is measured, and the generator's own part in it. */

/** Runs what is measured; gives how long it took and how busy this process was. */
export async function stretch(
  measured: (at: "begin" | "end") => void,
  run: () => Promise<void>,
): Promise<{ readonly seconds: number; readonly load: number }> {
  measured("begin");
  const cpu = process.cpuUsage();
  const began = performance.now();
  await run();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  measured("end");
  return { seconds, load: (user + system) / 1e6 / seconds };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is so, for at most `ms`; says whether it is. */
export async function until(isSo: () => boolean, ms: number): Promise<boolean> {
  const last = performance.now() + ms;
  while (!isSo()) {
    if (performance.now() > last) return false;
    await sleep(5);
  }
  return true;
}

/** A quantile of values in any order; not a number where there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** What went wrong, at most five of it. */
export class Faults {
  readonly all: string[] = [];

  add(what: string): void {
    if (this.all.length < 5) this.all.push(what);
  }
}
