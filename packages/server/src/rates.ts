/**
 * Who sends too much: a bucket for each connection, one for the room, and what follows from
 * emptying them.
 *
 * The buckets are kept in memory. One that is more than half empty is kept with its socket, too,
 * so that sleep does not fill it; who sends at an ordinary pace costs nothing, and nobody costs a
 * row. The room's bucket rides on the sockets of those who emptied it.
 */
import type { Denial } from "./accept.ts";
import { setLatest } from "./latest.ts";
import type { Limits, Rate } from "./limits.ts";
import { STEP } from "./pace.ts";
import { FULL, take, used, wait } from "./rate-bucket.ts";

/** What is kept with a socket: when its own bucket, that of its refused frames, and the room's are full. */
export type Spent = readonly [own: number, refused: number, room: number];

/** Where buckets outlive the instance. */
export interface Shelf<S> {
  read(socket: S): Spent | undefined;
  write(socket: S, spent: Spent): void;
  /** Who is sent away with a socket: its user, or where there is none its member. */
  personOf(socket: S): string;
}

/** Where haste is measured and told. */
interface HasteContext {
  readonly clock?: () => number;
  readonly inHaste?: () => void;
}

/** What becomes of a frame: `wait` is 0 for one that is taken; `abuse` where the connection is to be closed. */
export interface Verdict {
  readonly wait: number;
  readonly abuse: boolean;
  /** Whether its connection sends faster than is fair to the others: it may wait, see `pace.ts`. */
  readonly isHasty: boolean;
}

/** A bucket is kept with its socket from this share on, and again when it has moved by the other. */
const LOW = 0.5;
const MOVED = 1 / 16;
/** Refused frames that a connection may have behind it at once, at least: all that a client sends again when it comes back. */
const PATIENCE = 1_024;
/** The least and the longest time for which a connection that was closed stays away, in ms. */
const SHORTEST = 1_000;
const LONGEST = 10 * 60_000;
/** How often whoever dials before its time is told by a close code. */
const TOLD = 4;
/** The least share of a step, in frames. */
const SHARE = 32;
/** How many of those that were closed are remembered. */
const REMEMBERED = 1_000;

const TAKEN: Verdict = Object.freeze({ wait: 0, abuse: false, isHasty: false });
const HASTY: Verdict = Object.freeze({ ...TAKEN, isHasty: true });

/**
 * Of what comes in haste so many frames are taken in a step of `pace.ts`; a connection is in haste
 * that sends faster, once it has sent four times as many. What the rates let through in the long
 * run is never held for long.
 */
export function shareOf({ rate, roomRate }: Pick<Limits, "rate" | "roomRate">): number {
  const perSecond = [rate.perSecond, roomRate.perSecond].filter(Number.isFinite);
  return Math.max(SHARE, ...perSecond.map((each) => Math.ceil((each * STEP) / 1_000)));
}

/** The rates of one room. */
export class Rates<S extends object> {
  readonly #own: Rate;
  readonly #room: Rate;
  readonly #refused: Rate;
  readonly #isOff: boolean;
  readonly #haste: Rate;
  readonly #clock: () => number;
  readonly #inHaste: (() => void) | undefined;
  readonly #shelf: Shelf<S>;
  readonly #buckets = new WeakMap<S, Bucket>();
  #roomFullAt = FULL;
  /** Those who were closed for it, the latest last. */
  readonly #away = new Map<string, Away>();

  /** `clock`, in ms of whatever origin, tells who is in haste, and `inHaste` is called for each frame that is. */
  constructor(
    { rate, roomRate }: Pick<Limits, "rate" | "roomRate">,
    shelf: Shelf<S>,
    { clock = () => performance.now(), inHaste }: HasteContext = {},
  ) {
    const share = shareOf({ rate, roomRate });
    this.#clock = clock;
    this.#inHaste = inHaste;
    this.#haste = { perSecond: (share * 1_000) / STEP, burst: 4 * share };
    this.#own = rate;
    this.#room = roomRate;
    this.#refused = { perSecond: rate.perSecond, burst: Math.max(rate.burst, PATIENCE) };
    this.#isOff = rate.perSecond === Infinity && roomRate.perSecond === Infinity;
    this.#shelf = shelf;
  }

