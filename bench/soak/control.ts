// The control: how much workerd keeps of an object that has come and gone. The same short life, of a
// room and of an object that is written by hand, one batch after the other.
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";

import { sleep } from "./life.ts";
import { resident } from "./memory.ts";

export interface ControlPoint {
  readonly target: "by hand" | "room";
  /** How many have come and gone. */
  readonly lives: number;
  /** Resident memory of workerd, in MB, when it has taken them out. */
  readonly workerd: number;
}

const AT_ONCE = 100;
const BATCH = 3 * AT_ONCE;
const MESSAGES = 5;
/** workerd takes an object out of memory 10 s after its last event. */
const ASLEEP = 13_000;
const GIVEN_UP = 20_000;

/** Lets so many batches of each come and go, in a workerd of its own. */
export async function control(
  batches: number,
  progress: (line: string) => void,
): Promise<ControlPoint[]> {
  const points: ControlPoint[] = [];
  for (const target of ["by hand", "room"] as const) {
    const server = await WorkerProcess.start({
      config: join(import.meta.dirname, "wrangler.jsonc"),
    });
    try {
      for (let lives = BATCH; lives <= batches * BATCH; lives += BATCH) {
        for (let from = lives - BATCH; from < lives; from += AT_ONCE) {
          const names = Array.from({ length: AT_ONCE }, (_, index) => `control-${from + index}`);
          await Promise.all(names.map((name) => live(server.host, target, name)));
        }
        await sleep(ASLEEP);
        const point = { target, lives, workerd: Math.round(resident(server.pid) * 10) / 10 };
        points.push(point);
        progress(`${target}: ${lives} lives, workerd ${point.workerd} MB`);
      }
    } finally {
      await server.stop();
    }
  }
  return points;
}

/** KB that workerd has kept of each life, between two points behind the warm-up. */
export function keptOf(points: readonly ControlPoint[], target: ControlPoint["target"]): number {
  const own = points.filter((point) => point.target === target);
  const from = own[Math.floor(own.length / 4)];
  const to = own.at(-1);
  if (!from || !to || from === to) return Number.NaN;
  return Math.round(((to.workerd - from.workerd) * 1_024 * 10) / (to.lives - from.lives)) / 10;
}

/** A client comes, says something, and stays until the end. */
async function live(host: string, target: ControlPoint["target"], name: string): Promise<void> {
  const path = target === "room" ? `rooms/brief/${name}` : `by-hand/${name}`;
  const socket = new WebSocket(`ws://${host}/${path}`, target === "room" ? ["greenroom.1"] : []);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  const ended = new Promise((resolve) => socket.addEventListener("close", resolve));
  for (let n = 1; n <= MESSAGES; n++) {
    socket.send(JSON.stringify(["m", n, "put", { key: `${name}.${n}` }]));
    await sleep(20);
  }
  await Promise.race([ended, sleep(GIVEN_UP)]);
}
