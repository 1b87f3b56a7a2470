// A soak: rooms that live one life after the other, for as long as it is asked for, while faults
// come by a plan and workerd is killed; its memory and that of the clients is measured meanwhile.
import { join } from "node:path";

import {
  type FaultCounts,
  FaultInjector,
  FaultProxy,
  planFaults,
  seeded,
  sumVerdicts,
  WorkerProcess,
  type WitnessClient,
} from "@greenroom/testing";

import { hasEnded } from "../server.ts";
import { heldBy } from "./heap.ts";
import { type Life, live, sleep } from "./life.ts";
import { heap, resident, type Sample } from "./memory.ts";
import { BRIEF, FULL, type Pace, TIDES } from "./pace.ts";
import { type Killed, type Report, reportOf } from "./report.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly clients: number;
  readonly rooms: number;
  readonly seed: number;
  readonly kills: number;
  /** Who is to keep what it should forget, so that it can be seen that a leak is found. */
  readonly leak: Leak | undefined;
  readonly progress: (line: string) => void;
}

/** Rooms that keep every message, or a page that keeps every client. */
export type Leak = "rooms" | "clients";

/** Runs shorter than this are brief: rooms live for seconds, and memory is too restless to tell anything. */
const BRIEF_UNDER = 1;
/** Runs shorter than this go in tides: a room that lives for a minute needs longer to tell what it leaves. */
const TIDES_UNDER = 5;

/** Whether a run of so many minutes goes in tides. */
export function isInTides(minutes: number): boolean {
  return minutes >= BRIEF_UNDER && minutes < TIDES_UNDER;
}

