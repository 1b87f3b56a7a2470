/** Results as a table for people. */
import type { Result } from "./results.ts";

/** One table a metric, its targets below each other. */
export function table(results: readonly Result[]): string {
  const metrics = [...new Set(results.map(({ metric }) => metric))];
  const wide = Math.max(...results.map(({ target }) => target.length));
  return metrics
    .map((metric) => {
      const rows = results.filter((result) => result.metric === metric);
      const { scenario, unit, baseline } = rows[0]!;
      const title = `${scenario}: ${metric} (${unit})`;
      const head = `  ${"".padEnd(wide)}${["median", "min", "max", `x ${baseline}`].map(cell).join("")}`;
      return [title, head, ...rows.map((row) => line(row, wide))].join("\n");
    })
    .join("\n\n");
}

function line({ target, median, min, max, ratio }: Result, wide: number): string {
  const times = ratio === null ? "-" : ratio.toFixed(2);
  return `  ${target.padEnd(wide)}${[show(median), show(min), show(max), times].map(cell).join("")}`;
}

function cell(text: string): string {
  return text.padStart(12);
}

function show(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}
