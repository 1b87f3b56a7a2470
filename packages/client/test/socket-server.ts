/**
 * A WebSocket server on a real port, by hand, so that a test decides on every byte of it: what a
 * library would not do (vanish, hang, break the protocol) is what the client has to live with.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** The server's end of one connection. */
export class ServerSocket {
  readonly protocols: string;
  readonly #stream: Duplex;
  readonly #texts: string[] = [];
  #closed: (code: number) => void = () => undefined;
  /** The code with which the client has closed. */
  readonly closed: Promise<number>;
  onText: (text: string) => void = () => undefined;

  constructor(stream: Duplex, request: IncomingMessage) {
    this.#stream = stream;
    this.protocols = request.headers["sec-websocket-protocol"] ?? "";
    this.closed = new Promise((resolve) => (this.#closed = resolve));
    stream.on("data", (bytes: Buffer) => this.#read(bytes));
    stream.on("error", () => undefined); // the client went first
    const [selected] = this.protocols.split(",");
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    stream.write(
      [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${accept}`,
        ...(selected ? [`Sec-WebSocket-Protocol: ${selected}`] : []),
        "\r\n",
      ].join("\r\n"),
    );
  }

  get texts(): readonly string[] {
    return this.#texts;
  }

  text(text: string): void {
    this.#write(0x81, Buffer.from(text));
  }

  bytes(bytes: Uint8Array): void {
    this.#write(0x82, Buffer.from(bytes));
  }

  /** A close frame; without a code, one with no body. */
  close(code?: number, reason = ""): void {
    const body = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) body.writeUInt16BE(code);
    this.#write(0x88, Buffer.concat([body, Buffer.from(reason)]));
  }

  /** The connection vanishes without a close frame. */
  vanish(): void {
    this.#stream.destroy();
  }

  /** A frame that breaks the protocol. */
  garble(): void {
    this.#write(0xff, Buffer.from("?"));
  }

  #write(first: number, body: Buffer): void {
    this.#stream.write(Buffer.concat([Buffer.from([first, body.length]), body]));
  }

  /** Short masked frames, one after the other: all that these tests' clients send. */
  #read(bytes: Buffer): void {
    for (let at = 0; at + 6 <= bytes.length;) {
      const length = (bytes[at + 1] ?? 0) & 0x7f;
      const mask = bytes.subarray(at + 2, at + 6);
      const body = bytes
        .subarray(at + 6, at + 6 + length)
        .map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      if (((bytes[at] ?? 0) & 0x0f) === 8) {
        this.#closed(length >= 2 ? Buffer.from(body).readUInt16BE() : 1005);
        this.close(length >= 2 ? 1000 : undefined);
        this.#stream.end();
      } else {
        const text = Buffer.from(body).toString();
        this.#texts.push(text);
        this.onText(text);
      }
      at += 6 + length;
    }
  }
}

/** Listens on a free port; `upgrade` decides on each handshake. */
export async function listen(
  upgrade: (stream: Duplex, request: IncomingMessage) => void,
): Promise<{ url: string; stop(): Promise<void> }> {
  const streams = new Set<Duplex>();
  const server: Server = createServer();
  server.on("upgrade", (request: IncomingMessage, stream: Duplex) => {
    streams.add(stream);
    upgrade(stream, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/`,
    async stop() {
      for (const stream of streams) stream.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
