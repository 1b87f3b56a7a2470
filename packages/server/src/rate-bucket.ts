/**
 * A token bucket as one number: the time, in ms since 1970, at which it is full again.
 *
 * Each message that is taken puts that time off by the interval of the rate, and a bucket that
 * was full long ago starts from now (the generic cell rate algorithm). Nothing is to be filled by
 * a timer, a bucket that nobody needed for long is the same as none, and so sleep costs nothing.
 */
import type { Rate } from "./limits.ts";

/** A full bucket. */
export const FULL = 0;

/** The share of a bucket that is used, from 0 for a full one to 1 for an empty one. */
export function used(fullAt: number, { perSecond, burst }: Rate, now: number): number {
  const capacity = (burst / perSecond) * 1_000;
  return capacity > 0 && fullAt > now ? (fullAt - now) / capacity : 0;
}

/** The bucket after one message was taken out of it. */
export function take(fullAt: number, { perSecond }: Rate, now: number): number {
  return Math.max(fullAt, now) + 1_000 / perSecond;
}

/**
 * Milliseconds until a bucket has a message to give; 0 where it has one now. `share` is the part
 * of the bucket that may be used, 1 or more for all of it; a full bucket always has a message to give.
 */
export function wait(fullAt: number, rate: Rate, now: number, share = 1): number {
  const { perSecond, burst } = rate;
  if (perSecond === Number.POSITIVE_INFINITY) return 0;
  const room = ((Math.max(1, burst * Math.min(1, share)) - 1) / perSecond) * 1_000;
  return Math.max(0, Math.ceil(fullAt - now - room));
}
