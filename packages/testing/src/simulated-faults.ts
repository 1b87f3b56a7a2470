/** What goes wrong in a simulation, and when: all of it drawn from one chance, none of it from the clock. */
import type { Network } from "./network.ts";
import type { Chance } from "./seeded.ts";
import { time } from "./time.ts";

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

/** A kind of fault. */
export type FaultKind = keyof SimulatedFaults;

/** The part of a test room that a fault needs. */
export interface FaultyRoom {
  evict(options?: { readonly sockets?: "keep" | "close" }): Promise<void>;
  crash(): Promise<void>;
}

/** What ends a fault, when so many messages were sent. */
export interface Later {
  readonly after: number;
  readonly told: string;
  readonly run: () => void;
}

/** What a fault happens to. */
export interface Surroundings {
  readonly room: FaultyRoom;
  readonly chance: Chance;
  /** The network of one client, and its number. */
  readonly network: Network;
  readonly client: number;
  readonly later: Later[];
  /** How many messages were sent before this moment. */
  readonly index: number;
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

/** Fills in the defaults; throws for a kind that nobody knows, which would never happen. */
export function faultCounts(asked: Partial<SimulatedFaults> = {}): SimulatedFaults {
  const unknown = Object.keys(asked).find((kind) => !(kind in DEFAULTS));
  if (unknown !== undefined) {
    const kinds = Object.keys(DEFAULTS).join(", ");
    throw new RangeError(`There is no fault "${unknown}"; there are ${kinds}.`);
  }
  const counts = { ...DEFAULTS, ...asked };
  for (const [kind, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new RangeError(`${kind} is ${count}; it takes a whole number from 0.`);
  }
  return counts;
}

/** Spreads the faults over the messages: which happen when so many were sent. */
export function plannedFaults(
  chance: Chance,
  messages: number,
  counts: SimulatedFaults,
): ReadonlyMap<number, readonly FaultKind[]> {
  const plan = new Map<number, FaultKind[]>();
  // SAFETY: the table's own keys.
  for (const kind of Object.keys(FAULTS) as FaultKind[]) {
    for (let times = 0; times < counts[kind]; times++) {
      const index = chance.whole(0, messages - 1);
      plan.set(index, [...(plan.get(index) ?? []), kind]);
    }
  }
  return plan;
}

/** Lets a fault happen; gives what it was, in words. */
export async function happen(kind: FaultKind, around: Surroundings): Promise<string> {
  return FAULTS[kind](around);
}

const FAULTS: {
  readonly [Kind in FaultKind]: (around: Surroundings) => string | Promise<string>;
} = {
  cuts: ({ network, chance, client }) => {
    if (chance.next() < 0.3) {
      network.cut();
      return `client ${client} is cut off`;
    }
    const to = chance.one(["room", "client"] as const);
    const fault = chance.one(["cut", "cut-after"] as const);
    network.plan(fault, { to });
    const where = to === "room" ? "from" : "to";
    return `client ${client} is cut off ${fault === "cut" ? "with" : "behind"} the next frame ${where} it`;
  },
  stalls: (around) => {
    const { network, client } = around;
    network.stall();
    soon(around, `client ${client} flows`, () => network.flow());
    return `client ${client} is stalled`;
  },
  halfOpens: ({ network, chance, client }) => {
    const dead = chance.one(["room", "client"] as const);
    network.halfOpen(dead);
    return `client ${client} is half-open: the end of the ${dead} is gone`;
  },
  outages: (around) => {
    const { network, client } = around;
    network.down();
    soon(around, `client ${client} is up`, () => network.up());
    return `client ${client} is down`;
  },
  lateHandshakes: async (around) => {
    const { network, client } = around;
    network.stallNext();
    network.cut();
    await time.advance(3_000, { quietly: true }); // the client gives up, and dials again
    soon(around, `the late handshake of client ${client} arrives`, () => network.flow());
    return `client ${client} is cut off, and its next handshake is late`;
  },
  duplicates: ({ network, chance, client }) => {
    const to = chance.one(["room", "client"] as const);
    network.plan("duplicate", { to });
    return `the next frame ${to === "room" ? "from" : "to"} client ${client} arrives twice`;
  },
  reorders: ({ network, client }) => {
    // The welcome is the first frame: what overtakes it belongs to no connection.
    network.plan("reorder", { to: "client", after: 1 });
    return `the frame to client ${client} after the next arrives behind the one that follows it`;
  },
  evictions: async ({ room }) => {
    await room.evict();
    return "the room is evicted";
  },
  moves: async ({ room }) => {
    await room.evict({ sockets: "close" });
    return "the room moves";
  },
  crashes: async ({ room }) => {
    await room.crash();
    return "the room crashes";
  },
};

function soon({ chance, later, index }: Surroundings, told: string, run: () => void): void {
  later.push({ after: index + chance.whole(1, 20), told, run });
}
