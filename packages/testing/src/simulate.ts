/** `simulate`: many clients of one test room, what goes wrong between them, and the verdict; all by a seed. */
import type { ConnectOptions, Contract, ContractShape, RoomClient } from "@greenroom/client";

import type { KeyReaders } from "./chaos-options.ts";
import type { Network } from "./network.ts";
import { type Chance, seeded } from "./seeded.ts";
import { time } from "./time.ts";
import { judge, type Verdict } from "./verdict.ts";
import { witness, type WitnessClient } from "./witness-client.ts";

/** How often each kind of fault happens in a run. */
export interface SimulatedFaults {
  /** A connection is lost, at once or with the next frame, in either direction. */
  readonly cuts: number;
  /** A connection delivers nothing for a while, and then everything. */
  readonly stalls: number;
  /** A connection is gone at one end, and the other is not told. */
  readonly halfOpens: number;
  /** A client's network is down for a while. */
  readonly outages: number;
  /** A handshake arrives when its client has dialed again. */
  readonly lateHandshakes: number;
  /** A frame arrives twice. */
  readonly duplicates: number;
  /** A frame of the room arrives behind the next one. */
  readonly reorders: number;
  /** The room is taken out of memory, its sockets are kept. */
  readonly evictions: number;
  /** The room is taken out of memory, its sockets are closed. */
  readonly moves: number;
  /** The room dies. */
  readonly crashes: number;
}

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
  /** How often a client was let in, after the first time. */
  readonly returns: number;
}

/** The part of a test room that a simulation needs. */
export interface SimulatedRoom {
  network(): Network;
  clientOptions(network: Network, kind?: string): ConnectOptions;
  evict(options?: { readonly sockets?: "keep" | "close" }): Promise<void>;
  crash(): Promise<void>;
  settle(): Promise<void>;
}

const DEFAULTS: SimulatedFaults = Object.freeze({
  cuts: 3,
  stalls: 3,
  halfOpens: 3,
  outages: 3,
  lateHandshakes: 3,
  duplicates: 3,
  reorders: 3,
  evictions: 3,
  moves: 3,
  crashes: 1,
});

/** So many seconds of virtual time may pass until everybody is back. */
const RECOVERY = 120;

/**
 * Lets clients send while connections break and the room sleeps, moves and dies; judges whether
 * every message was carried out once, and given to everybody once, in the same order. Time is
 * virtual, so that a run takes less than a second.
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
  const { send, keys, carriedOut, clients: count = 4, messages = 100, seed = 1 } = options;
  const unknown = Object.keys(options.faults ?? {}).find((kind) => !(kind in DEFAULTS));
  if (unknown !== undefined) {
    const kinds = Object.keys(DEFAULTS).join(", ");
    throw new RangeError(`There is no fault "${unknown}"; there are ${kinds}.`);
  }
  const chance = seeded(seed);
  time.freeze();
  const clients = Array.from({ length: count }, () => {
    const network = room.network();
    const connect: ConnectOptions = {
      ...room.clientOptions(network, contract.shape.name),
      silence: 5_000,
      dialTimeout: 2_000,
      ...options.connect,
    };
    return { network, client: witness({ contract, connect, send, keys }) };
  });
  const faults = planned(chance, messages, { ...DEFAULTS, ...options.faults });
  const later: Later[] = [];
  try {
    await recovery(clients);
    for (let index = 0; index < messages; index++) {
      const { client } = chance.one(clients);
      void client.sendOne(`${seed}.${index}`);
      for (const kind of faults.get(index) ?? []) {
        await FAULTS[kind]({ room, chance, network: chance.one(clients).network, later, index });
      }
      for (const due of later.filter(({ after }) => after <= index)) {
        later.splice(later.indexOf(due), 1);
        due.run();
      }
      if (chance.next() < 0.3) await room.settle();
      if (chance.next() < 0.2) await time.advance(chance.whole(0, 2_000));
    }
    for (const { network } of clients) network.heal();
    await recovery(clients);
    const histories = clients.map(({ client }) => client);
    const verdict = judge({ clients: histories, carriedOut: await carriedOut?.() });
    return { ...verdict, seed, returns: returnsOf(histories) };
  } finally {
    for (const { client } of clients) client.close();
  }
}

interface Simulated {
  readonly network: Network;
  readonly client: WitnessClient;
}

/** What ends a fault, when so many messages were sent. */
interface Later {
  readonly after: number;
  readonly run: () => void;
}

interface Surroundings {
  readonly room: SimulatedRoom;
  readonly chance: Chance;
  readonly network: Network;
  readonly later: Later[];
  readonly index: number;
}

const FAULTS: {
  readonly [Kind in keyof SimulatedFaults]: (around: Surroundings) => void | Promise<void>;
} = {
  cuts: ({ network, chance }) => {
    if (chance.next() < 0.3) return network.cut();
    const to = chance.one(["room", "client"] as const);
    return network.plan(chance.one(["cut", "cut-after"] as const), { to });
  },
  stalls: (around) => {
    around.network.stall();
    soon(around, () => around.network.flow());
  },
  halfOpens: ({ network, chance }) => network.halfOpen(chance.one(["room", "client"] as const)),
  outages: (around) => {
    around.network.down();
    soon(around, () => around.network.up());
  },
  lateHandshakes: async (around) => {
    around.network.stallNext();
    around.network.cut();
    await time.advance(3_000); // the client gives up, and dials again
    soon(around, () => around.network.flow());
  },
  duplicates: ({ network, chance }) =>
    network.plan("duplicate", { to: chance.one(["room", "client"] as const) }),
  // The welcome is the first frame: what overtakes it belongs to no connection.
  reorders: ({ network }) => network.plan("reorder", { to: "client", after: 1 }),
  evictions: ({ room }) => room.evict(),
  moves: ({ room }) => room.evict({ sockets: "close" }),
  crashes: ({ room }) => room.crash(),
};

function soon({ chance, later, index }: Surroundings, run: () => void): void {
  later.push({ after: index + chance.whole(1, 20), run });
}

/** Spreads the faults over the messages. */
function planned(
  chance: Chance,
  messages: number,
  counts: SimulatedFaults,
): ReadonlyMap<number, readonly (keyof SimulatedFaults)[]> {
  const plan = new Map<number, (keyof SimulatedFaults)[]>();
  // SAFETY: the table's own keys.
  for (const kind of Object.keys(FAULTS) as (keyof SimulatedFaults)[]) {
    for (let times = 0; times < counts[kind]; times++) {
      const index = chance.whole(0, messages - 1);
      plan.set(index, [...(plan.get(index) ?? []), kind]);
    }
  }
  return plan;
}

/** Lets time pass until everybody is there, has its answers, and has come equally far. */
async function recovery(clients: readonly Simulated[]): Promise<void> {
  for (let seconds = 0; seconds < RECOVERY; seconds++) {
    await time.advance(0);
    const head = Math.max(...clients.map(({ client }) => client.seq));
    const isBack = clients.every(
      ({ client: { status, seq, sent } }) =>
        status.state === "connected" &&
        seq === head &&
        sent.every(({ outcome }) => outcome !== undefined),
    );
    if (isBack) return;
    await new Promise((resolve) => setTimeout(resolve, 1)); // for what is under way in the room
    await time.advance(1_000);
  }
}

function returnsOf(clients: readonly WitnessClient[]): number {
  let returns = 0;
  for (const { resumes } of clients) {
    for (const count of Object.values(resumes)) returns += count;
  }
  return returns - clients.length;
}
