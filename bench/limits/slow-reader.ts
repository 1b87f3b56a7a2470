// `npm run -s slow-reader`: one client that stops reading beside others that read, while much is
// published; the memory of workerd meanwhile, and whether anybody missed anything.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";

import { commandLine, failed, numberIn } from "../command-line.ts";
import { Peer } from "./peer.ts";

const HELP = `npm run -s slow-reader -- [options]

Publishes 200 MB to a room in real workerd with 20 clients that read and one that does not. Then the one
reads again. Ends with 1 where a reader missed an entry, the slow one did not get all of them in order, it was
closed or welcomed anew, or workerd's memory grew by more than the bound.

  --megabytes N  how much is published (200)
  --readers N    clients that read (20)
  --bound N      by how many MiB the memory may grow (160)
  --none         nobody is slow, to compare
  --json         one line for machines
  --help`;

const { values } = commandLine({
  options: {
    megabytes: { type: "string", default: "200" },
    readers: { type: "string", default: "20" },
    bound: { type: "string", default: "160" },
    none: { type: "boolean" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

/** Bytes of one message's text, just under the limit of a message. */
const SIZE = 60_000;
/** Messages in flight. */
const IN_FLIGHT = 8;
/** Megabytes that come first, so that what workerd needs anyhow is there before it is weighed. */
const WARM_UP = 20;
/** How long everybody may take to get everything, in ms. */
const PATIENCE = 240_000;

if (values.help) console.log(HELP);
else await main().catch(failed);

async function main(): Promise<void> {
  const megabytes = numberIn("megabytes", values.megabytes, { whole: false, above: 0 })!;
  const count = numberIn("readers", values.readers, { least: 1 })!;
  const bound = numberIn("bound", values.bound, { whole: false })!;
  process.loadEnvFile(join(import.meta.dirname, "../../wrangler.env"));
  const server = await WorkerProcess.start({ config: join(import.meta.dirname, "wrangler.jsonc") });
  try {
    const url = new URL("/rooms/long/slow", server.url);
    const faults: string[] = [];
    const readers = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        Peer.join(url, (why) => faults.push(`reader ${index}: ${why}`)),
      ),
    );
    const slow = await Peer.join(url, (why) => faults.push(`the slow one: ${why}`));
    const memory = (): number => residentMiB(server.pid);
    await publish(readers, WARM_UP * 1e6);
    await until(() => [...readers, slow].every(({ seq }) => seq === readers[0]?.seq));
    const before = memory();
    let most = before;
    const weighing = setInterval(() => (most = Math.max(most, memory())), 50);
    if (!values.none) slow.socket.pause();
    const stoppedAt = slow.seq;
    const began = performance.now();
    await publish(readers, megabytes * 1e6);
    const head = readers[0]?.taken ?? 0;
    await until(() => readers.every(({ seq }) => seq === head));
    const published = performance.now() - began;
    const whileSlow = most;
    const stillAt = slow.seq;
    slow.socket.resume();
    await until(() => slow.seq === head);
    const caughtUp = performance.now() - began - published;
    clearInterval(weighing);
    const grown = Math.round(most - before);
    const late = readers.filter(({ seq }) => seq !== head).length;
    if (slow.seq !== head) faults.push(`the slow one has ${slow.seq} of ${head} entries`);
    if (late > 0) faults.push(`${late} readers have not got everything`);
    if (slow.welcomes !== 1) faults.push("the slow one was welcomed anew");
    if (grown > bound) faults.push(`the memory grew by ${grown} MiB`);
    const report = {
      megabytes,
      readers: readers.length,
      slow: values.none ? 0 : 1,
      entries: head,
      missedWhileSlow: head - stillAt,
      stoppedAt,
      memoryBefore: Math.round(before),
      memoryMost: Math.round(most),
      grownWhileSlow: Math.round(whileSlow - before),
      grown,
      bound,
      publishedIn: Number((published / 1_000).toFixed(1)),
      caughtUpIn: Number((caughtUp / 1_000).toFixed(1)),
      faults: faults.length,
    };
    console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
    for (const fault of new Set(faults)) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
    [...readers, slow].forEach((peer) => peer.leave());
  } finally {
    await server.stop();
  }
}

/** The first of the readers publishes so many bytes, some messages in flight. */
async function publish([first]: readonly Peer[], bytes: number): Promise<void> {
  if (!first) return;
  const text = "x".repeat(SIZE);
  let left = Math.ceil(bytes / SIZE);
  let taken = first.taken;
  await new Promise<void>((resolve) => {
    let underWay = 0;
    const more = (): void => {
      for (; left > 0 && underWay < IN_FLIGHT; left--, underWay++) first.say(text);
      if (left === 0 && underWay === 0) resolve();
    };
    first.onTaken = () => {
      underWay -= first.taken - taken;
      taken = first.taken;
      more();
    };
    more();
  });
}

/** What a process has in memory, in MiB. Linux tells it in /proc. */
function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!isSo() && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
