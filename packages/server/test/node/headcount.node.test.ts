// How many are there, without a list of all of them for each who comes.
import { expect, test } from "vitest";

import { Headcount } from "../../src/headcount.ts";

test("[W16] the headcount is never under what is there, and lists all of it once in many", () => {
  let here = 40;
  let lists = 0;
  const headcount = new Headcount(() => {
    lists += 1;
    return { length: here };
  });
  expect(headcount.count).toBe(40);
  for (let comes = 0; comes < 1_000; comes++) {
    here += 1;
    headcount.came();
    if (comes % 5 === 0) here -= 1; // turned away: nobody tells
    if (comes % 7 === 0) {
      here -= 1;
      headcount.went();
    }
    expect(headcount.count).toBeGreaterThanOrEqual(here);
  }
  expect(headcount.count - here).toBeLessThan(here / 4);
  expect(lists).toBeLessThan(25);
  headcount.forget();
  here = 0;
  expect(headcount.count).toBe(0);
});
