// `npm run -s growth`: how time, memory and rows grow, and whether anything grows that must not.
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { causeOf, commandLine, fail, numberIn, writable } from "../command-line.ts";
import { temporary } from "../leftovers.ts";
import { runReport } from "../run-report.ts";
import { startWorkerd, STATE, type Workerd } from "../workerd.ts";
import type { Curve } from "./curve.ts";
import type { Grown } from "./grown.ts";
import { FEWEST, type Fit, isWithin, orderOf, type Point } from "./order.ts";

const HELP = `npm run -s growth -- [curve ...] [options]

  --most N     goes only so far; what needs more is left out
  --json       { date, versions, machine, results: [{ curve, measure, order, allowed, ok, points, ... }] }
  --out FILE   writes the same to a file, with the date, the versions and the machine
  --list       the curves
  --help

Ends with 1 where something grows faster than it may, or could not be measured.`;

const { values, positionals } = commandLine({
  allowPositionals: true,
  options: {
    most: { type: "string" },
    json: { type: "boolean" },
    out: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
  },
});

const began = performance.now();
const curves = await loadCurves();
if (values.help) console.log(HELP);
else if (values.list) console.log(list());
else await main(positionals.length === 0 ? curves : [...new Set(positionals)].map(byName));

async function main(chosen: readonly Curve[]): Promise<void> {
  const most = numberIn("most", values.most, {}) ?? Number.POSITIVE_INFINITY;
  writable("out", values.out);
  const none = chosen.filter(({ steps }) => steps[0]! > most).map(({ name }) => name);
  if (none.length > 0)
    fail(`--most is ${most}, and not one step of ${none.join(", ")} is that small.`);
  const results: Grown[] = [];
  for (const curve of chosen) {
    const steps = curve.steps.filter((step) => step <= most);
    try {
      const points = await runCurve(curve, steps);
      results.push(...curve.measures.map((measure) => judged(curve, measure, points)));
    } catch (wrong) {
      console.error(`failed: ${curve.name} could not be measured: ${causeOf(wrong)}.`);
      process.exitCode = 1;
    }
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  const report = runReport({ seconds, results });
  if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(values.json ? JSON.stringify(report, null, 2) : table(results));
  const few = results.filter(({ points }) => points.length < FEWEST);
  const told = [...new Set(few.map(({ curve }) => curve))].join(", ");
  if (told !== "")
    console.error(`warning: ${told}: under ${FEWEST} steps, of which no order can be told.`);
  const wrong = results.filter(({ ok }) => !ok);
  for (const { curve, measure, order, allowed } of wrong)
    console.error(`${curve}: ${measure} is ${order}, and may be ${allowed}.`);
  if (wrong.length > 0) process.exitCode = 1;
}

/** Runs a curve in a process of its own: none stands on what another one left behind. */
async function runCurve(curve: Curve, steps: readonly number[]): Promise<Record<string, Point[]>> {
  mkdirSync(STATE, { recursive: true });
  const kept = mkdtempSync(join(STATE, "growth-"));
  const remove = temporary(kept);
  const start = (): Promise<Workerd> => startWorkerd({ kept });
  let server = await start();
  const restart = async (): Promise<Workerd> => {
    await server.stop();
    return (server = await start());
  };
  try {
    return await curve.run({ server, restart, steps, progress });
  } finally {
    await server.stop();
    remove();
  }
}

function judged(
  { name, counts }: Curve,
  { name: measure, unit, allowed, because }: Curve["measures"][number],
  all: Readonly<Record<string, readonly Point[]>>,
): Grown {
  const points = (all[measure] ?? []).map(({ x, y }) => ({ x, y: round(y) }));
  const { order, base, rate }: Fit = orderOf(points);
  return {
    curve: name,
    measure,
    unit,
    counts,
    order,
    allowed,
    because: because ?? null,
    ok: isWithin(order, allowed),
    base: round(base),
    rate: round(rate),
    points,
  };
}

function table(results: readonly Grown[]): string {
  const lines = results.map(({ curve, measure, unit, points, order, ok }) => {
    const shown = points.map(({ x, y }) => `${x}: ${y}`).join("   ");
    const verdict = points.length < FEWEST ? "?   " : ok ? "ok  " : "FAIL";
    const found = points.length < FEWEST ? "has too few steps" : `is ${order}`;
    return `${verdict} ${curve}: ${measure} (${unit}) ${found}\n       ${shown}`;
  });
  return lines.join("\n");
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

function progress(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.error(`${String(seconds).padStart(4)} s  ${line}`);
}

function list(): string {
  if (values.json)
    return JSON.stringify(
      curves.map(({ name, about, steps }) => ({ name, about, steps })),
      null,
      2,
    );
  return curves.map(({ name, about }) => `${name.padEnd(10)} ${about}`).join("\n");
}

async function loadCurves(): Promise<Curve[]> {
  const files = readdirSync(join(import.meta.dirname, "curves")).toSorted();
  const modules = await Promise.all(
    files.map((file) => import(`./curves/${file}`) as Promise<{ curve: Curve }>),
  );
  return modules.map(({ curve }) => curve);
}

function byName(name: string): Curve {
  const found = curves.find((curve) => curve.name === name);
  if (!found) {
    const names = curves.map((curve) => curve.name).join(", ");
    return fail(`There is no curve "${name}"; there are ${names}.`);
  }
  return found;
}
