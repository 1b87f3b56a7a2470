// `npm run -s goals`: what was set out to be reached, and what the committed run says of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Result } from "./results.ts";

/** One thing to reach: medians of `target` in medians of `to`. */
interface Goal {
  readonly scenario: string;
  readonly metric: string;
  readonly target: string;
  readonly to: string;
  readonly least?: number;
  readonly most?: number;
}

const HUNDRED = { scenario: "fanout", metric: "100 members, 32 in flight: deliveries" };
const THOUSAND = { scenario: "fanout", metric: "1000 members, 32 in flight: deliveries" };
const ROOMS = { scenario: "rooms", metric: "acknowledged messages" };
const ECHO = { scenario: "echo", metric: "round trip, p50" };
const ASLEEP = { scenario: "wake", metric: "first answer after sleep" };
const STARTED = {
  scenario: "wake",
  metric: "newcomer's first answer after a start, 10,000 kept",
};
const CONNECTS = { scenario: "connects", metric: "connects" };
const MEMORY = { scenario: "memory", metric: "an idle connection" };

const GOALS: readonly Goal[] = [
  { ...HUNDRED, target: "greenroom", to: "raw", least: 15 },
  { ...HUNDRED, target: "greenroom", to: "socket.io", least: 1.5 },
  { ...THOUSAND, target: "greenroom", to: "raw", least: 3 },
  { ...ROOMS, target: "greenroom", to: "raw", least: 3 },
  { ...ECHO, target: "greenroom", to: "raw", most: 0.9 },
  ...[HUNDRED, THOUSAND, ROOMS].map((each) => ({
    ...each,
    target: "greenroom-raw",
    to: "partyserver",
    least: 1.2,
  })),
  { ...ECHO, target: "greenroom-raw", to: "partyserver", most: 1 / 1.2 },
  ...[ASLEEP, STARTED].flatMap((each) => [
    { ...each, target: "greenroom", to: "raw", most: 1.2 },
    { ...each, target: "greenroom", to: "partyserver", most: 1 },
  ]),
  { ...CONNECTS, target: "greenroom", to: "partyserver", least: 1 },
  { ...MEMORY, target: "greenroom", to: "partyserver", most: 1 },
];

const file = process.argv[2] ?? join(import.meta.dirname, "../docs/results/bench.json");
const { results } = JSON.parse(readFileSync(file, "utf8")) as { results: Result[] };

for (const goal of GOALS) {
  const ratio = ratioOf(goal);
  const isReached = ratio >= (goal.least ?? 0) && ratio <= (goal.most ?? Number.POSITIVE_INFINITY);
  const { scenario, metric, target, to, least, most } = goal;
  const asked = least === undefined ? `at most ${round(most!)}` : `at least ${round(least)}`;
  const words = [isReached ? "ok  " : "MISS", round(ratio).padStart(6), asked.padEnd(14)];
  console.log(`${words.join("  ")} ${target} to ${to}, ${scenario}: ${metric}`);
}

function ratioOf({ scenario, metric, target, to }: Goal): number {
  const [own, other] = [target, to].map(
    (name) =>
      results.find(
        (each) => each.scenario === scenario && each.metric === metric && each.target === name,
      )?.median ?? Number.NaN,
  );
  return own! / other!;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
