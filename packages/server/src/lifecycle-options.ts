/** `static lifecycle` of a room's class: how long it may be silent, and when the alarm is set. */
import { badOption } from "@greenroom/protocol";

/** A room's options, as `static lifecycle` of its class. */
export interface LifecycleOptions {
  /** How long a room may be silent before it expires, in ms. @default 1_800_000 (30 minutes) */
  readonly expireAfter?: number;
  /**
   * When the alarm is set: with every message, or only when it would ring too late. The deadline
   * is the same; `lazy` writes one row less a message. @default "every-message"
   */
  readonly rearm?: "every-message" | "lazy";
  /**
   * Whether the room does not expire while somebody is connected: the deadline is then
   * `expireAfter` after the last message and after the last leaving, whichever is later. @default false
   */
  readonly keepWhileConnected?: boolean;
}

const DEFAULTS = Object.freeze({
  expireAfter: 30 * 60_000,
  rearm: "every-message" as const,
  keepWhileConnected: false,
});
/** The longest that a room may live without a message, in ms. */
export const LONGEST: number = 365 * 24 * 60 * 60_000;

/** The options of `static lifecycle` with their defaults. */
export function lifecycleOptions(
  options: LifecycleOptions | undefined,
): Required<LifecycleOptions> {
  return { ...DEFAULTS, ...options };
}

/** Checks `static lifecycle`; throws `bad-option`. */
export function checkLifecycle(options: Required<LifecycleOptions>): void {
  const { expireAfter, rearm } = options;
  if (!(Number.isFinite(expireAfter) && expireAfter > 0 && expireAfter <= LONGEST)) {
    throw badOption("lifecycle.expireAfter", expireAfter, `more than 0 and up to ${LONGEST} ms`);
  }
  if (rearm !== "every-message" && rearm !== "lazy") {
    throw badOption("lifecycle.rearm", rearm, '"every-message" or "lazy"');
  }
}
