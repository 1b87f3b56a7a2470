/**
 * The clock by which the platform stamps when a connection last asked whether the room is there. It
 * is moved along with virtual time, so that who is gone without a word falls silent as that passes.
 *
 * The platform's stamps are real: to each is added what had passed in virtual time when it was made.
 */

/** What has passed in virtual time, in ms, from a moment of the real clock on. */
interface Passed {
  readonly from: number;
  readonly ms: number;
}

/** The platform's clock, as rooms see it. */
class PlatformClock {
  /** The latest last. */
  #passed: Passed[] = [];
  /** What `performance.now()` says where no time is moved, in ms. */
  readonly real: () => number = performance.now.bind(performance);
  readonly #seen = new WeakSet<object>();

  /** Moves on by so many ms. */
  move(ms: number): void {
    if (this.#passed.length === 0) {
      const value = (): number => this.real() + this.#passedBy(Infinity);
      Object.defineProperty(performance, "now", { configurable: true, writable: true, value });
    }
    const from = performance.timeOrigin + this.real();
    this.#passed.push({ from, ms: this.#passedBy(from) + ms });
  }

  /** The real clock counts again. */
  stop(): void {
    this.#passed = [];
    Reflect.deleteProperty(performance, "now"); // the platform's own is its prototype's
  }

  /** Lets objects of this state's class see stamps as they are in virtual time. */
  seenBy(state: DurableObjectState): void {
    // SAFETY: a state is of the platform's class.
    const states = Reflect.getPrototypeOf(state) as DurableObjectState;
    if (this.#seen.has(states)) return;
    this.#seen.add(states);
    const { getWebSocketAutoResponseTimestamp: stampOf } = states;
    const passedBy = this.#passedBy.bind(this);
    states.getWebSocketAutoResponseTimestamp = function (this: DurableObjectState, socket) {
      const stamp = stampOf.call(this, socket);
      return stamp && new Date(stamp.getTime() + passedBy(stamp.getTime()));
    };
  }

  #passedBy(moment: number): number {
    return this.#passed.findLast(({ from }) => from <= moment)?.ms ?? 0;
  }
}

/** There is one for all rooms of a test. */
export const platformClock: PlatformClock = new PlatformClock();
