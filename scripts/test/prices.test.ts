// The page of prices says what rooms compute with.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { ROOT } from "../workspace.ts";

const meter = readFileSync(join(ROOT, "packages/server/src/meter.ts"), "utf8");
const page = readFileSync(join(ROOT, "docs/guide/prices.md"), "utf8");

function priceOf(name: string): string {
  return new RegExp(`^  ${name}: "?([\\d.-]+)"?,$`, "m").exec(meter)?.[1] ?? `no ${name}`;
}

test("the page quotes the table that bills are made with", () => {
  for (const [name, line] of [
    ["millionRowsWritten", "a million rows written; setting an alarm is one"],
    ["millionRowsRead", "a million rows read"],
    [
      "millionGigabyteSeconds",
      `a million GB-seconds of an object that is awake, at ${priceOf("gigabytes")} GB`,
    ],
    [
      "millionRequests",
      `a million requests; ${priceOf("messagesPerRequest")} WebSocket messages that come are one, those that leave are none`,
    ],
  ] as const) {
    expect(page).toContain(`| ${line} | ${priceOf(name)} |`);
  }
  expect(page).toContain(`as of ${priceOf("date")},`);
});

test("what a message costs follows from them", () => {
  const row = Number(priceOf("millionRowsWritten"));
  const request = Number(priceOf("millionRequests")) / Number(priceOf("messagesPerRequest"));
  expect(page).toContain(`| 1, and an alarm | ${(2 * row + request).toFixed(2)} |`);
  expect(page).toContain(`| 1 | ${(row + request).toFixed(2)} |`);
});

test("what four rooms cost follows from them", () => {
  const price = (name: string): number => Number(priceOf(name)) / 1e6;
  /** A line of the page: what is used, in cents. */
  const line = (room: string, rows: number, messages: number, ms: number): string => {
    const parts = [
      rows * price("millionRowsWritten"),
      (messages / Number(priceOf("messagesPerRequest"))) * price("millionRequests"),
      (ms / 1_000) * Number(priceOf("gigabytes")) * price("millionGigabyteSeconds"),
    ];
    const all = parts.reduce((sum, part) => sum + part, 0);
    return `| ${[room, ...[...parts, all].map((part) => (part * 100).toFixed(3))].join(" | ")} |`;
  };
  const hour = 3_600;
  const lines = [
    // A message is a row and an alarm, and each keeps the room awake for 5 ms.
    line(
      "A chat for a day: ten people, a thousand messages a minute or more apart",
      2 * 1_000,
      1_000,
      1_000 * 5,
    ),
    // A lazy alarm is set anew each half hour.
    line('The same with `rearm: "lazy"`', 1_000 + 48, 1_000, 1_000 * 5),
    // The deadline is a whole second, so that an alarm is set once a second at most.
    line(
      "A game for an hour: two people, ten events a second each",
      20 * hour + hour,
      20 * hour,
      hour * 1_000,
    ),
    line("The same as presence", 0, 20 * hour, hour * 1_000),
  ];
  expect(page.split("\n").filter((each) => lines.includes(each))).toEqual(lines);
});
