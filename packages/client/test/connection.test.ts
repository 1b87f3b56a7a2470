import { closePolicy } from "@greenroom/protocol";
import { describe, expect, test } from "vitest";

import {
  CLOSED,
  type Connection,
  type ConnectionEvent,
  type Step,
  type Surroundings,
  statusOf,
  step,
} from "../src/connection.ts";

const NOW = 1_000_000;
const AROUND: Surroundings = { now: NOW, random: 0.5, tokenTimeout: 111, dialTimeout: 222 };

const again = { tries: 2, denied: false, again: true };
const retried = { tries: 3, denied: false, again: true };
const fresh = { tries: 0, denied: false, again: true };

const STATES = {
  closed: { at: "closed", code: 4003, reason: "kicked" },
  authorizing: { at: "authorizing", attempt: again },
  dialing: { at: "dialing", attempt: again },
  connected: { at: "connected", attempt: again, slot: 100, since: NOW - 60_000 },
  waiting: { at: "waiting", attempt: again, asked: false },
} satisfies { [At in Connection["at"]]: Extract<Connection, { at: At }> };

const dropped = (code: number, reason = ""): ConnectionEvent => ({
  type: "dropped",
  policy: closePolicy(code, reason),
  code,
  reason,
});

const EVENTS = {
  start: { type: "start" },
  token: { type: "token" },
  "no-token": { type: "no-token" },
  welcomed: { type: "welcomed", slot: 40 },
  dropped: dropped(1006),
  rang: { type: "rang" },
  hurry: { type: "hurry" },
  replace: { type: "replace" },
  close: { type: "close" },
} satisfies { [Type in ConnectionEvent["type"]]: ConnectionEvent };

const authorizing = (attempt: typeof again): Step => [{ at: "authorizing", attempt }, 111];
// The third failure in a row: half of the window of 2,000 ms.
const backingOff: Step = [{ at: "waiting", attempt: retried, asked: false }, 1000];
// The slot of 100 ms, and half of 500 ms.
const comingBack: Step = [{ at: "waiting", attempt: fresh, asked: false }, 350];

/** What every cell gives; where one is missing, the state stays the very same. */
const CELLS: {
  [At in Connection["at"]]: { [Type in ConnectionEvent["type"]]: Step | "stay" };
} = {
  closed: {
    start: authorizing({ ...fresh, again: false }),
    token: "stay",
    "no-token": "stay",
    welcomed: "stay",
    dropped: "stay",
    rang: "stay",
    hurry: "stay",
    replace: "stay",
    close: "stay",
  },
  authorizing: {
    start: authorizing(fresh),
    token: [{ at: "dialing", attempt: again }, 222],
    "no-token": backingOff,
    welcomed: "stay",
    dropped: "stay",
    rang: backingOff,
    hurry: "stay",
    replace: "stay",
    close: [CLOSED],
  },
  dialing: {
    start: authorizing(fresh),
    token: "stay",
    "no-token": "stay",
    welcomed: [{ at: "connected", attempt: again, slot: 40, since: NOW }],
    dropped: backingOff,
    rang: backingOff,
    hurry: "stay",
    replace: backingOff,
    close: [CLOSED],
  },
  connected: {
    start: authorizing(fresh),
    token: "stay",
    "no-token": "stay",
    welcomed: "stay",
    dropped: comingBack,
    rang: "stay",
    hurry: "stay",
    replace: comingBack,
    close: [CLOSED],
  },
  waiting: {
    start: authorizing(fresh),
    token: "stay",
    "no-token": "stay",
    welcomed: "stay",
    dropped: "stay",
    rang: authorizing(again),
    hurry: authorizing(again),
    replace: "stay",
    close: [CLOSED],
  },
};

const names = <Key extends string>(table: Record<Key, unknown>): Key[] =>
  Object.keys(table) as Key[];

describe("the table of states", () => {
  for (const at of names(CELLS)) {
    for (const type of names(CELLS[at])) {
      test(`[D1] ${at}: ${type}`, () => {
        const state = STATES[at];
        const after = step(state, EVENTS[type], AROUND);
        const expected = CELLS[at][type];
        if (expected === "stay") {
          expect(after).toEqual([state]);
          expect(after[0]).toBe(state);
        } else expect(after).toEqual(expected);
      });
    }
  }

  test("[D1] a closed client that starts anew is connecting, not reconnecting", () => {
    const [state] = step(STATES.closed, { type: "start" }, AROUND);
    expect(statusOf(state)).toEqual({ state: "connecting" });
  });

  test("[D1] the public status follows from the state", () => {
    expect(Object.values(STATES).map(statusOf)).toEqual([
      { state: "closed", code: 4003, reason: "kicked" },
      { state: "reconnecting", attempt: 3 },
      { state: "reconnecting", attempt: 3 },
      { state: "connected" },
      { state: "reconnecting", attempt: 3 },
    ]);
    const never = { tries: 7, denied: false, again: false };
    expect(statusOf({ at: "dialing", attempt: never })).toEqual({ state: "connecting" });
  });
});

