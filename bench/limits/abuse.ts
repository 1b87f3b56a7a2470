// `npm run -s abuse`: honest clients beside an abusive one, and what they notice of it. Quiet and
// abused stretches take turns in one run, so that what else the machine does is in both.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";

import { commandLine, fail, failed, numberIn } from "../command-line.ts";
import { type Pair, type Stretch, summary } from "./stretches.ts";

const HELP = `npm run -s abuse -- [options]

50 honest clients send 4 messages a second each to a room with the default limits. In every second
stretch an abusive client sends at full speed beside them, and comes back at once when it is closed.
Each abused stretch is held against the quiet ones before and after it. Ends with 1 where the honest
ones' p99 is over twice that of the quiet stretches, over all or in the median of the stretches.

  --honest N     honest clients (50)
  --seconds S    how long a stretch is (4)
  --reps N       abused stretches, each as somebody new (8)
  --abuser KIND  same: comes back as itself; new: as somebody else each time (same)
  --json         one line for machines
  --help`;

const { values } = commandLine({
  options: {
    honest: { type: "string", default: "50" },
    seconds: { type: "string", default: "4" },
    reps: { type: "string", default: "8" },
    abuser: { type: "string", default: "same" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

/** How long everybody has to come to rest between stretches, in ms. */
const REST = 500;

if (values.help) console.log(HELP);
else await main().catch(failed);

async function main(): Promise<void> {
  const clients = numberIn("honest", values.honest, { least: 1 })!;
  const seconds = numberIn("seconds", values.seconds, { whole: false, above: 0, most: 3_600 })!;
  const reps = numberIn("reps", values.reps, { least: 1 })!;
  if (values.abuser !== "same" && values.abuser !== "new")
    fail(`--abuser is ${values.abuser}; it takes same or new.`);
  process.loadEnvFile(join(import.meta.dirname, "../../wrangler.env"));
  const server = await WorkerProcess.start({ config: join(import.meta.dirname, "wrangler.jsonc") });
  const children: ChildProcess[] = [];
  const start = async (file: string, ...args: string[]): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, file), args);
    children.push(child);
    await once(child, "message");
    return child;
  };
  try {
    const url = new URL("/rooms/default/abused", server.url).href;
    const honest = await start("honest.ts", url, String(clients));
    const abuser = await start("abuser.ts", url.replace("http", "ws"), values.abuser);
    // In life it has a machine of its own: it must not take the processor from those it is held against.
    if (abuser.pid !== undefined) setPriority(abuser.pid, constants.priority.PRIORITY_LOW);
    const stretch = async (): Promise<void> => {
      honest.send("begin");
      await sleep(seconds * 1_000);
    };
    await sleep(2_000);
    const pairs: Pair[] = [];
    const faults = new Set<string>();
    let abuse: unknown;
    await stretch();
    let before = (await ask(honest, "end")) as Stretch;
    for (let rep = 1; rep <= reps; rep++) {
      abuser.send("go");
      await stretch();
      const abused = (await ask(honest, "end")) as Stretch;
      abuse = await ask(abuser, "stop");
      await sleep(REST);
      await stretch();
      const after = (await ask(honest, "end")) as Stretch;
      const pair = { quiet: [...before.trips, ...after.trips], abused: abused.trips };
      pairs.push(pair);
      before = after;
      for (const fault of after.faults) faults.add(fault);
      console.error(`stretch ${rep} of ${reps}: ${JSON.stringify(summary([pair]))}`);
    }
    const report = {
      honest: clients,
      abuser: values.abuser,
      ...summary(pairs),
      abuse,
      faults: faults.size,
    };
    console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
    for (const fault of faults) console.error(fault);
    const overall = report.abused.p99 / report.quiet.p99;
    const most = Math.max(overall, report.p99Ratio);
    if (Number.isNaN(most)) console.error("A stretch had no messages; take more --seconds.");
    else if (most > 2)
      console.error(`The honest ones' p99 is ${most.toFixed(2)} times the quiet one.`);
    if (!(most <= 2) || faults.size > 0) process.exitCode = 1;
  } finally {
    for (const child of children) child.kill();
    await server.stop();
  }
}

async function ask(child: ChildProcess, word: string): Promise<unknown> {
  const answer = once(child, "message");
  child.send(word);
  return ((await answer) as unknown[])[0];
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
