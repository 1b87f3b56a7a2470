/**
 * Ratios of what was measured side by side: a repetition of one target against the same repetition of
 * another, which had the same neighbours on the machine; then the median of these. Pure.
 */
import { median } from "./median.ts";

/** The values of one metric of one target, a repetition each, in order. */
export interface Repeated {
  readonly scenario: string;
  readonly target: string;
  readonly metric: string;
  readonly values: readonly number[];
}

/** A ratio with its spread over the repetitions. */
export interface Ratio {
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The median of the ratios of each repetition, and the smallest and the largest; `undefined` where
 * the two have no repetitions in common, or the other's are 0.
 */
export function pairedRatio(
  own: readonly number[] = [],
  other: readonly number[] = [],
): Ratio | undefined {
  if (own.length !== other.length) return undefined;
  const ratios = own.flatMap(
    (value, index) => (other[index] === 0 ? [] : [value / (other[index] as number)]), // SAFETY: they are equally long
  );
  if (ratios.length === 0) return undefined;
  return { ratio: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

/** The ratio of one target to another in a run; `undefined` where the run has no repetitions of them. */
export function ratioIn(
  repeated: readonly Repeated[],
  { scenario, metric }: { readonly scenario: string; readonly metric: string },
  target: string,
  to: string,
): Ratio | undefined {
  const valuesOf = (name: string): readonly number[] | undefined =>
    repeated.find(
      (each) => each.scenario === scenario && each.metric === metric && each.target === name,
    )?.values;
  return pairedRatio(valuesOf(target), valuesOf(to));
}
