/**
 * The thin edge around the connection's state machine: it keeps the state, carries out the
 * effects (dial, fetch a token, set the one timer), and feeds back what happens.
 */
import {
  closePolicy,
  type ClosePolicy,
  helloProtocols,
  PING,
  PONG,
  RoomError,
} from "@greenroom/protocol";

import type { Clock } from "./clock.ts";
import {
  CLOSED,
  type Connection,
  type ConnectionEffect,
  type ConnectionEvent,
  type Status,
  statusOf,
  step,
} from "./connection.ts";
import { Liveness } from "./liveness.ts";
import type { Settings } from "./options.ts";
import { Outage, type OutageMoment } from "./outage.ts";
import { listenToPage } from "./page.ts";
import type { Session, SessionEffect } from "./session.ts";
import { dial, type Socket } from "./socket.ts";
import type { SessionToken } from "./token.ts";

/** Who is told what becomes of the connection. */
export interface DriverListener<Tag> {
  status(status: Status): void;
  outage(moment: OutageMoment): void;
  /** What the session wants done that is not of the connection. */
  effect(effect: SessionEffect<Tag>): void;
}

/** Drives one connection for one session. */
export class Driver<Tag> {
  readonly #settings: Settings;
  readonly #session: Session<Tag>;
  readonly #secret: SessionToken;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #tell: DriverListener<Tag>;
  readonly #liveness: Liveness;
  readonly #outage: Outage;

  #state: Connection = CLOSED;
  /** Events that came while one was being carried out wait for it. */
  readonly #events: ConnectionEvent[] = [];
  #socket: Socket | undefined;
  #token: string | null | undefined;
  /** Counts token requests, so that a late answer to an older one is told apart. */
  #requests = 0;
  #cancelTimer: (() => void) | undefined;
  #leavePage: (() => void) | undefined;

  constructor(
    {
      settings,
      session,
      secret,
      clock,
      random,
    }: {
      settings: Settings;
      session: Session<Tag>;
      secret: SessionToken;
      clock: Clock;
      random: () => number;
    },
    tell: DriverListener<Tag>,
  ) {
    this.#settings = settings;
    this.#session = session;
    this.#secret = secret;
    this.#clock = clock;
    this.#random = random;
    this.#tell = tell;
    this.#liveness = new Liveness(clock, settings.silence, {
      ping: () => this.#socket?.send(PING),
      dead: () => this.step({ type: "replace" }),
    });
    this.#outage = new Outage(clock, settings.lostAfter, (moment) => tell.outage(moment));
  }

  get status(): Status {
    return statusOf(this.#state);
  }

  /** The current socket, to see whether it is still the same one. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** One step of the state machine, with everything that follows from it. */
  step(event: ConnectionEvent): void {
    this.#events.push(event);
    if (this.#events.length > 1) return;
    while (this.#events[0]) {
      try {
        this.#run(this.#events[0]);
      } finally {
        this.#events.shift();
      }
    }
  }

  /** Carries out what the session wants. */
  perform(effects: readonly SessionEffect<Tag>[]): void {
    for (const effect of effects) {
      if (effect.do === "transmit") this.#socket?.send(effect.text);
      else if (effect.do === "welcomed") this.step({ type: "welcomed", slot: effect.slot });
      else if (effect.do === "replace") this.step({ type: "replace" });
      else this.#tell.effect(effect);
    }
  }

  #run(event: ConnectionEvent): void {
    const before = this.#state;
    const { tokenTimeout, dialTimeout } = this.#settings;
    const [next, effects] = step(before, event, {
      random: this.#random(),
      tokenTimeout,
      dialTimeout,
    });
    if (next === before) return;
    this.#state = next;
    this.#cancelTimer?.();
    if (before.at === "authorizing" && event.type === "rang") {
      this.#fault(`The token provider did not answer within ${tokenTimeout} ms.`);
    }
    if (before.at === "connected") this.#leave();
    if (before.at === "closed") this.#begin();
    for (const effect of effects) this.#carryOut(effect);

    if (next.at === "connected") {
      this.#liveness.start();
      this.#outage.end("restored");
    } else if (next.at !== "closed") this.#outage.begin();
    this.#tellStatus(statusOf(before), statusOf(next));
    if (next.at === "closed") this.#end(next, event);
  }

  #carryOut(effect: ConnectionEffect): void {
    switch (effect.do) {
      case "wake":
        this.#cancelTimer = this.#clock.after(effect.after, () => this.step({ type: "rang" }));
        return;
      case "token":
        void this.#fetchToken();
        return;
      case "dial":
        this.#dial();
        return;
      case "hang-up":
        this.#socket?.close();
        this.#socket = undefined;
        return;
      default:
        effect satisfies never;
    }
  }

  async #fetchToken(): Promise<void> {
    const { token } = this.#settings;
    const request = ++this.#requests;
    try {
      const fetched = typeof token === "function" ? await token() : token;
      if (request !== this.#requests) return;
      this.#token = fetched;
      this.step({ type: "token" });
    } catch (cause) {
      if (request !== this.#requests || this.#state.at !== "authorizing") return;
      this.#fault("The token provider failed.", cause);
      this.step({ type: "no-token" });
    }
  }

  #dial(): void {
    const { url, dialTimeout: timeout, WebSocket } = this.#settings;
    const protocols = helloProtocols(this.#session.hello(), this.#token);
    const socket = dial(
      { url, protocols, timeout, WebSocket },
      {
        opened: () => this.step({ type: "opened" }),
        text: (text) => {
          this.#liveness.heard();
          if (text !== PONG) this.perform(this.#session.receive(text));
        },
        dropped: (code, reason) => {
          this.#socket = undefined;
          this.step({
            type: "dropped",
            policy: this.#policy(code, reason),
            code: code ?? 1006,
            reason,
          });
        },
      },
    );
    this.#socket = socket;
  }

  #policy(code: number | undefined, reason: string): ClosePolicy {
    if (code === undefined) return { do: "retry", after: 0 };
    const policy = closePolicy(code, reason);
    // Without a provider there is no other token than the one that was denied.
    return policy.do === "authenticate" && typeof this.#settings.token !== "function"
      ? { do: "stop" }
      : policy;
  }

  #begin(): void {
    this.#session.open();
    const release = this.#secret.keep();
    const leavePage = listenToPage({
      online: () => this.#nudge(),
      visible: () => this.#nudge(),
      offline: () => this.#liveness.probe(),
    });
    this.#leavePage = () => {
      release();
      leavePage();
    };
  }

  /** Dials at once where it waits; asks at once where it is connected. */
  #nudge(): void {
    this.#liveness.probe();
    this.step({ type: "hurry" });
  }

  #leave(): void {
    this.#liveness.stop();
    this.#session.away();
  }

  #end(closed: Extract<Connection, { at: "closed" }>, event: ConnectionEvent): void {
    this.#leavePage?.();
    this.#outage.end(event.type === "close" ? undefined : "failed");
    const message = `The connection to the room is closed: ${closed.reason} (${closed.code}).`;
    const error =
      closed.reason === "expired" ? new RoomError("expired") : new RoomError("closed", { message });
    this.perform(this.#session.end(error));
  }

  #tellStatus(before: Status, after: Status): void {
    if (JSON.stringify(before) !== JSON.stringify(after)) this.#tell.status(after);
  }

  #fault(message: string, cause?: unknown): void {
    this.#tell.effect({ do: "fault", error: new RoomError("token", { message, cause }) });
  }
}
