/** `simulate`: many clients of one test room, what goes wrong between them, and the verdict; all by a seed. */
import {
  type ConnectOptions,
  type Contract,
  type ContractShape,
  type RoomClient,
  RoomError,
} from "@greenroom/client";

import type { KeyReaders } from "./chaos-options.ts";
import type { Network } from "./network.ts";
import { platformClock } from "./platform-clock.ts";
import { type Chance, seeded } from "./seeded.ts";
import {
  faultCounts,
  type FaultKind,
  type FaultyRoom,
  happen,
  type Later,
  plannedFaults,
  type SimulatedFaults,
} from "./simulated-faults.ts";
import { time } from "./time.ts";
import { judge, type Verdict } from "./verdict.ts";
import { patienceOfTest } from "./waits.ts";
import { witness, type WitnessClient } from "./witness-client.ts";

/** Options of `simulate`. */
export interface SimulateOptions<Shape extends ContractShape> {
  /** Sends one message that carries `key`, a short text that no other message carries. */
  readonly send: (client: RoomClient<Shape>, key: string) => Promise<unknown>;
  /** Reads that key out of the events; events without a reader count for their order alone. */
  readonly keys: KeyReaders<Shape>;
  /** The keys that the room's own storage says were carried out, in order. @default not asked */
  readonly carriedOut?: () => Promise<readonly string[]>;
  /** @default 4 */
  readonly clients?: number;
  /** Of all clients together. @default 100 */
  readonly messages?: number;
  /** Decides who sends when, every fault and its time. @default 1 */
  readonly seed?: number;
  /** @default three of each, and one crash */
  readonly faults?: Partial<SimulatedFaults>;
  /** What the clients pass to `connect`, besides the address. */
  readonly connect?: Partial<ConnectOptions>;
}

/** What came of a simulation. */
export interface Simulation extends Verdict {
  readonly seed: number;
  /** What went wrong, in order, and when: the same whenever the seed is run again. */
  readonly steps: readonly string[];
  /** How often a client was let in, after the first time. */
  readonly returns: number;
}

/** The part of a test room that a simulation needs. */
export interface SimulatedRoom extends FaultyRoom {
  network(): Network;
  clientOptions(network: Network, kind?: string): ConnectOptions;
  quiet(): Promise<void>;
}

/** How many messages are sent at once, each as often as it is here. */
const TOGETHER = [1, 1, 1, 2, 3] as const;
/** Nothing may depend on how fast the machine is. */
const QUIETLY = { quietly: true };
/** So many seconds of virtual time may pass until everybody is back. */
const RECOVERY = 120;

/**
 * Lets clients send while connections break and the room sleeps, moves and dies; judges whether
 * every message was carried out once, and given to everybody once, in the same order. Time is
 * virtual, so that a run takes a second or two. Everything comes from the seed, and nothing from the
 * clock: a seed that fails is run again, and fails in the same way.
 *
 * @example
 * ```ts
 * import { env } from "cloudflare:workers";
 * import { simulate, testRoom } from "@greenroom/testing/workers";
 * import { chat } from "./contract.ts";
 * const room = await testRoom(env.ChatRoom);
 * const verdict = await simulate(room, chat, {
 *   seed: 7,
 *   send: (client, key) => client.send("say", { text: key }),
 *   keys: { said: ({ text }) => text },
 * });
 * // verdict.lost, verdict.duplicated and verdict.reordered are 0
 * ```
 */
