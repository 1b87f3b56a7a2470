// A run as a picture: memory over time, with the starts of workerd. Pure; SVG that reads in light and dark.
import type { Sample } from "./memory.ts";

const WIDTH = 860;
const PANEL = 190;
const LEFT = 64;
const RIGHT = 20;
const GAP = 56;

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly of: (sample: Sample) => number;
  /** Whether a line breaks where workerd starts again. */
  readonly breaks: boolean;
}

const PANELS: readonly Panel[] = [
  { title: "workerd, resident memory", unit: "MB", of: ({ workerd }) => workerd, breaks: true },
  {
    title: "all rooms, JavaScript heap after a collection",
    unit: "MB",
    of: ({ rooms }) => rooms,
    breaks: true,
  },
  {
    title: "all clients, heap after a collection",
    unit: "MB",
    of: ({ clients }) => clients,
    breaks: false,
  },
  { title: "clients connected", unit: "", of: ({ connected }) => connected, breaks: false },
];

/** The picture. */
export function plot(samples: readonly Sample[], title: string): string {
  const end = Math.max(1, ...samples.map(({ at }) => at));
  const x = (at: number): number => LEFT + (at / end) * (WIDTH - LEFT - RIGHT);
  const seen = PANELS.filter(({ of }) => samples.some((sample) => Number.isFinite(of(sample))));
  const height = 60 + seen.length * (PANEL + GAP);
  const panels = seen.map((panel, index) =>
    drawn(panel, 60 + index * (PANEL + GAP), samples, x, end),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<style>
  svg { --ink: #1f2933; --line: #0f766e; --grid: #d5dbe1; --kill: #b4532a; background: #fff; color: var(--ink) }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6e9ec; --line: #5eead4; --grid: #3a444e; --kill: #f0a479; background: #14191e } }
  text { fill: var(--ink) } .title { font-size: 15px; font-weight: 600 } .tick { text-anchor: end } .time { text-anchor: middle }
  .grid { stroke: var(--grid) } .kill { stroke: var(--kill); stroke-dasharray: 3 3 } path { fill: none; stroke: var(--line); stroke-width: 1.5 }
</style>
<text class="title" x="${LEFT}" y="28">${escaped(title)}</text>
${panels.join("\n")}
</svg>
`;
}

function drawn(
  { title, unit, of, breaks }: Panel,
  top: number,
  samples: readonly Sample[],
  x: (at: number) => number,
  end: number,
): string {
  const seen = samples.filter((sample) => Number.isFinite(of(sample)));
  const ceiling = roundUp(Math.max(1, ...seen.map(of)));
  const y = (value: number): number => top + PANEL - (value / ceiling) * PANEL;
  const parts = [`<text x="${LEFT}" y="${top - 8}">${escaped(title)}</text>`];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const value = ceiling * share;
    parts.push(
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(value))}" y2="${fixed(y(value))}"/>`,
      `<text class="tick" x="${LEFT - 8}" y="${fixed(y(value) + 4)}">${value} ${unit}</text>`,
    );
  }
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const minutes = Math.round((end * share) / 6) / 10;
    parts.push(
      `<text class="time" x="${fixed(x(end * share))}" y="${top + PANEL + 18}">${minutes} min</text>`,
    );
  }
  let start = seen[0]?.start;
  let path = "";
  let isNew = true;
  for (const sample of seen) {
    if (sample.start !== start) {
      const at = fixed(x(sample.at));
      parts.push(`<line class="kill" x1="${at}" x2="${at}" y1="${top}" y2="${top + PANEL}"/>`);
      start = sample.start;
      isNew ||= breaks;
    }
    path += `${isNew ? "M" : "L"}${fixed(x(sample.at))} ${fixed(y(of(sample)))}`;
    isNew = false;
  }
  parts.push(`<path d="${path}"/>`);
  return parts.join("\n");
}

/** The next number of the form 1, 2, 4 or 8 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 4, 8, 10] as const).find((step) => step * power >= value) ?? 10) * power;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
