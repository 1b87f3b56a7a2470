/** What grows with what: a small picture a measure, both axes in powers of ten. Pure. */
import { escaped, fixed, picture, shown } from "./svg.ts";

/** One measure. */
export interface Line {
  readonly title: string;
  readonly unit: string;
  readonly note: string;
  readonly isBad: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const COLUMNS = 3;
const CELL = { width: 260, height: 190 } as const;
const INSET = { left: 46, right: 14, top: 46, bottom: 28 } as const;
const TOP = 48;

/** The picture. */
export function lines(title: string, counts: string, all: readonly Line[]): string {
  const width = COLUMNS * CELL.width;
  const height = TOP + Math.ceil(all.length / COLUMNS) * CELL.height;
  const cells = all.map((line, index) => {
    const left = (index % COLUMNS) * CELL.width;
    const top = TOP + Math.floor(index / COLUMNS) * CELL.height;
    return `<g transform="translate(${left} ${top})">\n${cell(line, counts)}\n</g>`;
  });
  const head = `<text class="title" x="16" y="28">${escaped(title)}</text>`;
  return picture(width, height, title, [head, ...cells].join("\n"));
}

function cell({ title, unit, note, isBad, points }: Line, counts: string): string {
  const right = CELL.width - INSET.right;
  const bottom = CELL.height - INSET.bottom;
  // Below one, an axis of powers has no place for zero: it stands where one is.
  const at = (value: number, least: number, most: number, from: number, to: number): number => {
    const [low, high, here] = [least, most, Math.max(value, least)].map(Math.log10) as [
      number,
      number,
      number,
    ];
    return from + ((here - low) / (high - low || 1)) * (to - from);
  };
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y).filter((y) => y > 0);
  const [leastX, mostX] = [Math.max(1, Math.min(...xs)), Math.max(1, ...xs)];
  const leastY = 10 ** Math.floor(Math.log10(Math.min(...ys, 1e9)) + 1e-9);
  const mostY = Math.max(leastY * 10, 10 ** Math.ceil(Math.log10(Math.max(...ys, leastY)) - 1e-9));
  const x = (value: number): string => fixed(at(value, leastX, mostX, INSET.left, right));
  const y = (value: number): string => fixed(at(value, leastY, mostY, bottom, INSET.top));
  const kind = isBad ? " bad" : "";
  const parts = [
    `<text x="12" y="16">${escaped(title)}</text>`,
    `<text class="soft" x="12" y="32">${escaped(`${unit}; ${note}`)}</text>`,
  ];
  for (let tick = leastY; tick <= mostY * 1.001; tick *= 10) {
    parts.push(
      `<line class="grid" x1="${INSET.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>`,
      `<text class="end soft" x="${INSET.left - 5}" y="${fixed(Number(y(tick)) + 4)}">${shown(tick)}</text>`,
    );
  }
  for (const [index, end] of [leastX, mostX].entries()) {
    const anchor = index === 0 ? "" : "end ";
    const label = index === 0 ? shown(end) : `${shown(end)} ${counts}`;
    parts.push(`<text class="${anchor}soft" x="${x(end)}" y="${bottom + 18}">${label}</text>`);
  }
  const path = points.map((point, n) => `${n === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`);
  parts.push(`<path class="${kind.trim()}" d="${path.join("")}"/>`);
  for (const point of points)
    parts.push(`<circle class="dot${kind}" cx="${x(point.x)}" cy="${y(point.y)}" r="2.5"/>`);
  return parts.join("\n");
}
