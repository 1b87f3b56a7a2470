/**
 * Turns: what arrives together, or while a commit is under way, is handled in one turn and with one
 * commit. The first after a quiet moment is handled at once, within its own event.
 *
 *   jobs -> waiting -> [ zero timers, while jobs keep coming ] -> turn -> commit -> next turn
 *
 * To wait for the commit of a lone job costs a sixth of what the job does. Where two talk by turns
 * nothing ever comes meanwhile: a room that has seen that waits only now and then (U6).
 *
 * Who sends without a pause keeps the platform's event loop from looking at anything else (see
 * `breath.ts`): its jobs would all be lone ones. So a turn waits for a zero timer where none has
 * rung for long; where two talk by turns, one always has.
 */

import type { After } from "./handler-time.ts";
import { Pace } from "./pace.ts";

/** Zero timers that a turn waits for at most, while jobs keep coming. */
const LINGER = 20;
/** After so many waits in a row in which nothing came, only each `PROBE`th lone job waits. */
const VAIN = 8;
const PROBE = 16;
/** After so many ms without a job what came before says nothing any more. */
const QUIET = 50;
/** After so many ms of turns it is asked whether zero timers still ring, and after twice as many waited for one. */
const BREATH = 8;

/** What turns ask of their room. */
export interface TurnsContext<Job> {
  /** Handles jobs in their order, at once; says whether anything was written. */
  turn(jobs: Job[]): boolean;
  /** Resolves when everything written so far is durable. */
  committed(): Promise<void>;
  /** Jobs of one source in haste that are taken in a step of `pace.ts`. */
  readonly share: number;
  /** Whose job it is, where it can be in haste. */
  sourceOf(job: Job): object | undefined;
  /** What it takes of memory, in characters or bytes. */
  sizeOf(job: Job): number;
  readonly after: After;
  /** Calls back when what has arrived together is here: a zero timer. */
  soon(call: () => void): void;
  /** In ms since 1970. */
  now(): number;
  report(fault: unknown, where: string): void;
}

/** The turns of one room. */
export class Turns<Job> {
  readonly #context: TurnsContext<Job>;
  /** Made when somebody is in haste. */
  #pace: Pace<Job> | undefined;
  #waiting: Job[] = [];
  /** Resolves when the turn is over that takes what waits now. */
  #next: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #isBusy = false;
  /** How many jobs the last turn had: after a lone one the next is handled at once. */
  #recent = 0;
  /** Waits in a row in which nothing came. */
  #vain = 0;
  /** Lone jobs since the last wait. */
  #unwaited = 0;
  #lastAt = 0;
  /** When the platform has last looked at its timers, as far as is known. */
  #rungAt = 0;
  #isAsked = false;

  constructor(context: TurnsContext<Job>) {
    this.#context = context;
  }

  /**
   * Takes a job in; resolves when its turn is over. In a quiet room it is when this returns: `undefined`.
   * One that comes in haste waits while others are heard, and those of its source behind it.
   */
  push(job: Job, isHasty = false): Promise<void> | undefined {
    if (isHasty)
      this.#pace ??= new Pace({ ...this.#context, release: (jobs) => this.#release(jobs) });
    const held = this.#pace?.hold(job, isHasty);
    if (held) return held;
    const { promise } = this.#next;
    this.#waiting.push(job);
    return this.#begin(promise);
  }

  /** Has what is here of a source taken without a wait; resolves when it was, however many turns that takes. */
  async finish(source: object): Promise<void> {
    this.#pace?.finish(source);
    const { sourceOf } = this.#context;
    while (this.#waiting.some((job) => sourceOf(job) === source)) await this.#next.promise;
  }

  /** Begins to take what waits, unless that is under way; gives the promise that is over with it, where it is not yet. */
  #begin(promise: Promise<void>): Promise<void> | undefined {
    if (!this.#isBusy) {
      this.#isBusy = true;
      void this.#drain();
    }
    return promise === this.#next.promise ? promise : undefined;
  }

  /** Takes jobs in from within a turn: for the next one, in front of or behind what waits already. */
  add(where: "front" | "back", jobs: readonly Job[]): void {
    if (where === "front") this.#waiting.unshift(...jobs);
    else this.#waiting.push(...jobs);
  }

  #release(jobs: readonly Job[]): Promise<void> | undefined {
    const { promise } = this.#next;
    this.#waiting.push(...jobs);
    return this.#begin(promise);
  }

  async #drain(): Promise<void> {
    const { turn, committed, report } = this.#context;
    while (this.#waiting.length > 0) {
      // Not awaited where there is nothing to wait for: a lone job is handled within its event.
      if (this.#isBreathless()) await this.#pause();
      if (this.#recent > 1) await this.#gather();
      const jobs = this.#waiting;
      const { resolve } = this.#next;
      this.#waiting = [];
      this.#next = Promise.withResolvers<void>();
      this.#recent = jobs.length;
      try {
        const wrote = turn(jobs);
        // Who waits for the turn does not wait for its commit, too: the platform holds back what it sends.
        resolve();
        if (wrote && this.#isWorthWaiting(jobs.length)) {
          await committed();
          this.#vain = jobs.length > 1 || this.#waiting.length > 0 ? 0 : this.#vain + 1;
        }
      } catch (fault) {
        // A frame that could not be sent, or a commit that did not come: the room goes on.
        report(fault, "the end of a burst");
        resolve();
      }
    }
    this.#isBusy = false;
  }

  /** Whether turns have followed one another for so long that nothing else can have been looked at. */
  #isBreathless(): boolean {
    const now = this.#context.now();
    if (now - this.#lastAt > QUIET) this.#rungAt = now;
    const unrung = now - this.#rungAt;
    if (unrung >= BREATH && !this.#isAsked) {
      this.#isAsked = true;
      void this.#pause().then(() => (this.#isAsked = false));
    }
    return unrung >= 2 * BREATH;
  }

  /** Whether something may come while the turn is committed. */
  #isWorthWaiting(jobs: number): boolean {
    const now = this.#context.now();
    if (jobs > 1 || now - this.#lastAt > QUIET) this.#vain = 0;
    this.#lastAt = now;
    this.#unwaited = this.#vain < VAIN ? 0 : (this.#unwaited + 1) % PROBE;
    return this.#unwaited === 0;
  }

  /** Waits while jobs keep coming: a turn that is closed early costs everybody a frame. */
  async #gather(): Promise<void> {
    const enough = this.#recent * 0.9;
    let seen = -1;
    for (let round = 0; round < LINGER; round++) {
      if (this.#waiting.length === seen || this.#waiting.length >= enough) return;
      seen = this.#waiting.length;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#context.soon(resolve);
    });
    this.#rungAt = this.#context.now();
  }
}
