/**
 * Pace: what one connection sends in haste waits, in its order, so that others are heard before it.
 *
 *   job -> in haste, or behind one that waits? -> held -> a share of all that is held, each 20 ms -> turn
 *                        \-> turn
 *
 * Nothing is refused for it: who comes back with a full outbox is taken within a second, and nobody
 * beside it notices. What a connection has yet to be taken is dropped with it when it is closed
 * for going on. Memory is bounded: what is beyond `MOST` is not held any longer.
 */
import type { After } from "./handler-time.ts";

/** How often a share of what is held is let go of, in ms. */
export const STEP = 20;
/** Characters or bytes that are held at most. */
const MOST = 1024 * 1024;

/** What pace asks of its turns. */
export interface PaceContext<Job> {
  /** Jobs of a step, of all that is held. */
  readonly share: number;
  readonly after: After;
  sourceOf(job: Job): object | undefined;
  sizeOf(job: Job): number;
  /** Takes jobs in; gives what `Turns.push` gives. */
  release(jobs: readonly Job[]): Promise<void> | undefined;
}

/** What is held of one source. */
interface Held<Job> {
  readonly jobs: Job[];
  /** When all of it was handled. */
  readonly end: PromiseWithResolvers<void>;
}

/** What is held of the jobs of one room. */
export class Pace<Job> {
  readonly #context: PaceContext<Job>;
  /** By source, the one first whose turn it is. */
  readonly #held = new Map<object, Held<Job>>();
  #size = 0;
  #isArmed = false;

  constructor(context: PaceContext<Job>) {
    this.#context = context;
  }

  /** Holds a job that comes in haste, or behind one that is held; says when it was handled, where it is held. */
  hold(job: Job, isHasty: boolean): Promise<void> | undefined {
    if (!isHasty && this.#held.size === 0) return undefined;
    const source = this.#context.sourceOf(job);
    if (!source) return undefined;
    let held = this.#held.get(source);
    if (!held) {
      if (!isHasty) return undefined;
      this.#held.set(source, (held = { jobs: [], end: Promise.withResolvers() }));
    }
    held.jobs.push(job);
    this.#size += this.#context.sizeOf(job);
    if (this.#size > MOST) void this.#letGo(held.jobs.splice(0, this.#context.share));
    this.#arm();
    return held.end.promise;
  }

  /** Lets go of all that is held of a source. */
  finish(source: object): void {
    const held = this.#held.get(source);
    if (held) this.#end(source, held);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#context.after(STEP, () => {
      this.#isArmed = false;
      this.#step();
      if (this.#held.size > 0) this.#arm();
    });
  }

  /** Lets go of one share: as much of each source, and in the next step of those first that had to wait. */
  #step(): void {
    const { share } = this.#context;
    const each = Math.max(1, Math.floor(share / this.#held.size));
    for (const [source, held] of [...this.#held].slice(0, share)) {
      if (held.jobs.length <= each) this.#end(source, held);
      else {
        void this.#letGo(held.jobs.splice(0, each));
        this.#held.delete(source);
        this.#held.set(source, held);
      }
    }
  }

  #end(source: object, { jobs, end }: Held<Job>): void {
    this.#held.delete(source);
    const taken = this.#letGo(jobs);
    if (taken) void taken.then(end.resolve);
    else end.resolve();
  }

  #letGo(jobs: readonly Job[]): Promise<void> | undefined {
    for (const job of jobs) this.#size -= this.#context.sizeOf(job);
    return this.#context.release(jobs);
  }
}
