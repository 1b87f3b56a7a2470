/**
 * Servers for the client's tests: a WebSocket class whose peer is a script. Named servers at the
 * end say what goes wrong with each. Time is vitest's: `await vi.advanceTimersByTimeAsync(...)`.
 */
import {
  encodeItem,
  encodeRoomFrame,
  type Offer,
  parseOffer,
  PING,
  PONG,
  type RoomItem,
  type Welcome,
} from "@greenroom/protocol";

import type { WebSocketClass } from "../src/index.ts";

/** One dialed socket, seen from the server's side. */
export class Peer {
  readonly url: string;
  readonly offer: Offer;
  /** What the client has sent, without pings. */
  readonly frames: unknown[] = [];
  pings = 0;
  /** Whether a ping is answered, as the platform does. */
  answersPings = true;
  /** The code with which the client has closed. */
  closedWith: number | undefined;
  readonly #socket: FakeWebSocket;

  constructor(socket: FakeWebSocket, url: string, protocols: string[]) {
    this.#socket = socket;
    this.url = url;
    this.offer = parseOffer(protocols.join(", "));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === 1;
  }

  open(): void {
    this.#socket.readyState = 1;
    this.#socket.dispatchEvent(new Event("open"));
  }

  /** A handshake that fails, as browsers tell it. */
  refuse(): void {
    this.#socket.readyState = 3;
    this.#socket.dispatchEvent(new Event("error"));
    this.#socket.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  }

  /** A connection that breaks without a close frame, as browsers tell it. */
  break(): void {
    this.refuse();
  }

  close(code: number, reason = ""): void {
    this.#socket.readyState = 3;
    this.#socket.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: true }));
  }

  text(text: string): void {
    if (this.isOpen) this.#socket.dispatchEvent(new MessageEvent("message", { data: text }));
  }

  send(...items: RoomItem[]): void {
    this.text(encodeRoomFrame(items.map(encodeItem)));
  }

  welcome(welcome: Partial<Welcome> = {}, ...items: RoomItem[]): void {
    this.send(["w", { ...WELCOME, ...welcome }], ...items);
  }

  /** From the client. */
  receive(text: string): void {
    if (text !== PING) {
      this.frames.push(JSON.parse(text));
      return;
    }
    this.pings++;
    if (this.answersPings) this.text(PONG);
  }
}

/** The welcome of a new member to a room without entries. */
export const WELCOME: Welcome = {
  id: "member",
  epoch: null,
  resume: "joined",
  seq: 0,
  head: 0,
  n: 0,
  slot: 0,
};

class FakeWebSocket extends EventTarget {
  readyState = 0;
  binaryType = "blob";
  readonly #peer: Peer;

  constructor(server: FakeServer, url: string, protocols: string[]) {
    super();
    this.#peer = new Peer(this, url, protocols);
    server.dialed(this.#peer);
  }

  send(text: string): void {
    if (this.readyState !== 1) throw new Error("not open");
    this.#peer.receive(text);
  }

  close(code?: number): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code < 5000)) {
      throw new DOMException("not allowed", "InvalidAccessError");
    }
    this.#peer.closedWith = code ?? 1005;
    this.readyState = 2;
  }
}

/** A server that does with each dial what its script says. */
export class FakeServer {
  readonly peers: Peer[] = [];
  readonly WebSocket: WebSocketClass;
  readonly #script: (peer: Peer, index: number) => void;

  constructor(script: (peer: Peer, index: number) => void = () => undefined) {
    this.#script = script;
    // oxlint-disable-next-line no-this-alias -- the class below has a `this` of its own
    const server = this;
    this.WebSocket = class extends FakeWebSocket {
      constructor(url: string, protocols: string | string[] = []) {
        super(server, url, [protocols].flat());
      }
    };
  }

  dialed(peer: Peer): void {
    this.peers.push(peer);
    queueMicrotask(() => this.#script(peer, this.peers.length - 1));
  }

  get last(): Peer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error("nobody has dialed");
    return peer;
  }
}

/** Lets everybody in. */
export const welcoming = (welcome: Partial<Welcome> = {}): FakeServer =>
  new FakeServer((peer) => {
    peer.open();
    peer.welcome(welcome);
  });

/** Refuses every handshake. */
export const refusing = (): FakeServer => new FakeServer((peer) => peer.refuse());

/** Never answers a handshake. */
export const hanging = (): FakeServer => new FakeServer();

/** Opens, and never says a word. */
export const mute = (): FakeServer => new FakeServer((peer) => peer.open());

/** Accepts and closes at once, as a Worker that turns a client away. */
export const closing = (code: number, reason = ""): FakeServer =>
  new FakeServer((peer) => {
    peer.open();
    peer.close(code, reason);
  });