export async function simulate<Shape extends ContractShape>(
  room: SimulatedRoom,
  contract: Contract<Shape>,
  options: SimulateOptions<Shape>,
): Promise<Simulation> {
  const { clients: count = 4, messages = 100, seed = 1 } = options;
  whole("clients", count, 1);
  whole("messages", messages, 1);
  whole("seed", seed, 0);
  const counts = faultCounts(options.faults);
  const chance = seeded(seed);
  const steps: string[] = [];
  time.freeze();
  const { send, keys } = options;
  const mistakes: unknown[] = [];
  const sending = async (client: RoomClient<Shape>, key: string): Promise<unknown> => {
    try {
      return await send(client, key);
    } catch (fault) {
      // What no room says is a mistake in `send`: with it, nothing that follows shows anything.
      if (!(fault instanceof RoomError)) mistakes.push(fault);
      throw fault;
    }
  };
  const clients = Array.from({ length: count }, () => {
    const network = room.network();
    network.isPatient = true;
    const connect: ConnectOptions = {
      ...room.clientOptions(network, contract.shape.name),
      silence: 5_000,
      dialTimeout: 2_000,
      clock: time.exactClock,
      ...options.connect,
    };
    return { network, client: witness({ contract, connect, send: sending, keys }) };
  });
  try {
    await recovery(clients);
    mustBeNew(clients.map(({ client }) => client));
    const faults = plannedFaults(chance, messages, counts);
    await disturb({ room, clients, chance, messages, seed, faults, steps });
    for (const { network } of clients) network.heal();
    await recovery(clients);
    const histories = clients.map(({ client }) => client);
    if (mistakes.length > 0) throw mistakes[0];
    mustShow(histories);
    const verdict = judge({ clients: histories, carriedOut: await options.carriedOut?.() });
    return { ...verdict, seed, steps, returns: returnsOf(histories) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The simulation of seed ${seed} broke off: ${why}\n${steps.join("\n")}`, {
      cause,
    });
  } finally {
    for (const { client } of clients) client.close();
  }
}

interface Run {
  readonly room: SimulatedRoom;
  readonly clients: readonly Simulated[];
  readonly chance: Chance;
  readonly messages: number;
  readonly seed: number;
  readonly faults: ReadonlyMap<number, readonly FaultKind[]>;
  /** What has happened, in words. */
  readonly steps: string[];
}

/**
 * Sends all messages, and lets the faults happen in between. Each step begins when nothing is under
 * way, and what happens in it happens at once, so that a seed comes to the same on a slow machine.
 */
async function disturb(run: Run): Promise<void> {
  const { room, clients, chance, messages, seed, faults, steps } = run;
  const later: Later[] = [];
  const began = Date.now();
  const mayGoOn = withinTest();
  for (let sent = 0; sent < messages;) {
    mayGoOn(`${sent} of ${messages} messages were sent`);
    const first = sent;
    sent = Math.min(messages, sent + chance.one(TOGETHER));
    const note = (text: string): void => {
      steps.push(`${Date.now() - began} ms, after message ${sent}: ${text}`);
    };
    for (let index = first; index < sent; index++) {
      void chance.one(clients).client.sendOne(`${seed}.${index}`);
    }
    for (let index = first; index < sent; index++) {
      for (const kind of faults.get(index) ?? []) {
        const client = chance.whole(0, clients.length - 1);
        const { network } = clients[client] as Simulated; // SAFETY: the index is within
        note(await happen(kind, { room, chance, network, client, later, index }));
      }
    }
    for (const due of later.filter(({ after }) => after < sent)) {
      later.splice(later.indexOf(due), 1);
      note(due.told);
      due.run();
    }
    await time.advance(chance.whole(0, chance.next() < 0.2 ? 2_000 : 100), QUIETLY);
  }
}

interface Simulated {
  readonly network: Network;
  readonly client: WitnessClient;
}

/** Lets time pass until everybody is there, has its answers, and has come equally far. */
async function recovery(clients: readonly Simulated[]): Promise<void> {
  for (let seconds = 0; seconds < RECOVERY; seconds++) {
    await time.advance(0, QUIETLY);
    const head = Math.max(...clients.map(({ client }) => client.seq));
    const isBack = clients.every(
      ({ client: { status, seq, sent } }) =>
        status.state === "connected" &&
        seq === head &&
        sent.every(({ outcome }) => outcome !== undefined),
    );
    if (isBack) return;
    await time.advance(1_000, QUIETLY);
  }
}

/** Throws, in words of how far it has come, where a run takes longer than its test may. */
function withinTest(): (come: string) => void {
  const patience = patienceOfTest();
  const began = platformClock.real();
  return (come) => {
    if (platformClock.real() - began <= patience) return;
    throw new Error(`after ${patience} ms of the real clock ${come}: give the test more time`);
  };
}

/** What the room tells of messages that others have sent would be taken for doubles. */
function mustBeNew(clients: readonly WitnessClient[]): void {
  for (const { heard } of clients) {
    for (const item of heard) {
      if (!("key" in item) || item.key === undefined) continue;
      throw new Error(
        `the room has told of "${item.key}" before anything was sent: each simulation takes a new room`,
      );
    }
  }
}

/** A run in which nothing was taken, or no key was read, would pass whatever the room does. */
function mustShow(clients: readonly WitnessClient[]): void {
  const outcomes = clients.flatMap(({ sent }) => sent.map(({ outcome }) => outcome ?? "no answer"));
  if (!outcomes.includes("taken")) {
    const said = [...new Set(outcomes)].join(", ");
    const { status } = clients[0] as WitnessClient; // SAFETY: there is at least one
    const closed = status.state === "closed" ? `; client 0 was closed: ${status.reason}` : "";
    throw new Error(`of ${outcomes.length} messages none was taken (${said}${closed})`);
  }
  clients.forEach(({ status }, index) => {
    // Whoever is not there to the end is judged by an end that it was not told of.
    if (status.state !== "closed") return;
    throw new Error(`client ${index} was closed for good: ${status.reason} (${status.code})`);
  });
  const entries = clients.flatMap(({ heard }) => heard.filter((item) => "key" in item));
  if (entries.length > 0 && entries.every(({ key }) => key === undefined)) {
    throw new Error(
      `\`keys\` has read no key out of ${entries.length} entries that came: it takes a reader for the event that tells of a message`,
    );
  }
}

function whole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${name} is ${value}; it takes a whole number from ${least}.`);
}

function returnsOf(clients: readonly WitnessClient[]): number {
  let returns = 0;
  for (const { resumes } of clients) {
    for (const count of Object.values(resumes)) returns += count;
  }
  return returns - clients.length;
}
