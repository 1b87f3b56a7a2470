/**
 * Newcomers: let in by their hooks, and not welcomed yet.
 *
 *   hooks -> 101 -> [ a zero timer, for all who come together ] -> one turn with their welcomes
 *
 * What is sent to a socket before its handshake is answered makes the platform hold 9 KB more for
 * it, for as long as it is there (workerd of 2026-11). Where the instance is lost before the timer
 * rings, so is the socket; or its client dials again, because no welcome comes.
 */
import type { DeliveryContext, Job } from "./jobs.ts";

type Newcomer<S> = Extract<Job<S>, { kind: "admit" }>;

/** The newcomers of one room. */
export interface Newcomers<S> {
  /** Welcomes a newcomer soon. */
  push(newcomer: Newcomer<S>): void;
  /** Something is heard of a socket: where it waits for its welcome, that comes first. */
  heard(socket: S): void;
}

/** Nobody has come yet; `turn` welcomes those who have come together. */
export function newcomersOf<S>(
  { soon }: Pick<DeliveryContext<never>, "soon">,
  turn: (newcomers: Newcomer<S>[]) => void,
): Newcomers<S> {
  const waiting: Newcomer<S>[] = [];
  const welcome = (): void => turn(waiting.splice(0));
  return {
    push(newcomer) {
      if (waiting.push(newcomer) === 1) soon(welcome);
    },
    heard(socket) {
      if (waiting.some((each) => each.socket === socket)) welcome();
    },
  };
}
