/** Targets side by side: a bar each, with its spread. Pure. */
import { escaped, fixed, picture, shown } from "./svg.ts";

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly ratio: number | null;
}

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 130;
const TOP = 62;
const ROW = 24;

/** The picture; bars whose label begins with "greenroom" stand out. */
export function bars(title: string, note: string, baseline: string, rows: readonly Bar[]): string {
  const most = Math.max(...rows.map(({ max }) => max), 0) || 1;
  const x = (value: number): number => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const lines = rows.map(({ label, median, min, max, ratio }, row) => {
    const y = TOP + row * ROW;
    const kind = label.startsWith("greenroom") ? "ours" : "other";
    const middle = fixed(y + ROW / 2 - 3);
    const times = ratio === null ? "" : ` <tspan class="soft">(${shown(ratio)} x)</tspan>`;
    return [
      `<text class="end" x="${LEFT - 8}" y="${fixed(y + ROW / 2 + 1)}">${escaped(label)}</text>`,
      `<rect class="${kind}" x="${LEFT}" y="${y}" width="${fixed(Math.max(1, x(median) - LEFT))}" height="${ROW - 6}"/>`,
      `<line class="spread" x1="${fixed(x(min))}" x2="${fixed(x(max))}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${fixed(x(max) + 8)}" y="${fixed(y + ROW / 2 + 1)}">${shown(median)}${times}</text>`,
    ].join("\n");
  });
  const head = [
    `<text class="title" x="16" y="26">${escaped(title)}</text>`,
    `<text class="soft" x="16" y="46">${escaped(note)}; in brackets: times ${escaped(baseline)}</text>`,
  ];
  return picture(WIDTH, TOP + rows.length * ROW + 10, title, [...head, ...lines].join("\n"));
}
