/** From samples to results: medians, spread, and ratios to a baseline. */

/** The metric that tells how busy the load generator was; in the JSON, not in the tables. */
export const GENERATOR = "load generator";

/** One measured value. */
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
  /** This median in medians of the baseline; null where the baseline's is 0 or missing. */
  readonly ratio: number | null;
  readonly baseline: string;
}

/** Gathers the samples of one scenario, metric by metric. */
export function summarize(
  scenario: string,
  samples: readonly Sample[],
  baseline: string,
): Result[] {
  const groups = Map.groupBy(samples, ({ metric, target }) => `${metric}\n${target}`);
  const medianOf = (metric: string): number | undefined => {
    const group = groups.get(`${metric}\n${baseline}`);
    return group && median(group.map(({ value }) => value));
  };
  const metrics = [...new Set(samples.map(({ metric }) => metric))];
  const targets = [...new Set(samples.map(({ target }) => target))];
  return metrics.flatMap((metric) =>
    targets.flatMap((target) => {
      const group = groups.get(`${metric}\n${target}`);
      if (!group) return [];
      const values = group.map(({ value }) => value);
      const middle = median(values);
      const base = medianOf(metric);
      return {
        scenario,
        target,
        metric,
        unit: group[0]!.unit,
        median: round(middle),
        min: round(Math.min(...values)),
        max: round(Math.max(...values)),
        ratio: base ? round(middle / base) : null,
        baseline,
      };
    }),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Four significant digits, and whole numbers as they are. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}
