/**
 * When a timer rings: pure decisions over its times, with the clock as an argument.
 *
 * A one-shot rings once. One with `every` or `cron` has occurrences: those that a sleeping room
 * has missed are rung as one, which is told how many they were, or each, where `catchUp` says so.
 */
import { misuse } from "@greenroom/protocol";

/** How a timer is treated, whatever its times. */
export interface TimerOptions {
  /** How often a handler that fails is tried again, with 2 s, 4 s, 8 s ... up to 5 minutes between. @default 6 */
  readonly retries?: number;
  /** How long an async handler may take before that counts as a failure, in ms. @default 30_000 */
  readonly timeout?: number;
  /** Whether the room does not expire before this timer has rung. @default false */
  readonly keepAlive?: boolean;
}

/** What is true of timers with more than one occurrence. */
export interface RecurringOptions extends TimerOptions {
  /** Whether missed occurrences ring one after the other, and not as one. @default false */
  readonly catchUp?: boolean;
}

type Only<Name extends string, Options> = Options & {
  readonly [Other in Exclude<"after" | "at" | "every" | "cron" | "timezone", Name>]?: never;
};

/** When a timer rings: exactly one of `after`, `at`, `every` and `cron`. */
export type TimerWhen =
  /** In so many ms. */
  | Only<"after", { readonly after: number } & TimerOptions>
  /** At a time, in ms since 1970 or as a Date; one in the past rings at once. */
  | Only<"at", { readonly at: number | Date } & TimerOptions>
  /** Every so many ms, at least 1,000, counted from when it was set: it does not drift. */
  | Only<"every", { readonly every: number } & RecurringOptions>
  /** By a cron expression, in UTC or a time zone; takes `import "@greenroom/server/cron"`. */
  | Only<
      "cron" | "timezone",
      { readonly cron: string; readonly timezone?: string } & RecurringOptions
    >;

/** What is kept of a timer beside its times, as JSON. */
export interface TimerSpec {
  readonly every?: number | undefined;
  readonly cron?: string | undefined;
  readonly timezone?: string | undefined;
  readonly catchUp?: true | undefined;
  readonly retries?: number | undefined;
  readonly timeout?: number | undefined;
  readonly keepAlive?: true | undefined;
}

/** The first occurrence of a cron expression after a time, in ms since 1970; null when there is none. */
export type NextByCron = (
  expression: string,
  timezone: string | undefined,
  after: number,
) => number | null;

let nextByCron: NextByCron | undefined;

/** Takes what `@greenroom/server/cron` brings; rooms without cron do not carry its library. */
export function provideCron(next: NextByCron): void {
  nextByCron = next;
}

export const RETRIES = 6;
export const TIMEOUT = 30_000;
const RETRY_BASE = 2_000;
const RETRY_CAP = 5 * 60_000;
const LONGEST = 10 * 365 * 24 * 60 * 60_000;
/** The platform sets no alarm for a time after 2189. */
export const LATEST: number = Date.UTC(2189, 0);
const SHORTEST_EVERY = 1_000;
/** Missed occurrences of a cron expression are counted up to here. */
const MOST_MISSED = 1_000;

/** What is kept of `when`, and when it rings first. Throws `bad-option`. */
export function planOf(
  when: TimerWhen,
  now: number,
): { readonly due: number; readonly spec: TimerSpec } {
  const { after, at, every, cron, timezone, catchUp, retries, timeout, keepAlive } = when as {
    [Key in keyof TimerSpec]: TimerSpec[Key];
  } & { after?: number; at?: number | Date };
  if ([after, at, every, cron].filter((value) => value !== undefined).length !== 1) {
    throw bad("takes exactly one of `after`, `at`, `every` and `cron`");
  }
  within("retries", retries, 0, 100);
  within("timeout", timeout, 1, 15 * 60_000);
  within("after", after, 0, LONGEST);
  within("every", every, SHORTEST_EVERY, LONGEST);
  const spec: TimerSpec = {
    every,
    cron,
    timezone,
    catchUp: catchUp || undefined,
    retries,
    timeout,
    keepAlive: keepAlive || undefined,
  };
  const due =
    at === undefined ? (isRecurring(spec) ? nextOf(spec, now) : now + (after ?? 0)) : Number(at);
  if (due === null || !(Math.abs(due) < LATEST)) throw bad(`never rings: ${JSON.stringify(when)}`);
  return { due: Math.round(due), spec };
}

/** Whether a timer has more than one occurrence. */
export function isRecurring({ every, cron }: TimerSpec): boolean {
  return (every ?? cron) !== undefined;
}

/** The occurrence after the one at `due`, and how many were missed; a null `due` means that there is none. */
export function advance(
  spec: TimerSpec,
  due: number,
  now: number,
): { due: number | null; missed: number } {
  const { every, catchUp } = spec;
  if (catchUp) return { due: nextOf(spec, due), missed: 0 };
  if (every !== undefined) {
    const missed = Math.max(0, Math.floor((now - due) / every));
    return { due: due + (missed + 1) * every, missed };
  }
  let missed = 0;
  let next = nextOf(spec, due);
  while (next !== null && next <= now && missed < MOST_MISSED) {
    missed += 1;
    next = nextOf(spec, next);
  }
  return { due: next !== null && next <= now ? nextOf(spec, now) : next, missed };
}

/** How long to wait after the try number `attempt`, in ms. */
export function backoff(attempt: number): number {
  return Math.min(RETRY_BASE * 2 ** (attempt - 1), RETRY_CAP);
}

function nextOf({ every, cron = "", timezone }: TimerSpec, after: number): number | null {
  if (every !== undefined) return after + every;
  if (!nextByCron) throw bad('has `cron`: add `import "@greenroom/server/cron"`');
  return nextByCron(cron, timezone, after);
}

function within(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw bad(`has ${name} ${String(value)}; it takes ${least} to ${most}`);
}

function bad(what: string): Error {
  return misuse("bad-option", `A timer ${what}.`);
}
