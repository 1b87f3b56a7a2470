// `npm run -s soak`: many rooms that live and expire for minutes or hours, and whether anything was
// lost, left behind or leaked.
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { commandLine, fail, failed, jsonIn, numberIn, writable } from "../command-line.ts";
import { control, keptOf } from "./control.ts";
import { plot } from "./plot.ts";
import type { Report } from "./report.ts";
import { isInTides, type Leak, soak } from "./run.ts";

const HELP = `npm run -s soak -- [options]

Keeps rooms in real workerd busy: clients come, talk, leave and are replaced, connections are cut,
stalled and half-opened, rooms sleep and expire one after the other, and workerd is killed with
\`kill -9\`. Ends with 1 if a message was lost, doubled or reordered, if a room left something behind,
or if the memory of workerd or of the clients grew by more than its bound.

  --minutes N   how long (5); under 5 rooms live for seconds, in tides with a rest between them,
                in which memory is told to the kilobyte; under 1 nothing is told of memory
  --clients N   clients at a time (200)
  --rooms N     rooms at a time (50)
  --kills N     \`kill -9\` of workerd, in the first and the last fifth of the run (one a 5 minutes; none in tides)
  --seed N      decides who does what, and every fault (1)
  --leak WHO    has \`rooms\` keep every message, or \`clients\` everybody who ever was: to be found out
  --control     how much workerd keeps of each object, a room's and one that is written by hand
  --out FILE    writes the report as JSON, and a plot beside it as SVG
  --json        one line for machines (with --control, too)
  --help`;

const { values } = commandLine({
  options: {
    minutes: { type: "string" },
    clients: { type: "string" },
    rooms: { type: "string" },
    kills: { type: "string" },
    seed: { type: "string" },
    leak: { type: "string" },
    control: { type: "boolean" },
    out: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

if (values.help) console.log(HELP);
else await (values.control ? compare() : main()).catch(failed);

async function compare(): Promise<void> {
  process.loadEnvFile(join(import.meta.dirname, "../../wrangler.env"));
  const points = await control(8, (line) => console.error(line));
  const kept = { byHand: keptOf(points, "by hand"), room: keptOf(points, "room") };
  console.log(JSON.stringify({ keptKB: kept, points }, null, values.json ? undefined : 2));
}

async function main(): Promise<void> {
  process.loadEnvFile(join(import.meta.dirname, "../../wrangler.env"));
  writable("out", values.out);
  const control = controlIn(values.out);
  const leak = leakOf(values.leak);
  const minutes = numberIn("minutes", values.minutes, { whole: false, above: 0 }) ?? 5;
  const rooms = numberIn("rooms", values.rooms, { least: 1 }) ?? 50;
  const report = await soak({
    minutes,
    clients: clientsFor(rooms),
    rooms,
    kills:
      numberIn("kills", values.kills, {}) ??
      (isInTides(minutes) ? 0 : Math.max(2, Math.ceil(minutes / 5))),
    seed: numberIn("seed", values.seed, {}) ?? 1,
    leak,
    progress: (line) => console.error(line),
  });
  const { samples: _samples, faults, ...told } = report;
  console.log(values.json ? JSON.stringify(told) : JSON.stringify(told, null, 2));
  if (values.out !== undefined) write(values.out, report, control);
  for (const fault of faults) console.error(fault);
  if (leak !== undefined && report.memory[leak].bound === null)
    console.error(
      `nothing is told of memory, so that the leak was not looked for; take more --minutes`,
    );
  if (!report.passed) process.exitCode = 1;
}

function leakOf(text: string | undefined): Leak | undefined {
  if (text === undefined || text === "rooms" || text === "clients") return text;
  return fail(`--leak is ${text}; it takes rooms or clients.`);
}

/** Each room needs somebody, or it never begins. */
function clientsFor(rooms: number): number {
  const clients = numberIn("clients", values.clients, { least: 1 }) ?? Math.max(200, rooms);
  if (clients >= rooms) return clients;
  return fail(`--clients is ${clients}, and there are ${rooms} rooms (--rooms); each needs one.`);
}

function write(path: string, { faults, ...report }: Report, control: object): void {
  const date = new Date().toISOString().slice(0, 10);
  const title = `${report.minutes} minutes, ${report.clients} clients in ${report.rooms} rooms, ${report.kills} kills (${date})`;
  const { samples, ...told } = report;
  const lines = samples.map((sample) => JSON.stringify(sample)).join(",\n    ");
  const head = JSON.stringify({ date, report: { ...told, faults }, ...control }, null, 2).slice(
    0,
    -2,
  );
  writeFileSync(path, `${head},\n  "samples": [\n    ${lines}\n  ]\n}\n`);
  writeFileSync(path.replace(/\.json$/, "") + ".svg", plot(samples, title));
}

/** What `--control` has found stays in the file that is written anew; read before the run, as it may be no report. */
function controlIn(path: string | undefined): { readonly control?: unknown } {
  if (path === undefined || !existsSync(path) || statSync(path).size === 0) return {};
  const { control } = (jsonIn(path) ?? {}) as { control?: unknown };
  return control === undefined ? {} : { control };
}
