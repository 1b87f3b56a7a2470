/**
 * The client's connection: one pure state machine. `(state, event) -> [state, effects]`.
 *
 *             start                token            opened             welcomed
 *    closed --------> authorizing -------> dialing --------> greeting ---------> connected
 *      ^                ^     |               |                 |                    |
 *      |           rang |     | no-token      | dropped         | dropped            | dropped
 *      |          hurry |     | rang          | rang            | rang, replace      | replace
 *      |                |     v               v                 v                    |
 *      |                +-- waiting <---------+-----------------+--------------------+
 *      |
 *      +-- close, or a drop whose policy is to stop: from every state
 *
 * A drop whose policy is to authenticate goes straight to `authorizing`, once between two
 * welcomes; the next one waits. `start` begins anew from every state.
 */
import type { ClosePolicy } from "@greenroom/protocol";

import { backoff } from "./backoff.ts";

/** What every attempt remembers. */
export interface Attempt {
  /** Failed attempts since the last welcome. */
  readonly tries: number;
  /** Whether the room asked for a new token since the last welcome. */
  readonly denied: boolean;
  /** Whether there was a welcome since the start. */
  readonly again: boolean;
}

/** Where the connection is; each state has only its own fields. */
export type Connection =
  | { readonly at: "closed"; readonly code: number; readonly reason: string }
  | { readonly at: "authorizing"; readonly attempt: Attempt }
  | { readonly at: "dialing"; readonly attempt: Attempt }
  | { readonly at: "greeting"; readonly attempt: Attempt }
  | { readonly at: "connected"; readonly slot: number }
  /** `asked`: it is the room that asked for the wait. */
  | { readonly at: "waiting"; readonly attempt: Attempt; readonly asked: boolean };

/** What can happen to it. */
export type ConnectionEvent =
  /** The app wants a connection, at once and with a fresh token. */
  | { readonly type: "start" }
  | { readonly type: "token" }
  | { readonly type: "no-token" }
  | { readonly type: "opened" }
  | { readonly type: "welcomed"; readonly slot: number }
  /** The socket is gone; `policy` is what its close code asks for. */
  | {
      readonly type: "dropped";
      readonly policy: ClosePolicy;
      readonly code: number;
      readonly reason: string;
    }
  /** The timer of the state rang. */
  | { readonly type: "rang" }
  /** The network came back, or the page is looked at. */
  | { readonly type: "hurry" }
  /** The socket is open and of no use: silent, or with a gap. */
  | { readonly type: "replace" }
  | { readonly type: "close" };

/** What is to be done after a step, in order. A change of state cancels the state's timer. */
export type ConnectionEffect =
  | { readonly do: "token" }
  | { readonly do: "dial" }
  | { readonly do: "hang-up" }
  | { readonly do: "wake"; readonly after: number };

/** What a step needs from outside: chance (0 to 1) and the time limits in ms. */
export interface Surroundings {
  readonly random: number;
  readonly tokenTimeout: number;
  readonly dialTimeout: number;
}

/** The next state and what is to be done. */
export type Step = readonly [Connection, readonly ConnectionEffect[]];

/** What the app sees of the connection. */
export type Status =
  | { readonly state: "connecting" }
  | { readonly state: "connected" }
  | { readonly state: "reconnecting"; readonly attempt: number }
  /** `reason` is the name of a close code, the app's own text, or `closed`. */
  | { readonly state: "closed"; readonly reason: string; readonly code: number };

/** The state of a client that has not started, or was closed by its app. */
export const CLOSED: Connection = Object.freeze({ at: "closed", code: 1000, reason: "closed" });

/** One step: the same state and no effects where the event means nothing to it. */
export function step(state: Connection, event: ConnectionEvent, around: Surroundings): Step {
  // SAFETY: the table's type ties each cell to its state and event, which are looked up here.
  const cell = TABLE[state.at][event.type] as (
    state: Connection,
    event: ConnectionEvent,
    around: Surroundings,
  ) => Step;
  return cell(state, event, around);
}

/** The public status of a state. */
export function statusOf(state: Connection): Status {
  switch (state.at) {
    case "closed":
      return { state: "closed", reason: state.reason, code: state.code };
    case "connected":
      return { state: "connected" };
    case "authorizing":
    case "dialing":
    case "greeting":
    case "waiting":
      return state.attempt.again
        ? { state: "reconnecting", attempt: state.attempt.tries + 1 }
        : { state: "connecting" };
    default:
      return state satisfies never;
  }
}

type At<Name extends Connection["at"]> = Extract<Connection, { at: Name }>;
type On<Name extends ConnectionEvent["type"]> = Extract<ConnectionEvent, { type: Name }>;
type Table = {
  readonly [S in Connection["at"]]: {
    readonly [E in ConnectionEvent["type"]]: (
      state: At<S>,
      event: On<E>,
      around: Surroundings,
    ) => Step;
  };
};

