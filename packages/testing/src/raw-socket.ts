/** A bare WebSocket, for rooms without a contract and for what is on the wire. */
import type { Network } from "./network.ts";
import { Waits } from "./waits.ts";

/** A socket with its frames in order. */
export interface RawSocket {
  readonly network: Network;
  /** Whether it is neither closed nor about to be. */
  readonly isOpen: boolean;
  send(frame: string | ArrayBuffer): void;
  /** The next frame that was not taken yet, as text; bytes as `bytes <length>`. Waits for it, and rejects when the socket is closed first. */
  next(): Promise<string>;
  /** Frames that have come and were not taken yet. */
  readonly waiting: readonly string[];
  /** Takes every frame, those that wait included, in order; gives what stops it. */
  listen(listener: (frame: string) => void): () => void;
  close(code?: number, reason?: string): void;
  /** Waits until it is closed, by whichever end. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>;
}

/** Opens a socket; resolves when it is open, and rejects with what the room answered when it did not take it. */
export async function rawSocket(
  network: Network,
  url: string,
  protocols: readonly string[],
  patience?: number,
): Promise<RawSocket> {
  const waits = new Waits(patience);
  const waiting: string[] = [];
  const listeners = new Set<(frame: string) => void>();
  let ended: { readonly code: number; readonly reason: string } | undefined;
  // SAFETY: sockets of a test's network are event targets with `send` and `close`.
  const socket = new network.WebSocket(url, [...protocols]) as unknown as WebSocket;
  socket.addEventListener("message", ({ data }) => {
    const frame = typeof data === "string" ? data : `bytes ${(data as ArrayBuffer).byteLength}`;
    for (const listener of listeners) listener(frame);
    if (listeners.size === 0) waiting.push(frame);
    waits.changed();
  });
  socket.addEventListener("open", () => waits.changed());
  socket.addEventListener("close", ({ code, reason }) => {
    ended = { code, reason };
    waits.changed();
  });
  await waits.for(
    () => (socket.readyState > 0 ? true : undefined),
    () => "The socket did not open",
  );
  if (network.refused > 0) throw new Error(network.refusal);
  return {
    network,
    waiting,
    get isOpen() {
      return socket.readyState === 1;
    },
    send: (frame) => socket.send(frame),
    close: (code, reason) => socket.close(code, reason),
    async next() {
      const frame = await waits.for(
        () => waiting.shift() ?? ended,
        () => "The socket is open; no frame came",
      );
      if (typeof frame === "string") return frame;
      throw new Error(`The socket was closed (${frame.code} ${frame.reason}); no frame came.`);
    },
    listen(listener) {
      for (const frame of waiting.splice(0)) listener(frame);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed: () =>
      waits.for(
        () => ended,
        () => "The socket was not closed",
      ),
  };
}