  /** Takes one frame of a connection out of its bucket, and out of the room's where it is `forRoom`. */
  admit(socket: S, forRoom: boolean, now: number): Verdict {
    if (this.#isOff) return TAKEN;
    const bucket = this.#bucketOf(socket);
    // Where more than half of the room's is gone, a connection may have used the less of its own
    // the more is gone: those who send most wait first, also where they come as many connections.
    const share = forRoom ? 2 * (1 - used(this.#roomFullAt, this.#room, now)) : 1;
    const waits = Math.max(
      wait(bucket.own, this.#own, now, share),
      forRoom ? wait(this.#roomFullAt, this.#room, now) : 0,
    );
    const isHasty = this.#isHasty(bucket);
    if (waits > 0) return { ...this.#refuse(socket, bucket, waits, now), isHasty };
    bucket.own = take(bucket.own, this.#own, now);
    if (forRoom) this.#roomFullAt = take(this.#roomFullAt, this.#room, now);
    this.#keep(socket, bucket, now);
    return isHasty ? HASTY : TAKEN;
  }

  /** Notes that a connection is closed for what it has sent; gives how long its person stays away, in ms. */
  sendAway(socket: S, now: number): number {
    const person = this.#shelf.personOf(socket);
    const before = this.#away.get(person);
    const times = before && before.until + LONGEST > now ? before.times + 1 : 0;
    const fill = (this.#own.burst / this.#own.perSecond) * 1_000;
    const after = Math.min(LONGEST, Math.max(SHORTEST, fill) * 2 ** times);
    setLatest(this.#away, person, { until: now + after, times, dials: 0 }, REMEMBERED);
    return after;
  }

  /** How a person that was sent away is kept away; `undefined` where it may come. */
  away(person: string, now: number): Denial | undefined {
    const away = this.#away.get(person);
    if (!away || away.until <= now) return undefined;
    away.dials += 1;
    return { code: "limited", retryAfter: away.until - now, outright: away.dials > TOLD };
  }

  #bucketOf(socket: S): Bucket {
    let bucket = this.#buckets.get(socket);
    if (!bucket) {
      const kept = this.#shelf.read(socket) ?? [FULL, FULL, FULL];
      this.#roomFullAt = Math.max(this.#roomFullAt, kept[2]);
      this.#buckets.set(socket, (bucket = { own: kept[0], refused: kept[1], hasty: FULL, kept }));
    }
    return bucket;
  }

  /** Whether a connection has sent more than its share; where no rate bounds it, it may. */
  #isHasty(bucket: Bucket): boolean {
    if (this.#own.perSecond === Infinity) return false;
    const now = this.#clock();
    const isHasty = wait(bucket.hasty, this.#haste, now) > 0;
    if (isHasty) this.#inHaste?.();
    else bucket.hasty = take(bucket.hasty, this.#haste, now);
    return isHasty;
  }

  #refuse(socket: S, bucket: Bucket, waits: number, now: number): Omit<Verdict, "isHasty"> {
    const abuse = wait(bucket.refused, this.#refused, now) > 0;
    bucket.refused = take(bucket.refused, this.#refused, now);
    this.#keep(socket, bucket, now);
    return { wait: waits, abuse };
  }

  /** Keeps buckets that are low with their socket, whenever one has moved. */
  #keep(socket: S, bucket: Bucket, now: number): void {
    const { own, refused, kept } = bucket;
    const isDue = (fullAt: number, keptAt: number, rate: Rate): boolean =>
      used(fullAt, rate, now) > LOW && used(fullAt, rate, keptAt) > MOVED;
    if (
      isDue(own, kept[0], this.#own) ||
      isDue(refused, kept[1], this.#refused) ||
      isDue(this.#roomFullAt, kept[2], this.#room)
    ) {
      bucket.kept = [own, refused, this.#roomFullAt];
      this.#shelf.write(socket, bucket.kept);
    }
  }
}

/** Who was closed for what it has sent. */
interface Away {
  readonly until: number;
  /** How often before. */
  readonly times: number;
  /** How often it has dialed before its time. */
  dials: number;
}

interface Bucket {
  own: number;
  refused: number;
  /** When its share of a step is full again, by the clock. */
  hasty: number;
  /** As it is kept with the socket. */
  kept: Spent;
}
