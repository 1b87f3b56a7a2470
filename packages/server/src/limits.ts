/**
 * How much a room takes: one frozen object of defaults, each of which a class may override in
 * `static limits`. `false` or Infinity switches a limit off. Sizes are bytes, times milliseconds.
 */

/** A token bucket: so many a second over time, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A room's limits with every default filled in; what is switched off is Infinity. */
export interface Limits {
  /** The largest message, call or answer of a client, as JSON. */
  readonly message: number;
  /** Messages and calls of one connection. */
  readonly rate: Rate;
  /** Messages and calls of all connections together. */
  readonly roomRate: Rate;
  /** Open connections of a room. */
  readonly connections: number;
  /** Open connections of one user: of one `sub` of the claims. */
  readonly connectionsPerUser: number;
  /** Sessions whose marks are kept. */
  readonly sessions: number;
  /** A member's presence, as JSON. */
  readonly presence: number;
  /** How long an async handler may take. */
  readonly handlerTime: number;
  /** What may wait in the memory for one connection. */
  readonly lag: number;
}

/** `static limits` of a room's class. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | false };

/** What holds where a class says nothing. */
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

const NO_RATE: Rate = Object.freeze({ perSecond: Infinity, burst: Infinity });

/** The limits of a class. */
export function limitsOf(options: LimitOptions = {}): Limits {
  const given = Object.entries(options).filter(([, limit]) => limit !== undefined);
  const limits = given.map(([name, limit]) => {
    const off = name === "rate" || name === "roomRate" ? NO_RATE : Infinity;
    return [name, limit === false ? off : limit];
  });
  return { ...LIMITS, ...(Object.fromEntries(limits) as Partial<Limits>) };
}