/** A cell of every state that is attempting. */
type Attempting = { readonly attempt: Attempt };

const FRESH: Attempt = { tries: 0, denied: false, again: false };
const DROPPED: Attempt = { tries: 0, denied: false, again: true };
const HANG_UP: ConnectionEffect = { do: "hang-up" };

const stay = (state: Connection): Step => [state, []];
const shut = (): Step => [CLOSED, []];
const hangUpAndShut = (): Step => [CLOSED, [HANG_UP]];

const authorize = (
  attempt: Attempt,
  { tokenTimeout }: Surroundings,
  ...before: ConnectionEffect[]
): Step => [
  { at: "authorizing", attempt },
  [...before, { do: "wake", after: tokenTimeout }, { do: "token" }],
];

const wait = (
  attempt: Attempt,
  { random }: Surroundings,
  slot = 0,
  asked = 0,
  ...before: ConnectionEffect[]
): Step => [
  { at: "waiting", attempt, asked: asked > 0 },
  [...before, { do: "wake", after: asked + backoff(attempt.tries, slot, random) }],
];

const failed = ({ attempt }: Attempting): Attempt => ({ ...attempt, tries: attempt.tries + 1 });
const fresh = ({ attempt }: Attempting): Attempt => ({ ...FRESH, again: attempt.again });

const begin = (state: Attempting, _: unknown, around: Surroundings): Step =>
  authorize(fresh(state), around);
const hangUpAndBegin = (state: Attempting, _: unknown, around: Surroundings): Step =>
  authorize(fresh(state), around, HANG_UP);
const miss = (state: Attempting, _: unknown, around: Surroundings): Step =>
  wait(failed(state), around);
const giveUp = (state: Attempting, _: unknown, around: Surroundings): Step =>
  wait(failed(state), around, 0, 0, HANG_UP);

/** After a drop: what the close code's policy says. `next` is the attempt that follows. */
function drop(
  { policy, code, reason }: On<"dropped">,
  around: Surroundings,
  next: Attempt,
  slot = 0,
): Step {
  switch (policy.do) {
    case "stop":
      // The reason of a code of ours is its name.
      return [{ at: "closed", code, reason: reason || "closed" }, []];
    case "authenticate": {
      const attempt = { ...next, denied: true };
      return next.denied ? wait(attempt, around) : authorize(attempt, around);
    }
    case "retry":
      return wait(next, around, slot, policy.after);
    default:
      return policy satisfies never;
  }
}

const missed = (state: Attempting, event: On<"dropped">, around: Surroundings): Step =>
  drop(event, around, failed(state));

const TABLE: Table = {
  closed: {
    start: (_, __, around) => authorize(FRESH, around),
    token: stay,
    "no-token": stay,
    opened: stay,
    welcomed: stay,
    dropped: stay,
    rang: stay,
    hurry: stay,
    replace: stay,
    close: stay,
  },
  authorizing: {
    start: begin,
    token: ({ attempt }, _, { dialTimeout }) => [
      { at: "dialing", attempt },
      [{ do: "wake", after: dialTimeout }, { do: "dial" }],
    ],
    "no-token": miss,
    opened: stay,
    welcomed: stay,
    dropped: stay,
    rang: miss,
    hurry: stay,
    replace: stay,
    close: shut,
  },
  dialing: {
    start: hangUpAndBegin,
    token: stay,
    "no-token": stay,
    opened: ({ attempt }, _, { dialTimeout }) => [
      { at: "greeting", attempt },
      [{ do: "wake", after: dialTimeout }],
    ],
    welcomed: stay,
    dropped: missed,
    rang: giveUp,
    hurry: stay,
    replace: giveUp,
    close: hangUpAndShut,
  },
  greeting: {
    start: hangUpAndBegin,
    token: stay,
    "no-token": stay,
    opened: stay,
    welcomed: (_, { slot }) => [{ at: "connected", slot }, []],
    dropped: missed,
    rang: giveUp,
    hurry: stay,
    replace: giveUp,
    close: hangUpAndShut,
  },
  connected: {
    start: (_, __, around) => authorize(DROPPED, around, HANG_UP),
    token: stay,
    "no-token": stay,
    opened: stay,
    welcomed: stay,
    dropped: ({ slot }, event, around) => drop(event, around, DROPPED, slot),
    rang: stay,
    hurry: stay,
    replace: ({ slot }, _, around) => wait(DROPPED, around, slot, 0, HANG_UP),
    close: hangUpAndShut,
  },
  waiting: {
    start: begin,
    token: stay,
    "no-token": stay,
    opened: stay,
    welcomed: stay,
    dropped: stay,
    rang: ({ attempt }, _, around) => authorize(attempt, around),
    // Where the room itself asked for the wait, a glance at the page does not shorten it.
    hurry: (state, _, around) => (state.asked ? stay(state) : authorize(state.attempt, around)),
    replace: stay,
    close: shut,
  },
};