export async function soak(options: SoakOptions): Promise<Report> {
  const { minutes, seed, progress } = options;
  const pace = isInTides(minutes) ? TIDES : minutes < BRIEF_UNDER ? BRIEF : FULL;
  const length = minutes * 60_000;
  const config = join(import.meta.dirname, "wrangler.jsonc");
  const server = await WorkerProcess.start({ config, inspect: true });
  const proxy = await FaultProxy.start(server.host);
  let began = performance.now();
  const elapsed = (): number => performance.now() - began;
  const lives: Life[] = [];
  const samples: Sample[] = [];
  const alive = new Set<WitnessClient>();
  const arrived = new Set<number>();
  const killed: Killed = { kills: 0, wakes: 0 };
  /** With `--leak clients` nobody is forgotten. */
  const leaked: WitnessClient[] = [];
  const leak = async (): Promise<void> => {
    if (options.leak === "rooms") await fetch(`${server.url}/leak`);
  };
  const run: { isOver: boolean; failure: unknown } = { isOver: false, failure: undefined };

  // One slot for each room: its lives come one after the other, and some under the name of the last.
  const slot = (index: number): (() => Promise<void>) => {
    const chance = seeded(seed * 1_000 + index);
    const people =
      Math.floor(((index + 1) * options.clients) / options.rooms) -
      Math.floor((index * options.clients) / options.rooms);
    let number = 0;
    let name = "";
    return async () => {
      if (number === 0 || chance.next() < 0.7) name = `soak-${seed}-${index}-${number}`;
      number += 1;
      const own: WitnessClient[] = [];
      const life = await live({
        name,
        host: proxy.host,
        url: server.url,
        pace,
        chance,
        people,
        isOver: () => run.isOver,
        arrived: () => arrived.add(index),
        came: (client) => {
          own.push(client);
          alive.add(client);
          if (options.leak === "clients") leaked.push(client);
        },
      });
      for (const client of own) alive.delete(client);
      lives.push(life);
    };
  };

  const injector = new FaultInjector({
    // Its times are counted in milliseconds here.
    plan: planFaults(seed, length, faultsOf(pace, minutes)),
    proxy,
    kill: async () => undefined,
  });
  const kills = killTimes(options.kills, length);
  const look = async (atRest = false): Promise<void> => {
    const sample: Sample = {
      at: round(elapsed() / 1_000),
      start: killed.kills,
      workerd: round(resident(server.pid)),
      rooms: await held(server),
      clients: Math.round(heap() * 1_000) / 1_000,
      connected: [...alive].filter(({ status }) => status.state === "connected").length,
      taken: lives.reduce((sum, { verdict }) => sum + verdict.taken, 0),
      lives: lives.length,
      ...(atRest && { atRest }),
    };
    samples.push(sample);
    progress(
      `${Math.round(sample.at)} s: workerd ${sample.workerd} MB, rooms ${sample.rooms.toFixed(1)} MB, clients ${sample.clients.toFixed(1)} MB, ${sample.connected} connected, ${lives.length} lives, ${killed.kills} kills`,
    );
  };

  await leak();
  const slots = Array.from({ length: options.rooms }, (_, index) => slot(index));
  const living = (async () => {
    if (pace.rest === null) {
      await Promise.all(
        slots.map(async (live) => {
          while (!run.isOver) await live();
        }),
      );
      return;
    }
    while (!run.isOver) {
      await Promise.all(slots.map((live) => live()));
      await sleep(pace.rest);
      await look(true);
    }
  })().catch((fault: unknown) => {
    run.failure = fault;
  });
  try {
    // Nothing goes wrong before everybody has been there.
    while (arrived.size < options.rooms && run.failure === undefined) await sleep(50);
    began = performance.now();
    let next = 0;
    while (elapsed() < length && run.failure === undefined) {
      if (hasEnded(server)) throw new Error("workerd has ended, and was not killed");
      injector.advance(elapsed());
      if (kills[0] !== undefined && elapsed() >= kills[0]) {
        kills.shift();
        killed.wakes += await wakesOf(server.url);
        await server.kill();
        killed.kills += 1;
        await leak();
      }
      if (elapsed() >= next && pace.rest === null) {
        next += pace.sample;
        await look();
      }
      await sleep(50);
    }
    run.isOver = true;
    injector.stop();
    const last = setInterval(() => {
      if (pace.rest === null) void look();
    }, pace.sample);
    await living;
    clearInterval(last);
    if (run.failure !== undefined) throw run.failure;
    killed.wakes += await wakesOf(server.url);
    return reportOf(
      { ...options, pace, seconds: Math.round(elapsed() / 1_000) },
      lives,
      samples,
      { ...injector.counts, ...killed },
      sumVerdicts(lives.map(({ verdict }) => verdict)),
    );
  } finally {
    run.isOver = true;
    injector.stop();
    await proxy.stop();
    await server.stop();
  }
}

/** In the first and the last fifth of a run, so that memory can be watched in between. */
function killTimes(kills: number, length: number): number[] {
  const early = Math.ceil(kills / 2);
  return Array.from({ length: kills }, (_, index) =>
    index < early
      ? (length / 5) * ((index + 1) / (early + 1))
      : length * 0.8 + (length / 5) * ((index - early + 0.5) / (kills - early)),
  );
}

function faultsOf({ faults }: Pace, minutes: number): FaultCounts {
  const times = (each: number): number => Math.ceil(each * minutes);
  return {
    kills: 0, // at times of their own
    cuts: times(faults.cuts),
    stalls: times(faults.stalls),
    delays: times(faults.delays),
    halfOpens: times(faults.halfOpens),
    refusals: times(faults.refusals),
    blackouts: times(faults.blackouts),
    lateHandshakes: times(faults.lateHandshakes),
  };
}

/** What the rooms hold, in MB; NaN while it cannot be asked. */
async function held(server: WorkerProcess): Promise<number> {
  try {
    const mb = await heldBy(await server.inspector(), `${server.url}/wakes`);
    return Math.round(mb * 1_000) / 1_000;
  } catch {
    return Number.NaN; // a machine that is too busy: the next sample counts
  }
}

/** How often rooms have started since the process has. */
async function wakesOf(url: string): Promise<number> {
  const response = await fetch(`${url}/wakes`);
  return response.json<number>();
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
