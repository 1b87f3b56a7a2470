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
