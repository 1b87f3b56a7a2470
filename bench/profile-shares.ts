/** Where a V8 profile says that the time went. Pure. */

/** The part of a `.cpuprofile` that is read. */
export interface Profile {
  readonly nodes: readonly {
    readonly hitCount?: number;
    readonly callFrame: { readonly functionName: string };
  }[];
}

/** A function, and its share of the samples in which something ran, 0 to 1: its own, without what it calls. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

/** Samples in which nothing ran. */
const IDLE = "(idle)";

/** The functions that took the most, the most first; those of the same name count as one. */
export function sharesOf({ nodes }: Profile, most: number): Share[] {
  const hits = new Map<string, number>();
  for (const { hitCount = 0, callFrame } of nodes) {
    const name = callFrame.functionName || "(anonymous)";
    if (name !== IDLE) hits.set(name, (hits.get(name) ?? 0) + hitCount);
  }
  const all = [...hits.values()].reduce((sum, count) => sum + count, 0);
  return [...hits]
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, count]) => ({ name, share: count / all }));
}

/** The same in lines, for people. */
export function shareLines(shares: readonly Share[]): string[] {
  return shares.map(({ name, share }) => `${(100 * share).toFixed(1).padStart(6)} %  ${name}`);
}
