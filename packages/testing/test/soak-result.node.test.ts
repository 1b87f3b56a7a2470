// The guide's figures are those of the committed soak, which is long enough and has passed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { plot } from "../../../bench/soak/plot.ts";
import type { Report } from "../../../bench/soak/report.ts";

const DOCS = join(import.meta.dirname, "../../../docs");
// Its figures stand behind comments that name them: `npm run -s figures:fix` writes them.
const page = readFileSync(join(DOCS, "guide/soak.md"), "utf8").replaceAll(
  /<!-- result:.*?-->/g,
  "",
);
const { date, report, samples, control } = JSON.parse(
  readFileSync(join(DOCS, "results/soak.json"), "utf8"),
) as {
  date: string;
  report: Report;
  samples: Report["samples"];
  control: { keptKB: { byHand: number; room: number } };
};

test("the committed run has taken 30 minutes with 200 clients in 50 rooms, and has passed", () => {
  expect(report).toMatchObject({ passed: true, minutes: 30, clients: 200, rooms: 50 });
  expect(report).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, leftovers: 0 });
  expect(report.expired).toBe(report.lives);
  expect(report.kills).toBeGreaterThanOrEqual(6);
  expect(report.memory.workerd.perLife).toBeLessThanOrEqual(report.memory.workerd.bound ?? 0);
  expect(report.memory.clients.perLife).toBeLessThanOrEqual(report.memory.clients.bound ?? 0);
});

test("the page quotes it", () => {
  const n = (value: number): string => value.toLocaleString("en-US");
  const { workerd, clients } = report.memory;
  const rejected = Object.values(report.rejected).reduce((sum, count) => sum + count, 0);
  const quotes = [
    `| rooms that lived and expired | ${n(report.lives)} |`,
    `| clients that took part | ${n(report.visitors)} |`,
    `| messages taken | ${n(report.taken)} |`,
    `| entries given to clients | ${n(report.delivered)} |`,
    `| lost, duplicated, reordered | ${report.lost}, ${report.duplicated}, ${report.reordered} |`,
    `| kills, cuts, half-open connections | ${report.kills}, ${n(report.cuts)}, ${report.halfOpens} |`,
    `| starts of rooms, after sleep and kills, too | ${n(report.wakes)} |`,
    `| memory of workerd: most, growth | ${workerd.most} MB, ${workerd.slope} MB an hour |`,
    `| the same for each room that lived | ${workerd.perLife} KB, at most ${workerd.bound} |`,
    `| memory of all clients: most, growth | ${clients.most} MB, ${clients.slope} MB an hour |`,
    `Of ${n(report.sent)} messages ${n(rejected)} were rejected`,
    `| by hand | ${control.keptKB.byHand} |`,
    `| a room | ${control.keptKB.room} |`,
    `bound of their own: ${clients.bound} KB`,
  ];
  for (const quote of quotes) expect(page).toContain(quote);
});

test("the picture is of its samples", () => {
  const title = `${report.minutes} minutes, ${report.clients} clients in ${report.rooms} rooms, ${report.kills} kills (${date})`;
  expect(readFileSync(join(DOCS, "results/soak.svg"), "utf8")).toBe(plot(samples, title));
});
