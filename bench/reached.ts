/** What was set out to be reached, and what a run says of it. Pure. */
import { ratioIn, type Repeated } from "./paired.ts";
import type { Result } from "./results.ts";

/** One thing to reach: how many times `to` is `target`, repetition by repetition. */
export interface Goal {
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
const FURTHER = { scenario: "memory", metric: "a further idle connection" };

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
  { ...FURTHER, target: "greenroom", to: "partyserver", most: 1 },
];

/** A goal, and what a run says of it. */
export interface Verdict extends Goal {
  /** NaN where the run did not measure it. */
  readonly ratio: number;
  readonly isReached: boolean;
}

/** A run, as its file has it. */
export interface Run {
  readonly results: readonly Result[];
  /** Missing in older files: medians are then held against each other. */
  readonly repetitions?: readonly Repeated[];
}

/** Holds a run to every goal. */
export function verdictsOn({ results, repetitions = [] }: Run): Verdict[] {
  const medianOf = ({ scenario, metric }: Goal, name: string): number =>
    results.find(
      (each) => each.scenario === scenario && each.metric === metric && each.target === name,
    )?.median ?? Number.NaN;
  return GOALS.map((goal) => {
    const { target, to } = goal;
    const found =
      ratioIn(repetitions, goal, target, to)?.ratio ?? medianOf(goal, target) / medianOf(goal, to);
    // All of this takes time and memory: where one of the two is nothing, it was not measured.
    const ratio = found > 0 && Number.isFinite(found) ? found : Number.NaN;
    const { least = 0, most = Number.POSITIVE_INFINITY } = goal;
    return { ...goal, ratio, isReached: ratio >= least && ratio <= most };
  });
}

/** What a goal asks for, in words. */
export function askedOf({ least, most }: Goal): string {
  return least === undefined ? `at most ${round(most!)}` : `at least ${round(least)}`;
}

/** A table of all goals for a page. */
export function goalsTable(run: Run): string {
  const lines = verdictsOn(run).map((each) => {
    const { scenario, metric, target, to, ratio, isReached } = each;
    const what = metric === scenario ? metric : `${scenario}: ${metric}`;
    return `| ${target} to ${to} | ${what} | ${askedOf(each)} | ${round(ratio)} | ${isReached ? "yes" : "no"} |`;
  });
  return ["| | | goal | measured | reached |", "|---|---|---|--:|---|", ...lines].join("\n");
}

export function round(value: number): string {
  return Number.isNaN(value) ? "not measured" : String(Number(value.toPrecision(3)));
}
