/** Chance that repeats: the same seed gives the same numbers, so that a failure can be replayed. */

/** A source of chance. */
export interface Chance {
  /** A number from 0 to 1, without 1. */
  readonly next: () => number;
  /** A whole number from `least` to `most`, both included. */
  readonly whole: (least: number, most: number) => number;
  /** One of some things. */
  readonly one: <Thing>(things: readonly Thing[]) => Thing;
}

/** A source of chance that a seed decides (mulberry32). */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number): number =>
    least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    one: <Thing>(things: readonly Thing[]) => {
      if (things.length === 0) throw new RangeError("There is nothing to choose from.");
      return things[whole(0, things.length - 1)] as Thing; // SAFETY: the index is within
    },
  };
}
