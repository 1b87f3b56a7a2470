// What `npm run -s abuse` makes of its stretches: pure.

/** What the honest clients have to tell of a stretch. */
export interface Stretch {
  /** How long each message took, in ms. */
  readonly trips: number[];
  readonly faults: readonly string[];
}

/** The trips of an abused stretch, and of the quiet ones beside it. */
export interface Pair {
  readonly quiet: readonly number[];
  readonly abused: readonly number[];
}

/** Trips as quantiles, in ms. */
export interface Quantiles {
  readonly messages: number;
  readonly p50: number;
  readonly p99: number;
}

/** What came of a run. */
export interface Summary {
  /** Of all quiet stretches. */
  readonly quiet: Quantiles;
  /** Of all abused stretches. */
  readonly abused: Quantiles;
  /** The median of the ratios of each abused stretch to the quiet ones beside it. */
  readonly p99Ratio: number;
  /** The smallest and the largest of them. */
  readonly p99Ratios: readonly [least: number, most: number];
}

/** Sums a run up: a stall of the machine is in one stretch, what the abuser does is in all. */
export function summary(pairs: readonly Pair[]): Summary {
  const ratios = pairs
    .map(({ quiet, abused }) => at(abused, 0.99) / at(quiet, 0.99))
    .toSorted((a, b) => a - b);
  return {
    quiet: quantiles(pairs.flatMap(({ quiet }) => quiet)),
    abused: quantiles(pairs.flatMap(({ abused }) => abused)),
    p99Ratio: round(median(ratios)),
    p99Ratios: [round(ratios[0] ?? Number.NaN), round(ratios.at(-1) ?? Number.NaN)],
  };
}

function quantiles(all: readonly number[]): Quantiles {
  return { messages: all.length, p50: round(at(all, 0.5)), p99: round(at(all, 0.99)) };
}

function at(all: readonly number[], share: number): number {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function median(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

function round(ms: number): number {
  return Number(ms.toFixed(2));
}
