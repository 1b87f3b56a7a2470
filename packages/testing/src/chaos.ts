/** `chaos`: many clients, a room, and everything that can go wrong between them; then the verdict. */
import type { Contract, ContractShape, ResumeKind } from "@greenroom/client";

import {
  type ChaosOptions,
  type ChaosReport,
  type ChaosSettings,
  chaosSettings,
} from "./chaos-options.ts";
import { FaultInjector } from "./fault-injector.ts";
import { planFaults } from "./fault-plan.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { quantile } from "./quantile.ts";
import { judge, sumVerdicts, type Verdict } from "./verdict.ts";
import { witness, type WitnessClient } from "./witness-client.ts";

/** Smaller than the defaults of `connect`, so that a dead connection does not cost most of a run. */
const IMPATIENT = Object.freeze({ dialTimeout: 2_000, silence: 2_000 });
/** How long the clients may take to get in before anything goes wrong, in ms. */
const ARRIVAL = 30_000;
/** How often it is looked whether something has come about, in ms. */
const LOOK_AGAIN = 20;

/**
 * Runs clients against rooms while connections break and the server dies, and judges whether every
 * message that was taken was carried out once, and given to everybody once, in the same order.
 *
 * @example
 * ```ts
 * import { contract } from "@greenroom/client";
 * import { chaos, WorkerProcess } from "@greenroom/testing";
 * import * as v from "valibot";
 * const chat = contract({
 *   name: "chat",
 *   messages: { say: v.object({ text: v.string() }) },
 *   events: { said: v.object({ from: v.string(), text: v.string() }) },
 * });
 * const server = await WorkerProcess.start({ config: "wrangler.jsonc" });
 * const report = await chaos(chat, {
 *   server,
 *   send: (room, key) => room.send("say", { text: key }),
 *   keys: { said: ({ text }) => text },
 * });
 * await server.stop();
 * ```
 * @throws RangeError where a number of the options cannot be.
 */
export async function chaos<Shape extends ContractShape>(
  contract: Contract<Shape>,
  options: ChaosOptions<Shape>,
): Promise<ChaosReport> {
  const settings = chaosSettings(options);
  const { seed, messages, faults, timeout, inFlight, rate } = settings;
  const { server, send, keys, carriedOut, onProgress } = options;
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;

  const proxy = await FaultProxy.start(server.host);
  const rooms = roomNames(settings);
  const clients = rooms.map((room) => {
    const connect = { ...IMPATIENT, ...options.connect, host: proxy.host, room };
    return witness({ contract, connect, send, keys });
  });
  const injector = new FaultInjector({
    plan: planFaults(seed, messages, faults),
    proxy,
    kill: async () => {
      for (const client of clients) client.down();
      await server.kill?.();
    },
  });
  let answered = 0;
  const progress = setInterval(() => {
    onProgress?.(progressLine(seconds(), answered, messages, injector, clients));
  }, 1_000);
  try {
    await arrival(clients);
    clients.forEach((client, index) => {
      const share = Math.floor(((index + 1) * messages) / clients.length);
      const before = Math.floor((index * messages) / clients.length);
      client.sendAll({
        prefix: `${index}.`,
        count: share - before,
        every: (1_000 * clients.length) / rate,
        inFlight,
        answered: () => injector.advance(++answered),
      });
    });
    const deadline = began + timeout;
    await until(() => injector.failure !== undefined || answered === messages, deadline);
    await until(() => injector.failure !== undefined || injector.isDone, deadline);
    if (injector.failure !== undefined) throw injector.failure;
    await until(() => isLevel(rooms, clients), deadline);
    const verdicts = [...new Set(rooms)].map(async (room): Promise<Verdict> => {
      const own = clients.filter((_, index) => rooms[index] === room);
      return judge({ clients: own, carriedOut: await carriedOut?.(room) });
    });
    const verdict = sumVerdicts(await Promise.all(verdicts));
    return report(verdict, injector, clients, { seed, seconds: seconds() });
  } finally {
    clearInterval(progress);
    injector.stop();
    for (const client of clients) client.close();
    await proxy.stop();
  }
}

/** The room of each client, with names of their own: a server may know the rooms of an earlier run. */
function roomNames({ seed, clients, rooms }: ChaosSettings): string[] {
  const life = Math.random().toString(36).slice(2, 8);
  return Array.from({ length: clients }, (_, index) => `chaos-${seed}-${life}-${index % rooms}`);
}

async function arrival(clients: readonly WitnessClient[]): Promise<void> {
  const isOutside = ({ status }: WitnessClient): boolean => status.state !== "connected";
  await until(() => !clients.some(isOutside), performance.now() + ARRIVAL);
  const outside = clients.find(isOutside);
  if (!outside) return;
  const status = JSON.stringify(outside.status);
  throw new Error(`The clients did not get in within ${ARRIVAL} ms: ${status}.`);
}

/** Whether all clients of a room have come equally far, and are there. */
function isLevel(rooms: readonly string[], clients: readonly WitnessClient[]): boolean {
  const heads = new Map<string, number>();
  clients.forEach(({ seq }, index) => {
    const room = rooms[index] as string; // SAFETY: there is one for each client
    heads.set(room, Math.max(heads.get(room) ?? 0, seq));
  });
  return clients.every(
    ({ seq, status }, index) =>
      status.state === "connected" && seq === heads.get(rooms[index] as string), // SAFETY: as above
  );
}

function report(
  { faults, ...judged }: Verdict,
  { counts }: FaultInjector,
  clients: readonly WitnessClient[],
  run: { readonly seed: number; readonly seconds: number },
): ChaosReport {
  const resumes = (kind: ResumeKind): number => {
    let sum = 0;
    for (const client of clients) sum += client.resumes[kind];
    return sum;
  };
  const recoveries = clients.flatMap((client) => client.recoveries);
  return {
    ...judged,
    ...counts,
    resumed: resumes("resumed"),
    snapshots: resumes("snapshot"),
    resets: resumes("reset"),
    p50RecoveryMs: Math.round(quantile(recoveries, 0.5)),
    p99RecoveryMs: Math.round(quantile(recoveries, 0.99)),
    ...run,
    faults: [...clients.flatMap(whyAway), ...faults],
  };
}

/** Where a client is that is not in, in words. */
function whyAway({ status }: WitnessClient, index: number): string[] {
  if (status.state === "connected") return [];
  const why = status.state === "closed" ? `: ${status.reason} (${status.code})` : "";
  return [`client ${index} is ${status.state}${why}`];
}

function progressLine(
  seconds: number,
  answered: number,
  messages: number,
  { counts: { kills, cuts } }: FaultInjector,
  clients: readonly WitnessClient[],
): string {
  const here = clients.filter(({ status }) => status.state === "connected").length;
  const faults = `${kills} kills, ${cuts} cuts`;
  return `${seconds.toFixed(0)} s: ${answered} of ${messages} answered, ${faults}, ${here} of ${clients.length} connected`;
}

/** Waits until something has come about, or until the deadline. */
async function until(isSo: () => boolean, deadline: number): Promise<void> {
  while (!isSo() && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}
