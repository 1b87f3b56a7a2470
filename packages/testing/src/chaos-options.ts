/** What `chaos` takes, and what it reports. */
import type { ConnectOptions, ContractShape, HeardValue, RoomClient } from "@greenroom/client";
import type { NameOf } from "@greenroom/protocol";

import type { FaultCounts } from "./fault-plan.ts";
import type { Verdict } from "./verdict.ts";

/** The server of the rooms: a `WorkerProcess`, or anything with an address. */
export interface ChaosServer {
  /** Where it answers, as `127.0.0.1:8787`. */
  readonly host: string;
  /** Kills it; resolves when it is back at the same address, with the same storage. */
  kill?(): Promise<void>;
}

/** For each event of a contract that tells of a message: where the message's key stands in it. */
export type KeyReaders<Shape extends ContractShape> = {
  readonly [Name in NameOf<Shape, "events">]?: (
    value: HeardValue<Shape, Name>,
  ) => string | undefined;
};

/** Options of `chaos`. Durations are milliseconds. */
export interface ChaosOptions<Shape extends ContractShape> extends Partial<FaultCounts> {
  readonly server: ChaosServer;
  /** Sends one message that carries `key`, a short text that no other message carries. */
  readonly send: (room: RoomClient<Shape>, key: string) => Promise<unknown>;
  /** Reads that key out of the events; events without a reader count for their order alone. */
  readonly keys: KeyReaders<Shape>;
  /** The keys that a room's own storage says were carried out, in order. @default not asked */
  readonly carriedOut?: (room: string) => Promise<readonly string[]>;
  /** Decides every fault, and when it comes. @default 1 */
  readonly seed?: number;
  /** @default 8 */
  readonly clients?: number;
  /** The rooms among which the clients are divided. @default 1 */
  readonly rooms?: number;
  /** Of all clients together. @default 2_000 */
  readonly messages?: number;
  /** Messages a second of all clients together; who was away catches up at once. @default 200 */
  readonly rate?: number;
  /** How many messages of one client wait for their answers at once. @default 8 */
  readonly inFlight?: number;
  /** What the clients pass to `connect`, besides the address. @default { dialTimeout: 2_000, silence: 2_000 } */
  readonly connect?: Partial<ConnectOptions>;
  /** How long the run may take; what has no answer then is lost. @default 180_000 */
  readonly timeout?: number;
  /** Hears how it goes, once a second. */
  readonly onProgress?: (line: string) => void;
}

/** What came of a run. It has passed when nothing was lost, duplicated or reordered. */
export interface ChaosReport extends Verdict, FaultCounts {
  readonly seed: number;
  /** How often the room took a client back: with all that it missed, with a part, from anew. */
  readonly resumed: number;
  readonly snapshots: number;
  readonly resets: number;
  /** From the loss of a connection, or the kill, to the next welcome: half of them took no longer. */
  readonly p50RecoveryMs: number;
  /** The same for 99 of 100. */
  readonly p99RecoveryMs: number;
  readonly seconds: number;
}

type Filled = "seed" | "clients" | "rooms" | "messages" | "rate" | "inFlight" | "timeout";

/** The numbers of a run, with their defaults. */
export type ChaosSettings = Readonly<Record<Filled, number>> & { readonly faults: FaultCounts };

const DEFAULTS: Readonly<Record<Filled, number>> = Object.freeze({
  seed: 1,
  clients: 8,
  rooms: 1,
  messages: 2_000,
  rate: 200,
  inFlight: 8,
  timeout: 180_000,
});

/** Fills in the defaults, and checks the numbers; throws `RangeError`. */
export function chaosSettings<Shape extends ContractShape>(
  options: ChaosOptions<Shape>,
): ChaosSettings {
  const cuts = options.cuts ?? 40;
  const faults: FaultCounts = {
    kills: options.kills ?? (options.server.kill ? 2 : 0),
    cuts,
    stalls: options.stalls ?? Math.ceil(cuts / 10),
    delays: options.delays ?? Math.ceil(cuts / 10),
    halfOpens: options.halfOpens ?? Math.ceil(cuts / 20),
    refusals: options.refusals ?? Math.ceil(cuts / 50),
    blackouts: options.blackouts ?? Math.ceil(cuts / 50),
    lateHandshakes: options.lateHandshakes ?? Math.ceil(cuts / 50),
  };
  const numbers: Record<Filled, number> = { ...DEFAULTS };
  // SAFETY: the keys of an object that was just made of them.
  for (const name of Object.keys(DEFAULTS) as Filled[]) {
    numbers[name] = whole(name, options[name] ?? DEFAULTS[name], name === "seed" ? 0 : 1);
  }
  for (const [kind, count] of Object.entries(faults)) whole(kind, count as number, 0);
  if (faults.kills > 0 && !options.server.kill) {
    throw new RangeError(`kills is ${faults.kills}, and the server has no \`kill\`.`);
  }
  return { ...numbers, faults };
}

function whole(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} is ${value}; it takes a whole number from ${least}.`);
}
