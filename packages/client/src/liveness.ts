/**
 * Whether anybody is still there. A socket can be dead for minutes before the platform says so
 * (`[B5]`), so the client asks with a text that the platform answers without waking the room,
 * and judges by the wall clock: timers sleep with the machine and are slow in hidden pages.
 */
import type { Clock } from "./clock.ts";

/** A socket is asked after this long without a frame, in ms, or after 5/8 of `silence`. */
const PING_EVERY = 25_000;
/** And after this long whatever it says, in ms: the room hears nothing of a client that only listens. */
const SHOW_EVERY = 60_000;
/** How long the answer to a probe may take, in ms, or 3/8 of `silence`. */
const PATIENCE = 5_000;

/** The liveness of one socket after another. */
export interface Liveness {
  /** A socket has opened. */
  start(): void;
  stop(): void;
  /** A frame came; any counts. */
  heard(): void;
  /** Asks now, and waits only for a little: the network or the page gave a reason to doubt. */
  probe(): void;
}

/** Watches over a socket: calls `ping` to ask, and `dead` once when no answer came. */
export function liveness(
  clock: Clock,
  silence: number,
  ping: () => void,
  dead: () => void,
): Liveness {
  /** When anything was heard last; `undefined` while stopped. */
  let last: number | undefined;
  /** When it was asked last, in ms since 1970. */
  let asked = 0;
  /** Until when an answer must come; `undefined` when nothing was asked. */
  let deadline: number | undefined;
  let cancel = (): void => undefined;
  const patience = Math.min(PATIENCE, silence * 0.375);

  function check(isProbe?: boolean): void {
    cancel();
    if (last === undefined) return;
    const now = clock.now();
    // A clock that was set back says nothing of the socket: as if it were heard just now.
    if (now < last) {
      asked = last = now;
      deadline = undefined;
    }
    const askAt = Math.min(last + Math.min(PING_EVERY, silence * 0.625), asked + SHOW_EVERY);
    if (deadline !== undefined && now >= deadline) {
      stop();
      dead();
      return;
    }
    if (isProbe) {
      deadline = Math.min(deadline ?? Infinity, now + patience);
      ask(now);
    } else if (deadline === undefined && now >= askAt) {
      // A timer that came late finds nothing asked yet: it asks before it judges.
      deadline = Math.max(last + silence, now + patience);
      ask(now);
    }
    cancel = clock.after((deadline ?? askAt) - now, () => check());
  }

  function ask(now: number): void {
    asked = now;
    ping();
  }

  function heard(): void {
    if (last !== undefined) last = clock.now();
    deadline = undefined;
  }

  function stop(): void {
    last = undefined;
    cancel();
  }

  return {
    start() {
      // Who opens a socket asks at once.
      asked = last = clock.now();
      deadline = undefined;
      check();
    },
    stop,
    heard,
    probe: () => check(true),
  };
}
