/** Which frame of a network goes wrong, and how: by counter, or by a seed. Pure. */
import { type Chance, seeded } from "./seeded.ts";

/** Where a frame is going. */
export type Bound = "room" | "client";

/**
 * What can happen to a frame on its way:
 * - `cut`: it is lost, and so is the connection, for both ends;
 * - `cut-after`: it arrives, and then the connection is cut;
 * - `stall`: it waits with everything behind it, in both directions, until `flow()`;
 * - `half-open`: the end that it goes to is gone, and the other is not told;
 * - `duplicate`: it arrives twice;
 * - `reorder`: it arrives behind the next one.
 *
 * No WebSocket does the last two: they show what a client and a room make of them.
 */
export type FrameFault = (typeof FRAME_FAULTS)[number];

const FRAME_FAULTS = ["cut", "cut-after", "stall", "half-open", "duplicate", "reorder"] as const;

/** Which frame. */
export interface FramePlace {
  /** The direction in which frames are counted. */
  readonly to: Bound;
  /** How many frames pass before it. @default 0 */
  readonly after?: number;
}

/** A fault that has happened to a frame. */
export interface HappenedFault {
  readonly fault: FrameFault;
  readonly to: Bound;
  /** Which frame it was of those that have come onto the network in this direction, from 1. */
  readonly frame: number;
}

/** How often, from 0 to 1, each fault happens to a frame. */
export type FaultRates = Partial<Readonly<Record<FrameFault, number>>>;

/** The faults that are still to come. Pings are no frames: they are not counted. */
export class FrameFaults {
  #planned: { readonly to: Bound; left: number; readonly fault: FrameFault }[] = [];
  /** One for each direction: how frames of the two follow each other is up to the machine. */
  #chances: Readonly<Record<Bound, Chance>> | undefined;
  readonly #passed: Record<Bound, number> = { room: 0, client: 0 };
  readonly #happened: HappenedFault[] = [];
  #rates: readonly (readonly [FrameFault, number])[] = [];

  /** Plans a fault for one frame. */
  plan(fault: FrameFault, { to, after = 0 }: FramePlace): void {
    known(fault);
    knownEnd(to);
    if (!Number.isSafeInteger(after) || after < 0) {
      throw new RangeError(`after is ${after}; it takes a whole number from 0.`);
    }
    this.#planned.push({ to, left: after, fault });
  }

  /** What has happened so far, in order. */
  get happened(): readonly HappenedFault[] {
    return this.#happened;
  }

  /**
   * Lets a seed decide for every frame from here on: what happens to the n-th in a direction is the
   * same whenever the seed is used, whatever goes in the other.
   */
  shake(seed: number, rates: FaultRates): void {
    for (const [fault, rate] of Object.entries(rates)) {
      known(fault);
      if (!(rate >= 0 && rate <= 1)) {
        throw new RangeError(`The rate of "${fault}" is ${rate}; it takes a number from 0 to 1.`);
      }
    }
    let sum = 0;
    for (const rate of Object.values(rates)) sum += rate;
    if (sum > 1) {
      throw new RangeError(`The rates are ${sum} together; one frame has one fault, so at most 1.`);
    }
    if (!Number.isSafeInteger(seed))
      throw new RangeError(`seed is ${seed}; it takes a whole number.`);
    const chance = seeded(seed);
    const ofDirection = (): Chance => seeded(chance.whole(0, 2 ** 32 - 1));
    this.#chances = { room: ofDirection(), client: ofDirection() };
    // SAFETY: the rates' own entries.
    this.#rates = Object.entries(rates) as [FrameFault, number][];
  }

  /** Nothing goes wrong from here on. */
  clear(): void {
    this.#planned = [];
    this.#rates = [];
  }

  /** What happens to the next frame in this direction. */
  next(to: Bound): FrameFault | undefined {
    let found: FrameFault | undefined;
    this.#planned = this.#planned.filter((planned) => {
      if (planned.to !== to) return true;
      planned.left -= 1;
      if (planned.left >= 0) return true;
      found ??= planned.fault;
      return false;
    });
    // Drawn in any case, so that a planned fault shifts nothing.
    const drawn = this.#drawn(to);
    const fault = found ?? drawn;
    this.#passed[to] += 1;
    if (fault) this.#happened.push({ fault, to, frame: this.#passed[to] });
    return fault;
  }

  #drawn(to: Bound): FrameFault | undefined {
    let left = this.#chances?.[to].next() ?? 1;
    for (const [fault, rate] of this.#rates) {
      // Frames to the room are numbered, and a number behind a later one counts as a repeat.
      if (fault === "reorder" && to === "room") continue;
      left -= rate;
      if (left < 0) return fault;
    }
    return undefined;
  }
}

/** A fault that nobody knows would never happen, and the test would pass. */
function known(fault: string): void {
  if ((FRAME_FAULTS as readonly string[]).includes(fault)) return;
  throw new RangeError(`There is no fault "${fault}"; there are ${FRAME_FAULTS.join(", ")}.`);
}

/** The same for an end of the connection. */
export function knownEnd(end: string): void {
  if (end === "room" || end === "client") return;
  throw new RangeError(`There is no end "${end}" of a connection; there are room and client.`);
}
