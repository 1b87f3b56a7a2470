/**
 * One dial: a socket that opens once, or does not, and drops once. The only file that knows
 * partysocket, whose reconnecting is switched off: the connection's state machine dials.
 *
 * What partysocket tells is made exact here. A failed handshake, and any `error` on an open
 * socket, reach us as a clean close 1000 (`[B2]`); a close with a forbidden code leaks the
 * socket (`[B8]`); what is sent too early is queued into whatever opens next (`[B6]`).
 */
import ReconnectingWebSocket from "partysocket/ws";

/** The standard `WebSocket` class, or one like it (`ws` in Node). */
export type WebSocketClass = new (
  url: string,
  protocols?: string | string[],
) => {
  readonly readyState: number;
};

/** Where to dial, and with which class. */
export interface Dial {
  readonly url: string;
  readonly protocols: string[];
  /** In milliseconds. */
  readonly timeout: number;
  readonly WebSocket?: WebSocketClass | undefined;
}

/** Who is told. Nothing is told after `dropped`, nor after our own `close`. */
export interface SocketListener {
  text(text: string): void;
  /** `code` is 1006 where the handshake failed, or where the connection broke without a close. */
  dropped(code: number, reason: string): void;
}

/** A dialed socket. */
export interface Socket {
  /** Sends where the socket is open; a socket that is not loses it, and `dropped` follows. */
  send(text: string): void;
  /** `isFinal`: for good, and the room need not wait; otherwise another connection takes its place. */
  close(isFinal: boolean): void;
}

/** The platform's code for a connection that broke without a close frame. */
const BROKEN = 1006;
const OPEN = 1;
/** Our code for a connection that is of no use any more: its client comes back. */
const SILENT = 4203;

/** Dials once, at once. */
export function dial({ url, protocols, timeout, WebSocket }: Dial, tell: SocketListener): Socket {
  const socket = new ReconnectingWebSocket(url, protocols, {
    ...(WebSocket && { WebSocket }),
    startClosed: true,
    maxRetries: 0,
    maxEnqueuedMessages: 0,
    connectionTimeout: timeout,
    shouldReconnectOnClose: () => false,
  });
  let opened = false;
  let broken = false;
  let ended = false;

  const end = (code: unknown, reason: unknown): void => {
    // An `error` comes right after the close that partysocket makes of it, in the same turn.
    queueMicrotask(() => {
      if (ended) return;
      ended = true;
      // A close before the opening is a failed handshake: no room has closed anything.
      if (!opened || broken || typeof code !== "number") tell.dropped(BROKEN, "");
      // In Node partysocket writes a reason where there was none.
      else tell.dropped(code, reason === "unknown reason" ? "" : String(reason));
    });
  };
  socket.addEventListener("open", () => {
    opened = true;
  });
  socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (!ended && typeof data === "string") tell.text(data);
  });
  socket.addEventListener("close", ({ code, reason }) => end(code, reason));
  socket.addEventListener("error", () => {
    broken = true;
    end(undefined, undefined);
  });
  socket.reconnect();

  return {
    send(text) {
      if (!ended && socket.readyState === OPEN) socket.send(text);
    },
    close(isFinal) {
      ended = true;
      socket.close(isFinal ? 1000 : SILENT);
    },
  };
}
