// The guide's figures are those of the committed run.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const DOCS = join(import.meta.dirname, "../../../docs");
const page = readFileSync(join(DOCS, "guide/chaos.md"), "utf8");
const { report } = JSON.parse(readFileSync(join(DOCS, "results/chaos.json"), "utf8")) as {
  report: Record<string, number>;
};

test("the committed run has 20 clients' 20,000 messages, 10 kills and 200 cuts, and has passed", () => {
  const asked = { sent: 20_000, taken: 20_000, kills: 10, cuts: 200 };
  expect(report).toMatchObject({ ...asked, lost: 0, duplicated: 0, reordered: 0 });
});

test("the page quotes it", () => {
  const written = (name: string): string => Math.round(report[name] ?? NaN).toLocaleString("en-US");
  const quotes = [
    `| sent, taken | ${written("sent")}, ${written("taken")} |`,
    `| entries given to clients | ${written("delivered")} |`,
    `| lost, duplicated, reordered | ${written("lost")}, ${written("duplicated")}, ${written("reordered")} |`,
    `${written("resumed")} with all that they missed, ${written("snapshots")} by a snapshot, ${written("resets")} by a reset`,
    `| half of them were back within | ${written("p50RecoveryMs")} ms |`,
    `| 99 of 100 were back within | ${written("p99RecoveryMs")} ms |`,
    `| it took | ${written("seconds")} s |`,
  ];
  for (const quote of quotes) expect(page).toContain(quote);
});
