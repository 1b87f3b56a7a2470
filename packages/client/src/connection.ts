/**
 * The client's connection: one pure state machine. `(state, event) -> [state, effect]`.
 *
 *             start                token               welcomed
 *    closed --------> authorizing -------> dialing ----------> connected
 *      ^                ^     |               |                    |
 *      |           rang |     | no-token      | dropped, rang      | dropped
 *      |          hurry |     | rang          | replace            | replace
 *      |                |     v               v                    |
 *      |                +-- waiting <---------+--------------------+
 *      |
 *      +-- close, or a drop whose policy is to stop: from every state
 *
 * A drop whose policy is to authenticate goes straight to `authorizing`; while dialing it means that
 * the token was denied, and the second denial in a row stops the client. `start` begins anew from
 * every state.
 */
import type { ClosePolicy } from "@greenroom/protocol";

import { backoff } from "./backoff.ts";

/** What every attempt remembers. */
export interface Attempt {
  /** Failed attempts since the last steady connection. */
  readonly tries: number;
  /** Whether a token was denied since the last welcome. */
  readonly denied: boolean;
  /** Whether there was a welcome since the start. */
  readonly again: boolean;
}

/** Where the connection is; each state has only its own fields. */
export type Connection =
  | { readonly at: "closed"; readonly code: number; readonly reason: string }
  | { readonly at: "authorizing"; readonly attempt: Attempt }
  | { readonly at: "dialing"; readonly attempt: Attempt }
  | {
      readonly at: "connected";
      readonly attempt: Attempt;
      readonly slot: number;
      /** In ms since 1970. */
      readonly since: number;
    }
  /** `asked`: it is the room that asked for the wait. */
  | { readonly at: "waiting"; readonly attempt: Attempt; readonly asked: boolean };

/** What can happen to it. */
export type ConnectionEvent =
  /** The app wants a connection, at once and with a fresh token. */
  | { readonly type: "start" }
  | { readonly type: "token" }
  | { readonly type: "no-token" }
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

/** What a step needs from outside: the time, chance (0 to 1), and the time limits in ms. */
export interface Surroundings {
  readonly now: number;
  readonly random: number;
  readonly tokenTimeout: number;
  readonly dialTimeout: number;
}

/**
 * The next state, and when its timer rings, in ms. What else is to be done follows from the state
 * that is entered: `authorizing` fetches a token, `dialing` dials, `connected` keeps the socket,
 * and the others have none.
 */
export type Step = readonly [Connection, rings?: number];

/** What the app sees of the connection. */
export type Status =
  | { readonly state: "connecting" }
  | { readonly state: "connected" }
  | { readonly state: "reconnecting"; readonly attempt: number }
  /** `reason` is the name of a close code, the app's own text, or `closed`. */
  | { readonly state: "closed"; readonly reason: string; readonly code: number };

/** The state of a client that has not started, or was closed by its app. */
export const CLOSED: Connection = Object.freeze({ at: "closed", code: 1000, reason: "closed" });

/** One step: the very same state where the event means nothing to it. */
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

/** What all states have in common that are on their way. */
type Attempting = { readonly attempt: Attempt };

/** A connection that breaks before this age, in ms, counts as a failed attempt. */
const STEADY = 5000;

const FRESH: Attempt = { tries: 0, denied: false, again: false };
const DROPPED: Attempt = { tries: 0, denied: false, again: true };

const stay = (state: Connection): Step => [state];
const shut = (): Step => [CLOSED];
/** The reason of a code of ours begins with its name. */
const closed = (code: number, reason: string): Step => [
  { at: "closed", code, reason: reason || "closed" },
];

const authorize = (attempt: Attempt, { tokenTimeout }: Surroundings): Step => [
  { at: "authorizing", attempt },
  tokenTimeout,
];

const wait = (attempt: Attempt, { random }: Surroundings, slot = 0, asked = 0): Step => [
  { at: "waiting", attempt, asked: asked > 0 },
  asked + backoff(attempt.tries, slot, random),
];

const begin = ({ attempt }: Attempting, _: unknown, around: Surroundings): Step =>
  authorize({ ...FRESH, again: attempt.again }, around);
const failed = ({ attempt }: Attempting): Attempt => ({ ...attempt, tries: attempt.tries + 1 });
const next = (state: At<"connected">, { now }: Surroundings): Attempt =>
  now - state.since < STEADY ? failed(state) : DROPPED;
const miss = (state: Attempting, _: unknown, around: Surroundings): Step =>
  wait(failed(state), around);

/** After a drop: what the close code's policy says. `attempt` is the one that follows. */
function drop(
  { policy, code, reason }: On<"dropped">,
  around: Surroundings,
  attempt: Attempt,
  slot = 0,
): Step {
  switch (policy.do) {
    case "stop":
      return closed(code, reason);
    case "authenticate":
      // A token that ends right after each welcome is no reason to dial in a loop.
      return (attempt.tries > 0 ? wait : authorize)(attempt, around);
    case "retry":
      return wait(attempt, around, slot, policy.after);
    default:
      return policy satisfies never;
  }
}

/** While dialing, a close that asks for a token denies the one that was brought. */
function missed(state: Attempting, event: On<"dropped">, around: Surroundings): Step {
  if (event.policy.do !== "authenticate") return drop(event, around, failed(state));
  if (state.attempt.denied) return closed(event.code, event.reason);
  return authorize({ ...failed(state), denied: true }, around);
}

const TABLE: Table = {
  closed: {
    start: (_, __, around) => authorize(FRESH, around),
    token: stay,
    "no-token": stay,
    welcomed: stay,
    dropped: stay,
    rang: stay,
    hurry: stay,
    replace: stay,
    close: stay,
  },
  authorizing: {
    start: begin,
    token: ({ attempt }, _, { dialTimeout }) => [{ at: "dialing", attempt }, dialTimeout],
    "no-token": miss,
    welcomed: stay,
    dropped: stay,
    rang: miss,
    hurry: stay,
    replace: stay,
    close: shut,
  },
  dialing: {
    start: begin,
    token: stay,
    "no-token": stay,
    welcomed: ({ attempt }, { slot }, { now }) => [
      { at: "connected", attempt: { ...attempt, denied: false, again: true }, slot, since: now },
    ],
    dropped: missed,
    rang: miss,
    hurry: stay,
    replace: miss,
    close: shut,
  },
  connected: {
    start: (_, __, around) => authorize(DROPPED, around),
    token: stay,
    "no-token": stay,
    welcomed: stay,
    dropped: (state, event, around) => drop(event, around, next(state, around), state.slot),
    rang: stay,
    hurry: stay,
    replace: (state, _, around) => wait(next(state, around), around, state.slot),
    close: shut,
  },
  waiting: {
    start: begin,
    token: stay,
    "no-token": stay,
    welcomed: stay,
    dropped: stay,
    rang: ({ attempt }, _, around) => authorize(attempt, around),
    // Where the room itself asked for the wait, a glance at the page does not shorten it.
    hurry: (state, _, around) => (state.asked ? stay(state) : authorize(state.attempt, around)),
    replace: stay,
    close: shut,
  },
};
