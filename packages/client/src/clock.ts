/** The clock of the client: the wall clock and timers, injected so that tests hold both. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `run` after `ms` milliseconds; gives what cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** A timer set for longer than this rings at once, in every runtime. */
const LONGEST = 2 ** 31 - 1;

/** The clock of the machine. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};
