import { expect, test } from "vitest";

import { isRounded, mend, roundedLike } from "../quotes.ts";

const RECORD = { scenario: "fanout", metric: "deliveries", unit: "1/s", baseline: "raw" };
const results = new Map<string, unknown>([
  [
    "bench.json",
    {
      seconds: 700,
      results: [
        { ...RECORD, target: "raw", median: 23_000, min: 22_000, max: 24_000, ratio: 1 },
        {
          ...RECORD,
          target: "greenroom",
          median: 321_497,
          min: 300_000,
          max: 330_000,
          ratio: 13.98,
        },
      ],
    },
  ],
  ["chaos.json", { report: { sent: 20_000 } }],
]);
const faultsOf = (page: string): string[] => mend(page, results).faults;

test("a figure is right within half of its last digit that counts", () => {
  expect(isRounded("14", 13.98)).toBe(true);
  expect(isRounded("13.9", 13.98)).toBe(false);
  expect(isRounded("14.0", 13.98)).toBe(true);
  expect(isRounded("321,000", 321_497)).toBe(true);
  expect(isRounded("320,000", 321_497)).toBe(true);
  expect(isRounded("322,000", 321_497)).toBe(false);
  expect(isRounded("0.6", 0.64)).toBe(true);
  expect(isRounded("10", 14)).toBe(true);
  expect(isRounded("-23.6", -23.57)).toBe(true);
  expect(isRounded("-23.6", 23.57)).toBe(false);
  expect(roundedLike("8.9", -12.34)).toBe("-12");
});

test("a quote that is right stays as it is", () => {
  const page =
    "It is <!-- result: bench.json; fanout; greenroom; deliveries; ratio -->14 times as fast, after " +
    "<!-- result: bench.json; seconds -->700 s, with <!-- result: chaos.json; report; sent -->20,000.";
  expect(mend(page, results)).toEqual({ text: page, faults: [], quotes: 3 });
});

test("a quote that is wrong is told, and mended in the same number of digits", () => {
  const page = "<!-- result: bench.json; fanout; greenroom; deliveries; median -->299,000 a second";
  const { text, faults } = mend(page, results);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain('line 1: "299,000" is quoted');
  expect(text).toBe(
    "<!-- result: bench.json; fanout; greenroom; deliveries; median -->321,000 a second",
  );
  expect(faultsOf(text)).toEqual([]);
});

test("a quote of what no result has is a fault, and so is one without a figure", () => {
  expect(faultsOf("<!-- result: bench.json; fanout; nobody; deliveries; ratio -->14")).toHaveLength(
    1,
  );
  expect(faultsOf("<!-- result: bench.json; fanout; deliveries; ratio -->14")).toHaveLength(1);
  expect(faultsOf("<!-- result: nothing.json; ratio -->14")).toHaveLength(1);
  expect(faultsOf("<!-- result: bench.json; fanout; raw; deliveries; ratio -->many")).toHaveLength(
    1,
  );
});

test("a median is told in medians of another target", () => {
  expect(
    faultsOf("<!-- result: bench.json; fanout; greenroom; deliveries; times raw -->14"),
  ).toEqual([]);
  expect(
    faultsOf("<!-- result: bench.json; fanout; greenroom; deliveries; times raw -->13"),
  ).toHaveLength(1);
  expect(
    faultsOf("<!-- result: bench.json; fanout; greenroom; deliveries; times me -->14"),
  ).toHaveLength(1);
});

test("a table is written from the results", () => {
  const page =
    "# Here\n\n<!-- results: bench.json; fanout; deliveries -->\nold\n<!-- /results -->\n";
  const { text, faults } = mend(page, results);
  expect(faults).toHaveLength(1);
  expect(text).toContain("| greenroom | 321,497 | 300,000 to 330,000 | 13.98 |");
  expect(mend(text, results)).toEqual({ text, faults: [], quotes: 1 });
});

test("a table of a metric that is called like its scenario has no other metric in it", () => {
  const own = {
    ...RECORD,
    scenario: "connects",
    target: "raw",
    median: 2,
    min: 1,
    max: 3,
    ratio: 1,
  };
  const both = [
    { ...own, metric: "connects" },
    { ...own, metric: "until it is in", median: 77 },
  ];
  const page = "<!-- results: bench.json; connects; connects -->\n<!-- /results -->\n";
  const { text } = mend(page, new Map([["bench.json", { results: both }]]));
  expect(text).toContain("| raw | 2 |");
  expect(text).not.toContain("77");
});

test("the table of goals is written from the results: reached, missed, and not measured", () => {
  const echo = { scenario: "echo", metric: "round trip, p50", unit: "us", baseline: "raw" };
  const rooms = {
    scenario: "rooms",
    metric: "acknowledged messages",
    unit: "1/s",
    baseline: "raw",
  };
  const run = [
    { ...echo, target: "raw", median: 100 },
    { ...echo, target: "greenroom", median: 95 },
    { ...rooms, target: "raw", median: 100 },
    { ...rooms, target: "greenroom", median: 350 },
  ];
  const page = "<!-- goals: bench.json -->\nold\n<!-- /goals -->\n";
  const { text } = mend(page, new Map([["bench.json", { results: run }]]));
  expect(text).toContain("| greenroom to raw | echo: round trip, p50 | at most 0.9 | 0.95 | no |");
  expect(text).toContain(
    "| greenroom to raw | rooms: acknowledged messages | at least 3 | 3.5 | yes |",
  );
  expect(text).toContain(
    "| greenroom to partyserver | connects | at least 1 | not measured | no |",
  );
  expect(mend(page, new Map()).faults).toHaveLength(1);
});

test("what is mended is within the rounding it was quoted with", () => {
  for (const [figure, value] of [
    ["27", 9.57],
    ["1.02", 0.9849],
    ["560,000", 1_234_567],
    ["0.6", 0.55],
    ["7", 12],
  ] as const) {
    expect(isRounded(roundedLike(figure, value), value)).toBe(true);
  }
});
