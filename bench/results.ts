/** From samples to results: medians, spread, and ratios to a baseline. */
import { median } from "./median.ts";
import { pairedRatio, type Repeated } from "./paired.ts";

/** The metric that tells how busy the load generator was; in the JSON, not in the tables. */
export const GENERATOR = "load generator";

/** One measured value; not a number where a repetition had nothing to measure. */
export interface Sample {
  readonly target: string;
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
}

/** One line of the table, and one object of the JSON. */
export interface Result {
  readonly scenario: string;
  readonly target: string;
  readonly metric: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /**
   * The median of the ratios of each repetition to the baseline's of the same repetition; null where
   * the baseline's are 0 or missing.
   */
  readonly ratio: number | null;
  readonly baseline: string;
}

/**
 * Gathers the samples of one scenario, metric by metric. The baseline is the first of those named that
 * has a value of the metric.
 */
export function summarize(
  scenario: string,
  samples: readonly Sample[],
  baselines: string | readonly string[],
): Result[] {
  const groups = Map.groupBy(samples, ({ metric, target }) => `${metric}\n${target}`);
  const valuesOf = (metric: string, target: string): number[] | undefined =>
    groups.get(`${metric}\n${target}`)?.map(({ value }) => value);
  const metrics = [...new Set(samples.map(({ metric }) => metric))];
  const targets = [...new Set(samples.map(({ target }) => target))];
  const order = [baselines].flat();
  return metrics.flatMap((metric) => {
    const baseline =
      order.find((name) => valuesOf(metric, name)?.some(Number.isFinite)) ?? order[0]!;
    return targets.flatMap((target) => {
      const group = groups.get(`${metric}\n${target}`);
      const values = group?.map(({ value }) => value).filter(Number.isFinite);
      if (!group || !values?.length) return [];
      const paired = pairedRatio(valuesOf(metric, target), valuesOf(metric, baseline));
      return {
        scenario,
        target,
        metric,
        unit: group[0]!.unit,
        median: round(median(values)),
        min: round(Math.min(...values)),
        max: round(Math.max(...values)),
        ratio: paired ? round(paired.ratio) : null,
        baseline,
      };
    });
  });
}

/** Gathers the repetitions of one scenario. */
export function repeatedOf(scenario: string, samples: readonly Sample[]): Repeated[] {
  const groups = Map.groupBy(samples, ({ metric, target }) => `${metric}\n${target}`);
  return [...groups.values()].map((group) => {
    const { target, metric } = group[0]!;
    return { scenario, target, metric, values: group.map(({ value }) => value) };
  });
}

/** Four significant digits, and whole numbers as they are. */
export function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}
