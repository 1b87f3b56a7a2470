/**
 * Whether anybody is still there. A socket can be dead for minutes before the platform says so
 * (`[B5]`), so the client asks with a text that the platform answers without waking the room,
 * and judges by the wall clock: timers sleep with the machine and are slow in hidden pages.
 */
import type { Clock } from "./clock.ts";

/** A socket is asked after this long without a frame, in ms, or after 5/8 of `silence`. */
const PING_EVERY = 25_000;
/** How long an answer to a probe may take, in ms. */
export const PATIENCE = 5_000;

/** What liveness does to the connection. */
export interface Pulse {
  ping(): void;
  dead(): void;
}

/** The liveness of one socket, from `start` to `stop`. */
export class Liveness {
  readonly #clock: Clock;
  readonly #silence: number;
  readonly #pulse: Pulse;
  /** When anything was heard last; `undefined` while stopped. */
  #heard: number | undefined;
  /** Until when an answer must come; `undefined` when nothing was asked. */
  #deadline: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, silence: number, pulse: Pulse) {
    this.#clock = clock;
    this.#silence = silence;
    this.#pulse = pulse;
  }

  start(): void {
    this.#heard = this.#clock.now();
    this.#deadline = undefined;
    this.#check();
  }

  stop(): void {
    this.#heard = undefined;
    this.#cancel?.();
  }

  /** Any frame counts. */
  heard(): void {
    if (this.#heard === undefined) return;
    this.#heard = this.#clock.now();
    this.#deadline = undefined;
  }

  /** Asks now, and waits only for a little: the network or the page gave a reason to doubt. */
  probe(): void {
    if (this.#heard === undefined) return;
    this.#ask(this.#clock.now() + PATIENCE);
    this.#check();
  }

  #ask(until: number): void {
    this.#deadline = Math.min(this.#deadline ?? Infinity, until);
    this.#pulse.ping();
  }

  #check(): void {
    this.#cancel?.();
    if (this.#heard === undefined) return;
    const now = this.#clock.now();
    // A timer that came late finds nothing asked yet: it asks before it judges.
    if (this.#deadline !== undefined && now >= this.#deadline) {
      this.stop();
      this.#pulse.dead();
      return;
    }
    const askAt = this.#heard + Math.min(PING_EVERY, this.#silence * 0.625);
    if (this.#deadline === undefined && now >= askAt) {
      this.#ask(Math.max(this.#heard + this.#silence, now + PATIENCE));
    }
    this.#cancel = this.#clock.after((this.#deadline ?? askAt) - now, () => this.#check());
  }
}
