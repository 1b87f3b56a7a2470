/**
 * Virtual time: `Date.now()` in rooms and tests, the timers of test clients, and the alarms of
 * rooms move together, and only when a test says so.
 *
 * The clock is set a day ahead, because the platform would ring by itself at an alarm that is due
 * by the real clock. What takes a client at most a blink, as dialing again in a small room, it
 * waits for really.
 */
import type { Clock } from "@greenroom/client";
import { onTestFinished, TestRunner, vi } from "vitest";

import type { AlarmOutcome } from "./alarm.ts";
import { platformClock } from "./platform-clock.ts";
import { TimeLimit } from "./time-limit.ts";
import { nameOfTest, realTimers } from "./waits.ts";

/** What rings: a test room. */
export interface Ringing {
  readonly name: string;
  /** When its alarm is due, null for none. */
  alarm(): Promise<number | null>;
  ring(): Promise<Pick<AlarmOutcome, "fault">>;
  /** Whether all of its clients are there, so that nobody is about to dial. */
  readonly isSteady: boolean;
  /** Counts what has come to it: while it stays the same, its alarm does. */
  readonly activity: number;
  /** Waits until what the room has sent has arrived at its clients. */
  settle(): Promise<void>;
  /** The same, and until it has done all that it was told. */
  quiet(): Promise<void>;
}

/** How time moves. */
export interface AdvanceOptions {
  /**
   * Whether at each moment nothing goes on before the rooms have done all that they were told, so that
   * everything comes in the same order whenever it is run; about twice as slow. @default false
   */
  readonly quietly?: boolean;
}

/** An alarm that rang. */
export interface Rang {
  readonly room: string;
  /** In ms since 1970. */
  readonly at: number;
  /** What the room threw, if it did: the alarm is then tried again. */
  readonly fault?: unknown;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** The last moment that a `Date` can tell. */
const LAST_MOMENT = 8.64e15;
/** Waits of clients up to this are real, in ms. */
const BLINK = 100;

/** Alarms as they were seen. */
type Alarms = Map<Ringing, { readonly activity: number; readonly at: number | null }>;

interface ClientTimer {
  readonly at: number;
  readonly run: () => void;
}

/** Virtual time. `testRoom` freezes it; it is real again after each test. */
export class VirtualTime {
  readonly #rooms = new Set<Ringing>();
  readonly #timers = new Set<ClientTimer>();
  /** Waits of clients that are real, and not over. */
  readonly #blinks = new Set<Promise<void>>();
  #isFrozen = false;
  #isBlinking = false;
  /** Counts releases: a move that is still under way then is over. */
  #releases = 0;
  /** Moves come one after the other. */
  #moved: Promise<unknown> = Promise.resolve();

