/**
 * A WebSocket client that costs little, so that the load generator is not what is measured: frames
 * are handed on as places in the buffer they were read into, and nothing is parsed or copied.
 *
 * It speaks as much of RFC 6455 as servers need that are asked for nothing special: no extension,
 * no fragments, masks of zeros.
 */
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** What happens to a connection. */
export interface SocketEvents {
  /** The handshake is done. */
  opened?(): void;
  /** A message: the bytes from `from` to `to`, which are others as soon as this returns. */
  frame(bytes: Buffer, from: number, to: number): void;
  /** It is over, and why; not after `destroy`. */
  closed(why: string): void;
}

/** Every socket reads into the same buffer: what it holds is done with before the next one reads. */
const SHARED = Buffer.allocUnsafeSlow(256 * 1024);
const NOTHING = Buffer.alloc(0);
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One connection. */
export class LoadSocket {
  readonly #events: SocketEvents;
  readonly #wire: Socket;
  readonly #key = randomBytes(16).toString("base64");
  #isOpen = false;
  #isOver = false;
  /** What came of a frame that is not whole yet, and how many bytes it takes. */
  #parts: Buffer[] = [];
  #have = 0;
  #need = 0;

  constructor(url: URL, events: SocketEvents, protocols: readonly string[] = []) {
    this.#events = events;
    this.#wire = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer: SHARED,
        callback: (count, bytes) => {
          this.#take(bytes as Buffer, count);
          return true;
        },
      },
    });
    const offer = protocols.length > 0 ? `Sec-WebSocket-Protocol: ${protocols.join(", ")}\r\n` : "";
    this.#wire.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${this.#key}\r\n${offer}\r\n`,
    );
    this.#wire.on("error", ({ message }) => this.#end(message));
    this.#wire.on("close", () => this.#end("the connection ended"));
  }

  /** Sends one message, or several in one write. */
  send(...messages: readonly (string | Buffer)[]): void {
    const frames = messages.map((message) =>
      typeof message === "string" ? framed(TEXT, Buffer.from(message)) : framed(BINARY, message),
    );
    this.#wire.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  /** Ends the connection at once, without a word. */
  destroy(): void {
    this.#isOver = true;
    this.#wire.destroy();
  }

  #take(bytes: Buffer, count: number): void {
    if (this.#isOver) return;
    if (this.#have === 0) {
      this.#read(bytes, count);
      return;
    }
    this.#parts.push(Buffer.from(bytes.subarray(0, count)));
    this.#have += count;
    if (this.#have < this.#need) return;
    const whole = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#have = 0;
    this.#read(whole, whole.length);
  }

  /** Hands on every whole frame, and keeps a copy of the rest. */
  #read(bytes: Buffer, end: number): void {
    let at = this.#isOpen ? 0 : this.#handshake(bytes, end);
    while (at >= 0 && at < end && !this.#isOver) {
      const head = headOf(bytes, at, end);
      if (!head || head.to > end) {
        this.#keep(bytes, at, end, head ? head.to - at : 0);
        return;
      }
      this.#frame(bytes, head);
      at = head.to;
    }
  }

  #frame(bytes: Buffer, { kind, isLast, from, to }: Head): void {
    if (!isLast || kind === 0) this.#end("a fragment, which no server of the bench sends");
    else if (kind === TEXT || kind === BINARY) this.#events.frame(bytes, from, to);
    else if (kind === PING) this.#wire.write(framed(PONG, Buffer.from(bytes.subarray(from, to))));
    else if (kind === CLOSE) {
      const code = to - from >= 2 ? bytes.readUInt16BE(from) : 1005;
      this.#end(`closed with ${code} ${bytes.toString("utf8", from + 2, to)}`.trim());
    }
  }

  /** Reads the answer to the handshake; gives where the first frame begins, or -1 for not yet. */
  #handshake(bytes: Buffer, end: number): number {
    const last = bytes.indexOf("\r\n\r\n");
    if (last === -1 || last >= end) {
      this.#keep(bytes, 0, end, 0);
      return -1;
    }
    const head = bytes.toString("latin1", 0, last);
    const expected = createHash("sha1")
      .update(`${this.#key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    if (!head.startsWith("HTTP/1.1 101") || !head.includes(expected)) {
      this.#end(`the handshake was answered ${head.split("\r\n")[0]}`);
      return -1;
    }
    this.#isOpen = true;
    this.#events.opened?.();
    return last + 4;
  }

  #keep(bytes: Buffer, from: number, to: number, need: number): void {
    this.#parts = [Buffer.from(bytes.subarray(from, to))];
    this.#have = to - from;
    this.#need = need;
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.destroy();
    this.#events.closed(why);
  }
}

interface Head {
  readonly kind: number;
  readonly isLast: boolean;
  /** Where its payload begins, and where it ends. */
  readonly from: number;
  readonly to: number;
}

/** Reads where a frame begins and ends; nothing while its head is not whole. */
function headOf(bytes: Buffer, at: number, end: number): Head | undefined {
  if (end - at < 2) return undefined;
  const kind = bytes[at]! & 15;
  const isLast = bytes[at]! >= 128;
  const short = bytes[at + 1]! & 127;
  if (short < 126) return { kind, isLast, from: at + 2, to: at + 2 + short };
  if (short === 126) {
    if (end - at < 4) return undefined;
    return { kind, isLast, from: at + 4, to: at + 4 + bytes.readUInt16BE(at + 2) };
  }
  if (end - at < 10) return undefined;
  return { kind, isLast, from: at + 10, to: at + 10 + Number(bytes.readBigUInt64BE(at + 2)) };
}

/** A client's frame: a mask of zeros leaves the payload as it is. */
function framed(kind: number, payload: Buffer = NOTHING): Buffer {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(size + 4 + length);
  frame[0] = 128 | kind;
  if (size === 2) frame[1] = 128 | length;
  else if (size === 4) {
    frame[1] = 254;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 255;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.fill(0, size, size + 4);
  payload.copy(frame, size + 4);
  return frame;
}
