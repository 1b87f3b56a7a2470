/** What goes wrong, and when: a plan that a seed decides, before anything runs. Pure. */
import type { Cut } from "./link.ts";
import { type Chance, seeded } from "./seeded.ts";

/** How often each kind of fault happens in a run. */
export interface FaultCounts {
  /** `kill -9` of the server. */
  readonly kills: number;
  /** A connection ends for both ends, often in the middle of a frame. */
  readonly cuts: number;
  /** A connection delivers nothing for a while, and then everything. */
  readonly stalls: number;
  /** A connection is slow for a while. */
  readonly delays: number;
  /** A connection is gone at one end, and the other is not told. */
  readonly halfOpens: number;
  /** New connections are refused for a while. */
  readonly refusals: number;
  /** No connection delivers anything for a while, new ones included. */
  readonly blackouts: number;
  /** A handshake is held back for so long that its client has dialed again meanwhile. */
  readonly lateHandshakes: number;
}

/** One fault. `pick`, from 0 to 1, chooses among the connections that there are then. */
export type Fault =
  | { readonly kind: "kills" }
  | { readonly kind: "cuts"; readonly pick: number; readonly cut: Cut }
  | { readonly kind: "stalls"; readonly pick: number; readonly ms: number }
  | {
      readonly kind: "delays";
      readonly pick: number;
      readonly latency: number;
      readonly ms: number;
    }
  | { readonly kind: "halfOpens"; readonly pick: number; readonly dead: "client" | "server" }
  | { readonly kind: "refusals"; readonly ms: number }
  | { readonly kind: "blackouts"; readonly ms: number }
  | { readonly kind: "lateHandshakes"; readonly ms: number };

/** A fault and its time, counted in messages that were answered before it. */
export interface PlannedFault {
  readonly after: number;
  readonly fault: Fault;
}

/** The part of a run in which faults happen: all have begun to send, and nobody is done. */
const FROM = 0.02;
const TO = 0.95;

/** Spreads the faults of a run over its messages, in order of time. */
export function planFaults(
  seed: number,
  messages: number,
  counts: FaultCounts,
): readonly PlannedFault[] {
  const chance = seeded(seed);
  const kinds = Object.keys(MAKERS) as (keyof FaultCounts)[]; // SAFETY: the table's own keys
  const planned = kinds.flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, index) => {
      // Each kind is spread evenly, and each fault falls somewhere within its own part.
      const place = (index + chance.next()) / counts[kind];
      return {
        after: Math.floor(messages * (FROM + (TO - FROM) * place)),
        fault: MAKERS[kind](chance),
      };
    }),
  );
  return planned.toSorted((one, other) => one.after - other.after);
}

const MAKERS: { readonly [Kind in keyof FaultCounts]: (chance: Chance) => Fault } = {
  kills: () => ({ kind: "kills" }),
  cuts: (chance) => ({ kind: "cuts", pick: chance.next(), cut: cutOf(chance) }),
  stalls: (chance) => ({ kind: "stalls", pick: chance.next(), ms: chance.whole(100, 3_000) }),
  delays: (chance) => ({
    kind: "delays",
    pick: chance.next(),
    latency: chance.whole(5, 300),
    ms: chance.whole(200, 3_000),
  }),
  halfOpens: (chance) => ({
    kind: "halfOpens",
    pick: chance.next(),
    dead: chance.one(["client", "server"]),
  }),
  refusals: (chance) => ({ kind: "refusals", ms: chance.whole(200, 1_500) }),
  blackouts: (chance) => ({ kind: "blackouts", ms: chance.whole(500, 4_000) }),
  lateHandshakes: (chance) => ({ kind: "lateHandshakes", ms: chance.whole(2_500, 9_000) }),
};

/** A third cut at once, a third on the way to the server, a third on the way to the client. */
function cutOf(chance: Chance): Cut {
  const how = chance.one(["reset", "end"] as const);
  const within = chance.one([undefined, "to-server", "to-client"] as const);
  // All of it, and then nothing: what was sent has arrived, and its answer is lost.
  const share = chance.one([0, 1, chance.next()]);
  return within ? { how, within, share } : { how };
}
