/**
 * How long to wait before dialing again. Pure: chance comes in as a number from 0 to 1.
 *
 * The first attempt after a drop falls into the slot that the room handed out in its welcome,
 * sized to the room, so that a deploy does not bring everyone back in the same moment. Later
 * attempts use full jitter.
 */

/** The window of the first two attempts, in ms; each later one doubles it. */
export const BACKOFF_BASE = 500;
/** The widest window, in ms. */
export const BACKOFF_CAP = 20_000;

/** Milliseconds before the next attempt, after `tries` failed ones; `random` is from 0 to 1. */
export function backoff(tries: number, slot: number, random: number): number {
  const window = Math.min(BACKOFF_CAP, BACKOFF_BASE * 2 ** Math.max(0, tries - 1));
  return slot * (0.5 + random) + window * random;
}
