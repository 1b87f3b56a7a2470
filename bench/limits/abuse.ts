// `npm run -s abuse`: honest clients beside an abusive one, and what they notice of it. Quiet and
// abused stretches take turns in one run, so that what else the machine does is in both.
import { fork } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { WorkerProcess } from "@greenroom/testing";

import { Peer } from "./peer.ts";

const HELP = `npm run -s abuse -- [options]

50 honest clients send 4 messages a second each to a room with the default limits. In every second
stretch an abusive client sends at full speed beside them, and comes back at once when it is closed.
Ends with 1 where the honest ones' p99 is over twice that of the quiet stretches.

  --honest N     honest clients (50)
  --seconds S    how long a stretch is (4)
  --reps N       stretches of each kind (4)
  --abuser KIND  same: comes back as itself; new: as somebody else each time (same)
  --json         one line for machines
  --help`;

const { values } = parseArgs({
  options: {
    honest: { type: "string", default: "50" },
    seconds: { type: "string", default: "4" },
    reps: { type: "string", default: "4" },
    abuser: { type: "string", default: "same" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

/** Each honest client sends once in so many ms. */
const EVERY = 250;

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  process.loadEnvFile(join(import.meta.dirname, "../../wrangler.env"));
  const server = await WorkerProcess.start({ config: join(import.meta.dirname, "wrangler.jsonc") });
  try {
    const url = new URL("/rooms/default/abused", server.url);
    const faults: string[] = [];
    const trips = { quiet: [] as number[], abused: [] as number[] };
    let now: keyof typeof trips | undefined;
    const honest = await Promise.all(
      Array.from({ length: Number(values.honest) }, () =>
        Peer.join(url, (why) => faults.push(why)),
      ),
    );
    const timers = honest.map((peer, index) =>
      talk(peer, index, (ms) => now && trips[now].push(ms)),
    );
    const abuse = { sent: 0, dials: 0 };
    await sleep(2_000);
    for (let rep = 0; rep < Number(values.reps); rep++) {
      now = "quiet";
      await sleep(Number(values.seconds) * 1_000);
      now = undefined;
      const abuser = fork(join(import.meta.dirname, "abuser.ts"), [
        url.href.replace("http", "ws"),
        values.abuser,
      ]);
      // In life it has a machine of its own: it must not take the processor from those it is held against.
      if (abuser.pid !== undefined) setPriority(abuser.pid, constants.priority.PRIORITY_LOW);
      await sleep(1_000); // it is at full speed
      now = "abused";
      await sleep(Number(values.seconds) * 1_000);
      now = undefined;
      abuser.send("stop");
      const [{ sent, dials }] = (await once(abuser, "message")) as [typeof abuse];
      abuse.sent += sent;
      abuse.dials += dials;
      await sleep(1_000);
      console.error(`repetition ${rep + 1} of ${values.reps}`);
    }
    timers.forEach(clearInterval);
    honest.forEach((peer) => peer.leave());
    const [quiet, abused] = [quantiles(trips.quiet), quantiles(trips.abused)];
    const ratio = Number((abused.p99 / quiet.p99).toFixed(2));
    const report = {
      honest: honest.length,
      abuser: values.abuser,
      quiet,
      abused,
      p99Ratio: ratio,
      abuse,
      faults: faults.length,
    };
    console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
    for (const fault of new Set(faults)) console.error(fault);
    if (ratio > 2 || faults.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

/** Sends again and again, one message in flight, and tells how long each took. */
function talk(
  peer: Peer,
  index: number,
  tell: (ms: number) => void,
): ReturnType<typeof setInterval> {
  let sentAt = 0;
  peer.onTaken = () => {
    if (sentAt > 0) tell(performance.now() - sentAt);
    sentAt = 0;
  };
  return setInterval(
    () => {
      if (sentAt > 0) return; // still on its way: it counts with all its time
      sentAt = performance.now();
      peer.say(`honest ${index}`);
    },
    EVERY + (index % 10),
  );
}

function quantiles(all: readonly number[]): { messages: number; p50: number; p99: number } {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  return { messages: all.length, p50: at(0.5), p99: at(0.99) };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
