/**
 * Taking breath: a room that is given frames as fast as it can take them lets the others in.
 *
 * The platform's event loop looks at its sockets and timers only when nothing else is left to do
 * (seen in workerd of 2026-11). A connection that sends faster than the room takes its frames
 * leaves something to do, always: until it pauses, nobody else is heard, no timer rings and no
 * close is sent, for seconds. Here a room that has had so many frames in so short a time waits for
 * a zero timer before it takes the next one, and by then the platform has looked.
 */

/** So many frames may follow one another, or fewer of those that weigh more. */
const FRAMES = 64;
/** How many frames one weighs that comes in haste, or from a connection that is closed: the others come first. */
export const FLOODING = 8;
/** What takes longer, in ms, is no flood. */
const FLOOD = 100;

/** The breath of one room: to be called with what each frame weighs, whatever becomes of it. */
export function breathOf(
  ctx: Pick<DurableObjectState, "blockConcurrencyWhile">,
): (weight: number) => void {
  let frames = 0;
  let since = 0;
  return (weight) => {
    frames += weight;
    if (frames < FRAMES) return;
    frames = 0;
    const now = Date.now();
    if (now - since < FLOOD)
      void ctx.blockConcurrencyWhile(() => new Promise((resolve) => setTimeout(resolve, 0)));
    since = now;
  };
}
