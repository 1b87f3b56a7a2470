/** How a cost grows: the simplest of five orders that its points fit. Pure. */
import { median } from "../median.ts";

/** Orders, the simplest first. */
export const ORDERS = ["constant", "logarithmic", "linear", "n log n", "quadratic"] as const;
export type Order = (typeof ORDERS)[number];

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What was found: `y` is about `base + rate * f(x)`. */
export interface Fit {
  readonly order: Order;
  readonly base: number;
  readonly rate: number;
  /** How far the points are from that, relative to what it gives (root mean square). */
  readonly error: number;
  /** How many times the fit is larger at the largest `x` than at the smallest. */
  readonly growth: number;
}

/** What less than doubles over the whole range does not grow: caches and noise do as much. */
const SAME = 2;
/** A simpler order stands while its error is below the one, or within the other of the best. */
const CLOSE = 0.1;
const NEAR = 1.5;

const SHAPES: Record<Order, (x: number) => number> = {
  constant: () => 0,
  logarithmic: (x) => Math.log2(x + 1),
  linear: (x) => x,
  "n log n": (x) => x * Math.log2(x + 1),
  quadratic: (x) => x * x,
};

/** A cliff fits no order; it is seen by its foot and its top: twice, or at the last step alone three times. */
const TOP = 3;

/** With fewer points than this there is no order to see. */
export const FEWEST = 3;

/** The order of a cost. */
export function orderOf(points: readonly Point[]): Fit {
  if (points.length < FEWEST) {
    return { order: "constant", base: points[0]?.y ?? 0, rate: 0, error: 0, growth: 1 };
  }
  const fits = ORDERS.map((order) => fit(order, points));
  const best = Math.min(...fits.map(({ error }) => error));
  const found = fits.find(({ error }) => error <= CLOSE || error <= best * NEAR)!;
  if (found.growth >= SAME) return found;
  if (!endsOnCliff(points)) return { ...found, order: "constant" };
  const growing = fits.filter(({ order }) => order !== "constant");
  return growing.toSorted((a, b) => a.error - b.error)[0]!;
}

/** Whether the last points stand far above the first half of them. */
function endsOnCliff(points: readonly Point[]): boolean {
  const ys = points.toSorted((a, b) => a.x - b.x).map(({ y }) => y);
  const foot = median(ys.slice(0, Math.ceil(ys.length / 2))) || 1;
  const [before, last] = ys.slice(-2) as [number, number];
  return last >= TOP * foot || Math.min(before, last) >= SAME * foot;
}

/** Whether a cost grows no faster than it may. */
export function isWithin(order: Order, allowed: Order): boolean {
  return ORDERS.indexOf(order) <= ORDERS.indexOf(allowed);
}

/** Least squares of relative errors, with a base and a rate that are not negative. */
function fit(order: Order, points: readonly Point[]): Fit {
  const shape = SHAPES[order];
  // A zero is as exact as the smallest of the others is.
  const least = Math.min(...points.map(({ y }) => Math.abs(y)).filter((y) => y > 0), 1) / 10;
  const rows = points.map(({ x, y }) => {
    const weight = 1 / Math.max(Math.abs(y), least);
    return { one: weight, f: shape(x) * weight, y: y * weight };
  });
  const sum = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const [aa, ab, bb] = [sum((r) => r.one * r.one), sum((r) => r.one * r.f), sum((r) => r.f * r.f)];
  const [ay, by] = [sum((r) => r.one * r.y), sum((r) => r.f * r.y)];
  const determinant = aa * bb - ab * ab;
  let base = ay / aa;
  let rate = 0;
  if (determinant > 0) {
    base = (ay * bb - by * ab) / determinant;
    rate = (aa * by - ab * ay) / determinant;
    if (rate < 0) [base, rate] = [ay / aa, 0];
    else if (base < 0) [base, rate] = [0, by / bb];
  }
  const error = Math.sqrt(sum((r) => (base * r.one + rate * r.f - r.y) ** 2) / rows.length);
  const at = (x: number): number => base + rate * shape(x);
  const xs = points.map(({ x }) => x);
  const smallest = at(Math.min(...xs));
  const growth = smallest > 0 ? at(Math.max(...xs)) / smallest : rate > 0 ? Infinity : 1;
  return { order, base, rate, error, growth };
}
