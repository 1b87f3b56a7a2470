// How fast a soak runs: the full pace, in which rooms sleep and expire by the platform's own times,
// and a brief one for runs of seconds.

import type { FaultCounts } from "@greenroom/testing";

export interface Pace {
  /** The kind of the rooms, which says when they expire. */
  readonly kind: "soak" | "brief";
  /** How long a room talks before its pause, and after it: at least and at most, in ms. */
  readonly talk: readonly [least: number, most: number];
  /** Its pause: longer than the 10 s after which workerd takes a room out of memory. */
  readonly pause: readonly [least: number, most: number];
  readonly expireAfter: number;
  /** Between two messages of a room, on average, in ms. */
  readonly every: number;
  /** The chance that a message is followed by somebody who leaves and somebody who comes. */
  readonly churn: number;
  /** What the clients pass to `connect`: when they give up a dial, and a silent connection. */
  readonly dialTimeout: number;
  readonly silence: number;
  /** Faults a minute. */
  readonly faults: Omit<FaultCounts, "kills">;
  /** Between two samples of the memory, in ms. */
  readonly sample: number;
  /**
   * In ms, where all rooms begin and end together: the rest in between, after which memory is looked at.
   * `null` where each room goes its own way, and memory is looked at all the time.
   */
  readonly rest: number | null;
}

export const FULL: Pace = Object.freeze<Pace>({
  kind: "soak",
  talk: [8_000, 20_000],
  pause: [11_000, 14_000],
  expireAfter: 25_000,
  every: 400,
  churn: 0.06,
  dialTimeout: 10_000,
  silence: 10_000,
  faults: {
    cuts: 40,
    stalls: 5,
    delays: 5,
    halfOpens: 5,
    refusals: 1,
    blackouts: 0.4,
    lateHandshakes: 2,
  },
  sample: 5_000,
  rest: null,
});

export const BRIEF: Pace = Object.freeze<Pace>({
  kind: "brief",
  talk: [300, 800],
  pause: [100, 300],
  expireAfter: 2_000,
  every: 25,
  churn: 0.05,
  dialTimeout: 3_000,
  silence: 2_000,
  // What takes longer than the run, and has clients wait before they try again, is left out.
  faults: {
    cuts: 20,
    stalls: 0,
    delays: 10,
    halfOpens: 10,
    refusals: 0,
    blackouts: 0,
    lateHandshakes: 0,
  },
  sample: 1_000,
  rest: 300,
});

/**
 * Lives of seconds, and rests in which workerd has taken every room out of memory: what is held then is
 * held for good, and is measured to the kilobyte. Nothing goes wrong meanwhile: a half-open connection
 * would keep its room in memory for as long as the network says that it is there.
 */
export const TIDES: Pace = Object.freeze<Pace>({
  ...BRIEF,
  rest: 12_500,
  faults: {
    cuts: 0,
    stalls: 0,
    delays: 0,
    halfOpens: 0,
    refusals: 0,
    blackouts: 0,
    lateHandshakes: 0,
  },
});
