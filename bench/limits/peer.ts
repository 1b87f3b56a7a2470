// A bare client of a contract room, which counts entries without parsing them.
import { once } from "node:events";

import { WebSocket } from "ws";

const ENTRY = Buffer.from('["said",');
const FIRST = Buffer.from('["e",');
const TAKEN = Buffer.from('["a",');

/** One client. */
export class Peer {
  readonly socket: WebSocket;
  /** The newest entry that it has; every one before it has come, once and in order. */
  seq = 0;
  /** The newest message of its own that is taken. */
  taken = 0;
  /** How often it was welcomed. */
  welcomes = 0;
  #sent = 0;
  /** Called when a message of its own is taken. */
  onTaken: () => void = () => undefined;
  onEntry: () => void = () => undefined;
  readonly #fault: (why: string) => void;

  private constructor(url: URL, fault: (why: string) => void) {
    this.#fault = fault;
    this.socket = new WebSocket(url.href.replace("http", "ws"), ["greenroom.1"], {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    this.socket.on("error", ({ message }) => fault(message));
    this.socket.on("close", (code) => fault(`closed with ${code}`));
    this.socket.on("message", (frame: Buffer) => this.#read(frame));
  }

  /** Connects, and waits for the welcome. */
  static async join(url: URL, fault: (why: string) => void): Promise<Peer> {
    const peer = new Peer(url, fault);
    await once(peer.socket, "message");
    return peer;
  }

  say(text: string): void {
    this.#sent += 1;
    this.socket.send(`["m",${this.#sent},"say",{"text":"${text}"}]`);
  }

  leave(): void {
    this.socket.removeAllListeners("close");
    this.socket.terminate();
  }

  #read(frame: Buffer): void {
    if (frame.indexOf('[["w",') === 0) {
      this.welcomes += 1;
      if (this.welcomes === 1) this.seq = Number(/"seq":(\d+)/.exec(frame.toString())?.[1] ?? 0);
    }
    this.#count(frame);
    const at = frame.indexOf(TAKEN);
    if (at !== -1 && at < 300) {
      this.taken = Number.parseInt(frame.toString("latin1", at + 5, at + 20), 10);
      this.onTaken();
    }
  }

  /** Each run of entries says where it begins, and must begin where the last one ended. */
  #count(frame: Buffer): void {
    for (let at = frame.indexOf(FIRST); at !== -1;) {
      const first = Number.parseInt(frame.toString("latin1", at + 5, at + 20), 10);
      if (first !== this.seq + 1) this.#fault(`entry ${first} came after ${this.seq}`);
      const next = frame.indexOf(FIRST, at + 5);
      const end = next === -1 ? frame.length : next;
      let count = 0;
      for (let entry = frame.indexOf(ENTRY, at); entry !== -1 && entry < end; count++)
        entry = frame.indexOf(ENTRY, entry + ENTRY.length);
      this.seq = first + count - 1;
      at = next;
    }
    this.onEntry();
  }
}