describe("close policies", () => {
  test.each([1000, 1008, 4000, 4001, 4003, 4099, 4300, 4999])("[C1] [C2] %i stops", (code) => {
    for (const state of [STATES.dialing, STATES.connected]) {
      expect(step(state, dropped(code, "why"), AROUND)).toEqual([
        { at: "closed", code, reason: "why" },
      ]);
    }
  });

  test("[C1] a stop without a reason says that it is closed", () => {
    expect(step(STATES.connected, dropped(4400), AROUND)[0]).toMatchObject({ reason: "closed" });
  });

  test.each([1001, 1005, 1006, 1011, 1012, 3000])("[C2] %i comes back", (code) => {
    expect(step(STATES.connected, dropped(code), AROUND)).toEqual(comingBack);
    expect(step(STATES.dialing, dropped(code), AROUND)).toEqual(backingOff);
  });

  test("[C1] 42xx waits what the reason asks, and its own backoff", () => {
    const [state, rings] = step(
      STATES.connected,
      dropped(4201, "limited; retry after 9000 ms"),
      AROUND,
    );
    expect(state).toEqual({ at: "waiting", attempt: fresh, asked: true });
    expect(rings).toBe(9000 + 350);
  });

  test("[C1] [W12] 41xx fetches another token at once, and the second one in a row stops", () => {
    const denied = { tries: 3, denied: true, again: true };
    const [first] = step(STATES.dialing, dropped(4100), AROUND);
    expect(first).toEqual({ at: "authorizing", attempt: denied });
    const [dialing] = step(first, { type: "token" }, AROUND);
    expect(step(dialing, dropped(4100, "unauthenticated"), AROUND)).toEqual([
      { at: "closed", code: 4100, reason: "unauthenticated" },
    ]);
  });

  test("[W12] a network that fails between two denials does not make the second the first", () => {
    let [state] = step(STATES.dialing, dropped(4100), AROUND);
    for (const event of [EVENTS.token, dropped(1006), EVENTS.rang, EVENTS.token] as const)
      [state] = step(state, event, AROUND);
    expect(step(state, dropped(4100), AROUND)[0].at).toBe("closed");
  });

  test("[W12] a token that was welcomed and has ended is no denial", () => {
    const [first] = step(STATES.connected, dropped(4100), AROUND);
    expect(first).toEqual({ at: "authorizing", attempt: fresh });
    // Nor does a denial outlive a welcome.
    let state: Connection = { at: "dialing", attempt: { ...fresh, denied: true } };
    [state] = step(state, EVENTS.welcomed, AROUND);
    expect(state).toMatchObject({ at: "connected", attempt: { denied: false } });
  });

  test("[C1] 41xx right after each welcome is no tight loop", () => {
    let state: Connection = { at: "dialing", attempt: fresh };
    const waits: number[] = [];
    for (let round = 0; round < 8; round++) {
      [state] = step(state, { type: "welcomed", slot: 0 }, AROUND);
      [state] = step(state, dropped(4100), AROUND);
      if (state.at === "waiting") {
        waits.push(state.attempt.tries);
        [state] = step(state, { type: "rang" }, AROUND);
      }
      expect(state.at).toBe("authorizing");
      [state] = step(state, { type: "token" }, AROUND);
    }
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe("steadiness", () => {
  test("[D2] a connection that breaks at once counts as a failed attempt", () => {
    const state: Connection = { ...STATES.connected, since: NOW - 4999 };
    expect(step(state, dropped(1011), AROUND)[0]).toEqual({
      at: "waiting",
      attempt: retried,
      asked: false,
    });
    expect(step({ ...state, since: NOW - 5000 }, dropped(1011), AROUND)).toEqual(comingBack);
  });

  test("[D3] a wait that the room asked for is not hurried", () => {
    const state: Connection = { ...STATES.waiting, asked: true };
    expect(step(state, { type: "hurry" }, AROUND)).toEqual([state]);
    expect(step(state, { type: "start" }, AROUND)).toEqual(authorizing(fresh));
  });
});
