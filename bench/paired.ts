/**
 * Ratios of what was measured side by side: a repetition of one target against the same repetition of
 * another, which had the same neighbours on the machine; then the median of these. Pure.
 */
import { median } from "./median.ts";

/** The values of one metric of one target, a repetition each, in order; one without is not a number, and null in a file. */
export interface Repeated {
  readonly scenario: string;
  readonly target: string;
  readonly metric: string;
  readonly values: readonly (number | null)[];
}

/** A ratio with its spread over the repetitions. */
export interface Ratio {
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The median of the ratios of each repetition, and the smallest and the largest; `undefined` where
 * the two have no repetitions in common, or the other's are mostly 0: what is left would be chance.
 */
export function pairedRatio(
  own: readonly (number | null)[] = [],
  other: readonly (number | null)[] = [],
): Ratio | undefined {
  if (own.length !== other.length) return undefined;
  const pairs = own.flatMap((value, index) => {
    const to = other[index] ?? Number.NaN;
    return value !== null && Number.isFinite(value) && Number.isFinite(to) ? [{ value, to }] : [];
  });
  if (pairs.length === 0 || median(pairs.map(({ to }) => to)) === 0) return undefined;
  const ratios = pairs.flatMap(({ value, to }) => (to === 0 ? [] : [value / to]));
  return { ratio: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

/** The ratio of one target to another in a run; `undefined` where the run has no repetitions of them. */
export function ratioIn(
  repeated: readonly Repeated[],
  { scenario, metric }: { readonly scenario: string; readonly metric: string },
  target: string,
  to: string,
): Ratio | undefined {
  const valuesOf = (name: string): Repeated["values"] | undefined =>
    repeated.find(
      (each) => each.scenario === scenario && each.metric === metric && each.target === name,
    )?.values;
  return pairedRatio(valuesOf(target), valuesOf(to));
}
