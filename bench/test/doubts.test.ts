// When a run calls itself doubtful, and what a repetition without a value does to the figures.
import { expect, test } from "vitest";

import { Doubts } from "../doubts.ts";
import { quantile } from "../loads/stretch.ts";
import { pairedRatio } from "../paired.ts";
import { shareLines, sharesOf } from "../profile-shares.ts";
import { summarize } from "../results.ts";
import { type Bench, Standing } from "../scenario.ts";

test("a load generator that is the limit is told, for each target and once", () => {
  const doubts = new Doubts("fanout-100");
  doubts.note("raw", 0.3, 0);
  doubts.note("greenroom", 0.84, 0.1);
  doubts.note("greenroom", 0.99, 0);
  doubts.note("greenroom", 0.91, 0);
  doubts.note("floor", 0.86, -0.1);
  expect(doubts.lines).toEqual([
    "fanout-100, greenroom: the load generator used 99 % of a core; the target could do more.",
    "fanout-100, floor: the load generator used 86 % of a core; the target could do more.",
  ]);
});

test("a machine that others use is told, and one that is ours is not", () => {
  const doubts = new Doubts("echo");
  doubts.note("raw", 0.1, 0.2);
  expect(doubts.lines).toEqual([]);
  doubts.note("raw", 0.1, 1.26);
  doubts.note("greenroom", 0.1, 0.4);
  expect(doubts.lines).toEqual(["echo: other processes used up to 1.3 cores meanwhile."]);
});

const sample = (target: string, metric: string, value: number) => ({
  target,
  metric,
  unit: "us",
  value,
});

test("a repetition without a value is no 0, and the others stay beside their fellows", () => {
  expect(quantile([], 0.5)).toBeNaN();
  const samples = [
    ...[10, Number.NaN, 40].map((value) => sample("raw", "p50", value)),
    ...[20, 1_000, 40].map((value) => sample("greenroom", "p50", value)),
    sample("floor", "p50", Number.NaN),
  ];
  expect(summarize("echo", samples, "raw")).toEqual([
    expect.objectContaining({ target: "raw", median: 25, min: 10, max: 40, ratio: 1 }),
    expect.objectContaining({ target: "greenroom", median: 40, min: 20, max: 1_000, ratio: 1.5 }),
  ]);
  // As a file has it.
  expect(pairedRatio([20, 1_000, 40], [10, null, 40])?.ratio).toBe(1.5);
});

test("what is mostly nothing is no baseline", () => {
  expect(pairedRatio([1, 1, 1], [0, 0, 1])).toBeUndefined();
  expect(pairedRatio([0, 0, 0], [1, 1, 1])?.ratio).toBe(0);
});

test("the baseline of a metric is the first that has a value of it", () => {
  const samples = [
    sample("socket.io", "start", 2),
    sample("greenroom", "start", 4),
    sample("greenroom", "sleep", 6),
    sample("floor", "sleep", 3),
  ];
  const found = summarize("wake", samples, ["socket.io", "greenroom", "floor"]);
  expect(found.map(({ metric, baseline, ratio }) => [metric, baseline, ratio])).toEqual([
    ["start", "socket.io", 1],
    ["start", "socket.io", 2],
    ["sleep", "greenroom", 1],
    ["sleep", "greenroom", 0.5],
  ]);
});

test("a profile is told by each function's own share of the time in which something ran", () => {
  const node = (functionName: string, hitCount?: number) => ({
    callFrame: { functionName },
    ...(hitCount !== undefined && { hitCount }),
  });
  const nodes = [node("(idle)", 900), node("send", 30), node("exec", 50), node("send", 10)];
  const shares = sharesOf({ nodes: [...nodes, node("", 10), node("unseen"), node("never", 0)] }, 3);
  expect(shareLines(shares)).toEqual(["  50.0 %  exec", "  40.0 %  send", "  10.0 %  (anonymous)"]);
  expect(sharesOf({ nodes }, 1)).toEqual([{ name: "exec", share: 50 / 90 }]);
  expect(sharesOf({ nodes: [] }, 3)).toEqual([]);
});

test("a target that lets its members go has no figures, and a hint", async () => {
  const said: string[] = [];
  // SAFETY: of the bench it takes only what tells of a failure.
  const bench = { failed: (_target: string, line: string) => said.push(line) } as unknown as Bench;
  const standing = new Standing("connects", bench);
  const target = { name: "raw" } as Parameters<Standing["ask"]>[0]; // SAFETY: it is asked for its name
  const before = await standing.ask(target, undefined, async () => [sample("raw", "p50", 1)]);
  const fails = (why: string) =>
    standing.ask(target, undefined, () => Promise.reject(new Error(why)));
  expect(await fails("read ECONNRESET")).toEqual([]);
  expect(await fails("never asked")).toEqual([]);
  expect(standing.of(before)).toEqual([]);
  expect(said).toEqual([
    "connects, raw is left out: read ECONNRESET. With many members: is `ulimit -n` large enough?",
  ]);
});
