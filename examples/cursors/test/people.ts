// `npm run -s people`: two windows of Chromium, a room in real workerd with the graces that rooms have
// by default, and absences of one of the two: what does the other window show?
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { FaultProxy, WorkerProcess } from "@greenroom/testing";
import type { Browser } from "playwright-core";

import { launch } from "../../test/chromium.ts";
import { type Absence, cut, kill, reload, type Stage } from "./absences.ts";
import { crowdOf } from "./crowd.ts";
import { Guest } from "./guest.ts";
import { type Smoothness, watchFrames } from "./smoothness.ts";

const HELP = `npm run -s people -- [options]

Two windows of Chromium show the canvas of examples/cursors, whose room in real workerd has the graces
of every room: 10 s for somebody who is lost, 15 s after a crash. One of the two is away: it reloads,
its network is cut for 5 s and for 30 s, and workerd is killed with \`kill -9\`. Every list of people
that the other window shows is written down, with its time. Then fifty members move twenty times a
second, and the time between two pictures is measured. Takes two minutes; ends with 1 if anybody
flickered, left too early, or did not come back.

  --out FILE  writes everything as JSON
  --json      one line for machines: { ok, steps: [{ step, seconds, flickers, left, joined, ok }], crowd }
  --help`;

/** As rooms have them by default, in ms. */
const GRACES = { grace: 10_000, deployGrace: 15_000 };
const MEMBERS = 50;
/** How long frames are looked at, in ms. */
const LOOK = 5_000;
const ROOT = join(import.meta.dirname, "../../..");
/** The reference Worker, and the pages that wrangler builds for it. */
const CONFIG = join(ROOT, "wrangler.jsonc");
const PAGES = join(ROOT, "examples/dist");

const { values } = parseArgs({
  options: { out: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
});

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  process.loadEnvFile(join(ROOT, "wrangler.env"));
  progress("building the pages, starting workerd and Chromium");
  const [worker, browser] = await Promise.all([WorkerProcess.start({ config: CONFIG }), launch()]);
  const proxy = await FaultProxy.start(worker.host);
  try {
    const steps = await absences(browser, worker, proxy);
    const crowd = await smoothness(browser, worker);
    report(steps, crowd, browser.version());
  } finally {
    await Promise.all([browser.close(), proxy.stop(), worker.stop()]);
  }
}

async function absences(
  browser: Browser,
  worker: WorkerProcess,
  proxy: FaultProxy,
): Promise<Absence[]> {
  const arrive = (name: string, origin: string): Promise<Guest> =>
    Guest.arrive(browser, { origin, room: "people", pages: PAGES }, { name });
  const watcher = await arrive("Fern", worker.url);
  const absentee = await arrive("Moth", `http://${proxy.host}`);
  await watcher.page.locator("#people li").nth(1).waitFor();
  const stage: Stage = { watcher, absentee, proxy, worker, ...GRACES };
  const steps: Absence[] = [];
  for (const absence of [
    reload,
    (on: Stage) => cut(on, 5_000),
    (on: Stage) => cut(on, 30_000),
    kill,
  ]) {
    const step = await absence(stage);
    progress(lineOf(step));
    steps.push(step);
  }
  await Promise.all([watcher.close(), absentee.close()]);
  return steps;
}

async function smoothness(browser: Browser, worker: WorkerProcess): Promise<Smoothness> {
  const fern = await Guest.arrive(
    browser,
    { origin: worker.url, room: "crowd", pages: PAGES },
    { name: "Fern", reducedMotion: "no-preference" },
  );
  const crowd = crowdOf(MEMBERS - 1, worker.host, "crowd");
  try {
    await fern.page
      .locator(".cursor")
      .nth(MEMBERS - 2)
      .waitFor();
    const measured = await watchFrames(fern.page, LOOK);
    progress(`${MEMBERS} members at 20 Hz: ${JSON.stringify(measured)}`);
    return measured;
  } finally {
    crowd.close();
  }
}

function report(steps: Absence[], crowd: Smoothness, chromium: string): void {
  const ok = steps.every((step) => step.ok);
  if (values.out !== undefined) {
    const versions = { node: process.version.slice(1), workerd: workerdVersion(), chromium };
    const date = new Date().toISOString().slice(0, 10);
    const byName = Object.fromEntries(steps.map(({ step, ...told }) => [step, told]));
    const all = { date, versions, graces: GRACES, ok, steps: byName, crowd };
    writeFileSync(values.out, `${JSON.stringify(all, null, 2)}\n`);
  }
  const told = steps.map(({ step, seconds, flickers, left, joined, ok }) => {
    return { step, seconds, flickers, left, joined, ok };
  });
  if (values.json) console.log(JSON.stringify({ ok, steps: told, crowd }));
  else console.table(told);
  if (!ok) process.exitCode = 1;
}

function lineOf({ step, seconds, ok, shown }: Absence): string {
  const lists = shown.map(({ at, people, status }) => `${at} ms ${people} (${status})`);
  return `${step}: ${seconds} s, ${ok ? "as it should be" : "NOT as it should be"}: ${lists.join("; ")}`;
}

function progress(line: string): void {
  console.error(line);
}

function workerdVersion(): string {
  const require = createRequire(createRequire(join(ROOT, "package.json")).resolve("miniflare"));
  return (require("workerd/package.json") as { version: string }).version;
}
