/** The network between a test client and its room: the frames are real, and so are the ends. */
import type { WebSocketClass } from "@greenroom/client";

import {
  type Bound,
  type FaultRates,
  type FrameFault,
  FrameFaults,
  type FramePlace,
  type HappenedFault,
  knownEnd,
} from "./frame-faults.ts";
import { Wire, WireEnd } from "./wire.ts";

/** What answers a handshake: a room's stub, or a Worker. */
export interface Fetcher {
  fetch(request: Request): Promise<Response>;
}

/** A client's network, and what can be done to it. */
export class Network {
  /** For `connect`: sockets of this network. */
  readonly WebSocket: WebSocketClass;
  /**
   * Whether a frame that is to be overtaken waits for the next one however long that takes, as a
   * simulation wants it; otherwise for 20 ms, so that nobody waits for ever for an answer in it.
   * @default false
   */
  isPatient = false;
  readonly #faults = new FrameFaults();
  readonly #wires = new Set<Wire>();
  #isDown = false;
  #holds = 0;
  #unread = 0;
  #refused = 0;
  #refusal = "";
  #lastEnd = "";
  #activity = 0;
  #frames = 0;

  constructor(fetcher: () => Fetcher, headers: Readonly<Record<string, string>> = {}) {
    const dial = this.#dial.bind(this);
    this.WebSocket = class extends WireEnd {
      readonly url: string;
      constructor(url: string, protocols: string | string[] = []) {
        super();
        this.url = url;
        dial(this, () => handshake(fetcher(), url, [protocols].flat(), headers));
      }
    };
  }

  /** The connection is lost, for both ends. The client dials again at once. */
  cut(): void {
    for (const wire of this.#wires) wire.cut();
  }

  /** Nothing arrives any more, in neither direction, and nobody is told; until `flow`. */
  stall(): void {
    for (const wire of this.#wires) wire.stall();
  }

  /** The next handshake waits, with what follows it, until `flow`: it arrives late. */
  stallNext(): void {
    this.#holds += 1;
  }

  /**
   * The next connection is taken and not read: what the room sends waits at the room, as for a
   * reader that is too slow, and what is sent to it waits as well; until `flow`.
   */
  unreadNext(): void {
    this.#unread += 1;
  }

  /** What has waited arrives, in order. */
  flow(): void {
    for (const wire of this.#wires) wire.flow();
  }

  /** One end of the connection is gone, and the other is not told. */
  halfOpen(dead: Bound): void {
    knownEnd(dead);
    for (const wire of this.#wires) wire.halfOpen(dead);
  }

  /** Cuts the connection and refuses new ones, until `up`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Takes connections again. */
  up(): void {
    this.#isDown = false;
  }

  /** Lets something happen to one frame: `plan("cut", { to: "client", after: 2 })` is the third from now. */
  plan(fault: FrameFault, place: FramePlace): void {
    this.#faults.plan(fault, place);
  }

  /**
   * Lets a seed decide, frame by frame, what happens: `shake(7, { cut: 0.01, duplicate: 0.05 })`. The
   * n-th frame from here, in either direction, has the same fate whenever the seed is used.
   */
  shake(seed: number, rates: FaultRates): void {
    this.#faults.shake(seed, rates);
  }

  /** What has happened to frames so far, planned or by a seed, in order. */
  get happened(): readonly HappenedFault[] {
    return this.#faults.happened;
  }

  /** Nothing goes wrong any more: faults are over, what has waited arrives, connections are taken. */
  heal(): void {
    this.#faults.clear();
    this.#holds = 0;
    this.#unread = 0;
    this.up();
    this.flow();
    for (const wire of this.#wires) wire.overtake();
  }

  /** How many handshakes have failed since the last that did not. */
  get refused(): number {
    return this.#refused;
  }

  /** What became of the last handshake that failed: what the room, or the Worker, answered. */
  get refusal(): string {
    return this.#refusal;
  }

  /** With which code and reason the room has last ended a connection; empty where it has ended none. */
  get lastEnd(): string {
    return this.#lastEnd;
  }

  /** Counts what has gone to the room: while it stays the same, nothing has, except pings. */
  get activity(): number {
    return this.#activity;
  }

  /** How many frames have come onto it, in both directions. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether its client is there, or has never been: nobody is about to dial. */
  get isSteady(): boolean {
    return [...this.#wires].some((wire) => wire.isOpen);
  }

  /** Waits until what is on its way from the room has arrived, where anything arrives. */
  async settle(): Promise<void> {
    await Promise.all([...this.#wires].map((wire) => wire.settle()));
  }

  #dial(end: WireEnd, dial: () => Promise<WebSocket>): void {
    const stalled = this.#holds > 0;
    if (stalled) this.#holds -= 1;
    const unread = this.#unread > 0;
    if (unread) this.#unread -= 1;
    const wire: Wire = new Wire(end, {
      stalled,
      unread,
      fault: (to) => {
        this.#frames += 1;
        if (to === "room") this.#activity += 1;
        return this.#faults.next(to);
      },
      isPatient: () => this.isPatient,
      endedByRoom: (code, reason) => {
        this.#lastEnd = `${code} ${reason}`.trim();
      },
      ended: () => {
        this.#activity += 1;
        this.#wires.delete(wire);
      },
      dial: async () => {
        this.#refused += 1;
        this.#activity += 1;
        this.#refusal = "The network is down.";
        if (this.#isDown) throw new Error(this.#refusal);
        const socket = await dial().catch((fault: unknown) => {
          this.#refusal = fault instanceof Error ? fault.message : String(fault);
          throw fault;
        });
        this.#refused = 0;
        return socket;
      },
    });
    this.#wires.add(wire);
  }
}

/** Dials as a browser does; the URL is the one that the client has made. */
async function handshake(
  fetcher: Fetcher,
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<WebSocket> {
  const request = new Request(url.replace(/^ws/, "http"), {
    headers: {
      ...headers,
      Upgrade: "websocket",
      ...(protocols.length > 0 && { "Sec-WebSocket-Protocol": protocols.join(", ") }),
    },
  });
  const response = await fetcher.fetch(request);
  if (response.webSocket) return response.webSocket;
  throw new Error(`The room answered ${response.status} ${await response.text()}.`);
}
