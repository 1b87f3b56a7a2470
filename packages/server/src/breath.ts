/**
 * Taking breath: a room that is given frames as fast as it can take them lets the others in.
 *
 * The platform's event loop looks at its sockets and timers only when nothing else is left to do
 * (seen in workerd of 2026-11). A connection that sends faster than the room takes its frames
 * leaves something to do, always: until it pauses, nobody else is heard, no timer rings and no
 * close is sent, for seconds. Here a room that has had so many frames in so short a time waits for
 * a zero timer before it takes the next one, and by then the platform has looked.
 */

/** So many frames may follow one another. */
const FRAMES = 64;
/** What takes longer, in ms, is no flood. */
const FLOOD = 100;

/** The breath of one room. */
export class Breath {
  readonly #ctx: Pick<DurableObjectState, "blockConcurrencyWhile">;
  #frames = 0;
  #since = 0;

  constructor(ctx: Pick<DurableObjectState, "blockConcurrencyWhile">) {
    this.#ctx = ctx;
  }

  /** A frame has come, whatever becomes of it. */
  heard(): void {
    this.#frames += 1;
    if (this.#frames < FRAMES) return;
    const now = Date.now();
    const isFlood = now - this.#since < FLOOD;
    this.#frames = 0;
    this.#since = now;
    if (isFlood) void this.#ctx.blockConcurrencyWhile(aZeroTimer);
  }
}

function aZeroTimer(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
