/**
 * The thin edge around the connection's state machine: it keeps the state, does what follows from
 * entering and leaving each (dial, fetch a token, set the one timer), and feeds back what happens.
 */
import {
  closePolicy,
  EXPIRED,
  helloProtocols,
  ownError,
  PING,
  PONG,
  RoomError,
} from "@greenroom/protocol";

import {
  CLOSED,
  type Connection,
  type ConnectionEvent,
  type Status,
  statusOf,
  step as stepOf,
} from "./connection.ts";
import { liveness } from "./liveness.ts";
import type { Settings } from "./options.ts";
import { outage } from "./outage.ts";
import { listenToPage } from "./page.ts";
import type { Moments } from "./room-client.ts";
import type { Session } from "./session.ts";
import { dial, type Socket } from "./socket.ts";

/** What a driver is made of. */
export interface DriverOptions {
  readonly settings: Settings;
  readonly session: Session;
  /** Keeps the session's token over a reload, until the signal fires. */
  readonly keepToken: (signal: AbortSignal) => void;
  /** Tells the app. */
  readonly tell: <Moment extends keyof Moments>(moment: Moment, told?: Moments[Moment]) => void;
}

/** A driven connection. */
export interface Driver {
  readonly status: Status;
  /** The current socket, if there is one. */
  readonly socket: Socket | undefined;
  /** One step of the state machine, with everything that follows from it. */
  step(event: ConnectionEvent): void;
}

/** Drives the connection of one session. */
export function drive(options: DriverOptions): Driver {
  const { settings, session, keepToken, tell } = options;
  const { dialTimeout, silence, token: provider, clock, random } = settings;
  let state: Connection = CLOSED;
  let status = statusOf(state);
  let socket: Socket | undefined;
  let token: string | null | undefined;
  /** Counts token requests, so that a late answer to an older one is told apart. */
  let requests = 0;
  let cancelTimer = (): void => undefined;
  /** Fires when the page is of no interest any more. */
  let page: AbortController;
  /** Events that come while one is being carried out wait for it. */
  const events: ConnectionEvent[] = [];

  const life = liveness(
    clock,
    silence,
    () => socket?.send(PING),
    () => step({ type: "replace" }),
  );
  const blip = outage(clock, settings.lostAfter, tell);

  function step(event: ConnectionEvent): void {
    if (events.push(event) > 1) return;
    for (let next = events[0]; next; next = events[0]) {
      run(next);
      events.shift();
    }
  }

  function run(event: ConnectionEvent): void {
    const before = state;
    const around = { ...settings, now: clock.now(), random: random() };
    const [next, rings] = stepOf(before, event, around);
    if (next === before) return;
    state = next;
    leave(before, event);
    cancelTimer();
    if (rings !== undefined) cancelTimer = clock.after(rings, () => step({ type: "rang" }));
    const told = status;
    status = statusOf(next);
    if (JSON.stringify(told) !== JSON.stringify(status)) tell("status", status);
    enter(next, event);
  }

  function leave({ at }: Connection, event: ConnectionEvent): void {
    if (at === "closed") begin();
    if (at === "authorizing" && event.type === "rang") {
      tokenFault(`No token came within ${settings.tokenTimeout} ms.`);
    }
    if (at === "connected") {
      life.stop();
      session.away();
    }
    // A socket lives only while dialing and connected.
    if (state.at !== "connected") {
      socket?.close(state.at === "closed");
      socket = undefined;
    }
  }

  function enter(next: Connection, event: ConnectionEvent): void {
    switch (next.at) {
      case "connected":
        // A connection over which nothing ever came is not ended by workerd's close before the
        // object sleeps (2026-11), so one who only listens would hear of a close 10 s late.
        socket?.send(PING);
        life.start();
        blip.end("restored");
        return;
      case "closed":
        end(next, event);
        return;
      case "authorizing":
        void fetchToken();
        break;
      case "dialing":
        socket = open();
        break;
      case "waiting":
        break;
      default:
        next satisfies never;
    }
    blip.begin();
  }

  async function fetchToken(): Promise<void> {
    const request = ++requests;
    try {
      // A token that is there takes no turn of its own. A provider's fault may be watched for.
      const fetched =
        typeof provider === "function" ? await Promise.resolve().then(provider) : provider;
      if (request !== requests) return;
      token = fetched;
      step({ type: "token" });
    } catch (cause) {
      if (request !== requests) return;
      tokenFault(undefined, cause);
      step({ type: "no-token" });
    }
  }

  function open(): Socket {
    return dial(
      {
        ...settings,
        protocols: helloProtocols(session.hello(), token, settings.debug),
        timeout: dialTimeout,
      },
      {
        text(text) {
          life.heard();
          if (text !== PONG) session.receive(text);
        },
        dropped(code, reason) {
          socket = undefined;
          let policy = closePolicy(code, reason);
          // Without a provider there is no other token than the one that was denied.
          if (policy.do === "authenticate" && typeof provider !== "function") {
            policy = { do: "stop" };
          }
          step({ type: "dropped", policy, code, reason });
        },
      },
    );
  }

  function begin(): void {
    session.open();
    // Dials at once where it waits; asks at once where it is connected.
    const nudge = (): void => {
      life.probe();
      step({ type: "hurry" });
    };
    page = new AbortController();
    keepToken(page.signal);
    listenToPage({ online: nudge, visible: nudge, offline: life.probe }, page.signal);
  }

  function end(
    { reason, code }: Extract<Connection, { at: "closed" }>,
    event: ConnectionEvent,
  ): void {
    page.abort();
    blip.end(event.type === "close" ? undefined : "failed");
    const message = `The connection is closed: ${reason} (${code}).`;
    session.end(new RoomError(code === EXPIRED ? "expired" : "closed", { message }));
  }

  function tokenFault(message?: string, cause?: unknown): void {
    tell("fault", ownError("token", { message, cause }));
  }

  return {
    get status() {
      return status;
    },
    get socket() {
      return socket;
    },
    step,
  };
}
