/** Results as tables for people. */
import { ratioIn, type Repeated } from "./paired.ts";
import { GENERATOR, type Result } from "./results.ts";

/** More metrics than this are shown side by side, not below each other. */
const FEW = 8;

/** A table a metric; one with all metrics of a scenario that has many. */
export function tables(results: readonly Result[], repeated: readonly Repeated[] = []): string {
  const shown = results.filter(({ metric }) => !metric.endsWith(GENERATOR));
  const scenarios = Map.groupBy(shown, ({ scenario }) => scenario);
  return [...scenarios.values()]
    .flatMap((all) => {
      const metrics = [...Map.groupBy(all, ({ metric }) => metric).values()];
      return metrics.length > FEW
        ? [wideTable(metrics)]
        : metrics.map((rows) => longTable(rows, repeated));
    })
    .join("\n\n");
}

/** A line a target: median and spread of one metric, and the ratio with its spread. */
function longTable(rows: readonly Result[], repeated: readonly Repeated[]): string {
  const { scenario, metric, unit, baseline } = rows[0]!;
  const head = ["", "median", "min", "max", `x ${baseline}`, "min", "max"];
  const lines = rows.map(({ target, median, min, max, ratio }) => {
    const spread = ratioIn(repeated, { scenario, metric }, target, baseline);
    return [
      target,
      show(median),
      show(min),
      show(max),
      ...[ratio, spread?.min, spread?.max].map((each) => each?.toFixed(2) ?? "-"),
    ];
  });
  return `${scenario}: ${metric} (${unit})\n${align([head, ...lines])}`;
}

/** A line a metric, a column a target: the median, and the largest where it is another. */
function wideTable(metrics: readonly (readonly Result[])[]): string {
  const targets = [...new Set(metrics.flat().map(({ target }) => target))];
  const lines = metrics.map((rows) => [
    `${rows[0]!.metric} (${rows[0]!.unit})`,
    ...targets.map((target) => {
      const found = rows.find((row) => row.target === target);
      if (!found) return "-";
      const { median, max } = found;
      return max === median ? show(median) : `${show(median)} (${show(max)})`;
    }),
  ]);
  const title = `${metrics[0]![0]!.scenario}: medians, and (the largest) where it is another`;
  return `${title}\n${align([["", ...targets], ...lines])}`;
}

/** Columns: the first to the left, the others to the right. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 ? `  ${text.padEnd(widths[0]!)}` : text.padStart(widths[column]! + 3),
        )
        .join(""),
    )
    .join("\n");
}

function show(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}
