import { expect, test } from "vitest";

import { isWithin, orderOf, type Point } from "../growth/order.ts";

const XS = [10, 30, 100, 300, 1_000, 5_000];
const points = (f: (x: number, n: number) => number): Point[] =>
  XS.map((x, n) => ({ x, y: f(x, n) }));
/** Off by a tenth, up and down in turn. */
const noisy = (n: number): number => (n % 2 === 0 ? 1.1 : 0.9);

test("each order is found again, with noise and with a base", () => {
  expect(orderOf(points((_, n) => 50 * noisy(n))).order).toBe("constant");
  expect(orderOf(points((x, n) => 3 * Math.log2(x + 1) * noisy(n))).order).toBe("logarithmic");
  expect(orderOf(points((x, n) => (200 + 2 * x) * noisy(n))).order).toBe("linear");
  expect(orderOf(points((x, n) => 0.01 * x * x * noisy(n))).order).toBe("quadratic");
});

test("what less than doubles over the whole range is constant", () => {
  expect(orderOf(points((x) => 1_000 + 0.15 * x)).order).toBe("constant");
  expect(orderOf(points((x) => 1_000 + 0.4 * x)).order).toBe("linear");
});

test("what is always nothing, or gets less, is constant", () => {
  expect(orderOf(points(() => 0)).order).toBe("constant");
  expect(orderOf(points((x) => 1_000 / x)).order).toBe("constant");
});

test("a cliff is no constant, wherever it stands", () => {
  const cliff = (from: number, top: number): Point[] => points((_, n) => (n >= from ? top : 50));
  for (const from of [2, 3, 4, 5]) {
    expect(orderOf(cliff(from, 500)).order, `from step ${from}`).not.toBe("constant");
    expect(orderOf(cliff(from, 51)).order, `from step ${from}`).toBe("constant");
  }
  expect(orderOf(points((_, n) => (n >= 4 ? 10 : 0))).order).not.toBe("constant");
});

test("one outlier makes no order", () => {
  expect(orderOf(points((_, n) => (n === 2 ? 95 : 50))).order).toBe("constant");
  expect(orderOf(points((_, n) => (n === 5 ? 95 : 50))).order).toBe("constant");
});

test("an order is within itself and what is faster", () => {
  expect(isWithin("constant", "linear")).toBe(true);
  expect(isWithin("linear", "linear")).toBe(true);
  expect(isWithin("linear", "logarithmic")).toBe(false);
});
