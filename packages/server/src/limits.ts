/**
 * How much a room takes, as `static limits` of its class: the defaults, in one frozen object, and
 * their merge and check. What enforces a limit stands elsewhere, and asks here for its number.
 */
import { badOption, misuse } from "@greenroom/protocol";

/** A rate of messages: so many a second in the long run, and so many at once after a silence. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The limits of a room. `false` switches one off, and `true` stands for its default. */
export interface LimitOptions {
  /** Bytes of one message or call, as JSON; a room with a contract never takes more than 1 MiB. @default 65_536 (64 KiB) */
  readonly message?: number | boolean;
  /** Frames that one connection may send. @default { perSecond: 100, burst: 1_000 } */
  readonly rate?: Rate | boolean;
  /** Messages that all connections of the room may send together. @default { perSecond: 1_000, burst: 10_000 } */
  readonly roomRate?: Rate | boolean;
  /** Connections to the room. @default 1_000 */
  readonly connections?: number | boolean;
  /** Connections of one user to the room. @default 20 */
  readonly connectionsPerUser?: number | boolean;
  /** Sessions that have left and whose marks are kept. @default 10_000 */
  readonly sessions?: number | boolean;
  /** Bytes of one member's presence, as JSON. @default 2_048 (2 KiB) */
  readonly presence?: number | boolean;
  /** How long an asynchronous handler may take, in ms. @default 30_000 */
  readonly handlerTime?: number | boolean;
  /** Bytes that may wait for one member to read them, before it is sent what it missed at its own pace. @default 1_048_576 (1 MiB) */
  readonly lag?: number | boolean;
}

/** The limits with their defaults; `Infinity` where one is off. */
export type Limits = {
  readonly [Name in keyof LimitOptions]-?: Name extends RateName ? Rate : number;
};

type RateName = "rate" | "roomRate";

/** The limits of a room that says nothing of them. */
export const LIMITS: Limits = Object.freeze({
  message: 64 * 1024,
  rate: Object.freeze({ perSecond: 100, burst: 1_000 }),
  roomRate: Object.freeze({ perSecond: 1_000, burst: 10_000 }),
  connections: 1_000,
  connectionsPerUser: 20,
  sessions: 10_000,
  presence: 2 * 1024,
  handlerTime: 30_000,
  lag: 1024 * 1024,
});

const OFF = Number.POSITIVE_INFINITY;
const NO_RATE: Rate = Object.freeze({ perSecond: OFF, burst: OFF });

const known = new WeakMap<LimitOptions, Limits>();

/** The limits of `static limits`, made once for each; what is wrong with them is found by `checkLimits`, at the start. */
export function limitsOf(options: LimitOptions = LIMITS): Limits {
  const before = known.get(options);
  if (before) return before;
  const limits: Record<string, unknown> = { ...LIMITS };
  for (const [name, value] of Object.entries(options) as [keyof Limits, unknown][]) {
    const isRate = name === "rate" || name === "roomRate";
    if (value !== undefined && value !== true)
      limits[name] = value === false ? (isRate ? NO_RATE : OFF) : value;
  }
  // SAFETY: every name of the defaults is there; the values are those that checkLimits looks at.
  const merged = Object.freeze(limits) as unknown as Limits;
  known.set(options, merged);
  return merged;
}

/** Checks `static limits`; throws `bad-option`. */
export function checkLimits(limits: Limits): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(LIMITS, name)) {
      throw misuse(
        "bad-option",
        `limits.${name} is no limit; there are ${Object.keys(LIMITS).join(", ")}.`,
      );
    }
    if (name !== "rate" && name !== "roomRate") checkNumber(name, value);
    else {
      const { perSecond, burst } = (value ?? {}) as Partial<Rate>;
      checkNumber(`${name}.perSecond`, perSecond, 0);
      checkNumber(`${name}.burst`, burst);
    }
  }
}

/** A number from 1 (`above` a bound where one is given); `Infinity` is a limit that is off. */
function checkNumber(name: string, value: unknown, above?: number): void {
  if (typeof value === "number" && (above === undefined ? value >= 1 : value > above)) return;
  const takes = above === undefined ? "a number from 1" : `a number above ${above}`;
  throw badOption(`limits.${name}`, value, `${takes}, or false`);
}