  /** The clock of test clients. */
  readonly clock: Clock = {
    now: () => Date.now(),
    after: (ms, run) => {
      if (!this.#isFrozen) return real(ms, run);
      // Who looks at the clock in a blink, and sets the rest of it again, would do so for ever.
      return ms <= BLINK && !this.#isBlinking ? this.#blink(ms, run) : this.#virtual(ms, run);
    },
  };

  /** The same without blinks: nothing is waited for really, and all of it only comes with `advance`. */
  readonly exactClock: Clock = {
    now: () => Date.now(),
    after: (ms, run) => (this.#isFrozen ? this.#virtual(ms, run) : real(ms, run)),
  };

  /** In ms since 1970: what `Date.now()` says. */
  get now(): number {
    return Date.now();
  }

  /**
   * Stops the clock, at a whole second tomorrow or where it is told. `testRoom` does this. Where it
   * stands already it is set, and nothing happens on the way: for alarms that are late. Rooms take no
   * moment of the past, where the platform would ring by itself.
   */
  freeze(at?: number): void {
    realTimers();
    oneAtATime();
    // A test may have let it go by `vi.useRealTimers()`.
    const stands = this.#isFrozen && vi.getMockedSystemTime() !== null;
    if (stands && at === undefined) return;
    // Where the test has set a time of its own already, that time stays.
    const start = at ?? vi.getMockedSystemTime()?.getTime();
    if (start !== undefined && this.#rooms.size > 0) toCome(start);
    if (!this.#isFrozen) afterThisTest(() => this.release());
    this.#isFrozen = true;
    vi.setSystemTime(start ?? Math.ceil(Date.now() / SECOND) * SECOND + DAY);
  }

  /**
   * Moves on by so many ms. Whatever is due on the way happens in the order of its time, at its
   * time: alarms of rooms (timers, expiry) and timers of clients. Gives the alarms that rang. A move
   * that is not awaited is finished before the next one begins.
   *
   * @example
   * ```ts
   * import { time } from "@greenroom/testing/workers";
   * await time.advance(30 * 60_000); // the room expires
   * ```
   */
  async advance(ms: number, options?: AdvanceOptions): Promise<readonly Rang[]> {
    this.freeze();
    if (!Number.isFinite(ms)) throw cannotMove(ms);
    return this.#after((goOn) => this.#goTo(Date.now() + ms, goOn, options));
  }

  /** Moves on to a moment, in ms since 1970, as `advance` does: to the end of a token, say. */
  async advanceTo(until: number, options?: AdvanceOptions): Promise<readonly Rang[]> {
    this.freeze();
    return this.#after((goOn) => this.#goTo(until, goOn, options));
  }

  /** The clock of the machine counts again. */
  release(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#releases += 1;
    this.#moved = Promise.resolve();
    vi.useRealTimers();
    platformClock.stop();
    for (const { at, run } of this.#timers) real(Math.max(0, at - Date.now()), run);
    this.#timers.clear();
  }

  /** A room whose alarms ring from here on; gives what takes it out again. */
  add(room: Ringing): () => void {
    if (this.#isFrozen) toCome(Date.now());
    this.#rooms.add(room);
    return () => this.#rooms.delete(room);
  }

  /** Moves when all moves are over that were asked for; `goOn` throws when the test has ended meanwhile. */
  #after<Result>(move: (goOn: () => void) => Promise<Result>): Promise<Result> {
    const releases = this.#releases;
    const test = nameOfTest();
    const goOn = (): void => {
      if (releases === this.#releases) return;
      throw new Error(`The test${test} has ended while time is moved: is time.advance awaited?`);
    };
    const result = this.#moved.then(() => move(goOn));
    this.#moved = result.catch(() => undefined); // whoever has asked for it is told
    return result;
  }

  async #goTo(
    until: number,
    goOn: () => void,
    { quietly = false }: AdvanceOptions = {},
  ): Promise<readonly Rang[]> {
    goOn();
    const from = Date.now();
    const ms = until - from;
    if (!(ms >= 0 && until <= LAST_MOMENT)) throw cannotMove(ms);
    const rang: Rang[] = [];
    const limit = new TimeLimit(ms);
    const alarms: Alarms = new Map();
    for (;;) {
      await this.#settle(quietly);
      const next = await this.#next(alarms);
      goOn();
      if (!next || next.at > until) break;
      await this.#move(next.at);
      goOn();
      limit.come(Date.now() - from);
      if ("run" in next) {
        this.#timers.delete(next);
        next.run();
        continue;
      }
      limit.rings(next.room.name, Date.now());
      alarms.delete(next.room);
      const at = Date.now();
      const { fault } = await next.room.ring();
      rang.push({ room: next.room.name, at, ...(fault !== undefined && { fault }) });
    }
    await this.#move(until);
    return rang;
  }

  /** Moves the clocks alone, never back. */
  async #move(to: number): Promise<void> {
    const ms = to - Date.now();
    if (ms <= 0) return;
    vi.setSystemTime(to);
    platformClock.move(ms);
    // Whoever still can has asked in so long a time, and is not taken for silent.
    if (ms >= MINUTE) await Promise.all([...this.#rooms].map((room) => room.settle()));
  }

  #virtual(ms: number, run: () => void): () => void {
    const timer: ClientTimer = { at: Date.now() + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #blink(ms: number, run: () => void): () => void {
    let stop = (): void => undefined;
    const blink = new Promise<void>((resolve) => {
      const cancel = real(ms, () => {
        this.#isBlinking = true;
        try {
          run();
        } finally {
          this.#isBlinking = false;
          resolve();
        }
      });
      stop = () => {
        cancel();
        resolve();
      };
    }).finally(() => this.#blinks.delete(blink));
    this.#blinks.add(blink);
    return stop;
  }

  async #settle(quietly: boolean): Promise<void> {
    const rooms = [...this.#rooms];
    while (this.#blinks.size > 0 || !rooms.every(({ isSteady }) => isSteady)) {
      await Promise.all(this.#blinks);
      // A client that dials does so in the turn after the next.
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (this.#blinks.size === 0) break;
    }
    await Promise.all([...this.#rooms].map((room) => (quietly ? room.quiet() : room.settle())));
  }

  /** What is due first, if anything is: a client's timer before an alarm of the same moment. */
  async #next(
    known: Alarms,
  ): Promise<ClientTimer | { readonly at: number; readonly room: Ringing } | undefined> {
    const alarms = await Promise.all(
      [...this.#rooms].map(async (room) => {
        const { activity } = room;
        // To look costs more than all else of a day in which clients only ask whether the room is there.
        let alarm = known.get(room);
        if (alarm?.activity !== activity) alarm = { activity, at: await room.alarm() };
        known.set(room, alarm);
        return alarm.at === null ? [] : [{ at: alarm.at, room }];
      }),
    );
    return [...this.#timers, ...alarms.flat()].toSorted((one, other) => one.at - other.at)[0];
  }
}

/** The time of this file's tests. */
export const time: VirtualTime = new VirtualTime();

/** Runs something when the test that is running has ended; outside of a test it does nothing. */
export function afterThisTest(run: () => void | Promise<void>): void {
  try {
    onTestFinished(run);
  } catch {
    // In `beforeAll`, say: what is shared by tests ends with their file.
  }
}

/** There is one clock: tests that run at the same time would move each other's. */
function oneAtATime(): void {
  if (TestRunner.getCurrentTest()?.concurrent !== true) return;
  throw new Error(
    `Tests with rooms share one clock, and cannot be \`concurrent\`${nameOfTest()}. Files run beside each other as they are.`,
  );
}

function cannotMove(ms: number): RangeError {
  return new RangeError(`Time cannot move by ${ms} ms.`);
}

/** Throws for a moment at which the platform would ring, by its own clock, before the test does. */
function toCome(at: number): void {
  // The second that has begun is where a test begins that says the time itself.
  const now = Math.floor((performance.timeOrigin + platformClock.real()) / SECOND) * SECOND;
  if (at >= now) return;
  throw new RangeError(
    `The clock of a room cannot be set to ${new Date(at).toISOString()}: the platform rings at what is past by its own clock, before time.advance does. Freeze a moment that is still to come.`,
  );
}

function real(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
