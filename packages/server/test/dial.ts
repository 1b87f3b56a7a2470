// A bare WebSocket client of a room, for tests: waits for frames, never sleeps.

/** A connection to a room, with its frames in order. */
export interface Dialled {
  readonly socket: WebSocket;
  send(frame: string | ArrayBuffer): void;
  /** The next frame, as text. */
  next(): Promise<string>;
  /** Frames that have come and were not taken yet. */
  readonly waiting: readonly string[];
  close(code?: number, reason?: string): void;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Opens a WebSocket to a room; `path` may carry a query. */
export async function dial(
  stub: Pick<DurableObjectStub, "fetch">,
  options: {
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly protocols?: readonly string[];
  } = {},
): Promise<Dialled> {
  const { path = "/", headers = {}, protocols = [] } = options;
  const response = await stub.fetch(`http://room${path}`, {
    headers: {
      Upgrade: "websocket",
      ...(protocols.length > 0 && { "Sec-WebSocket-Protocol": protocols.join(", ") }),
      ...headers,
    },
  });
  const socket = response.webSocket;
  if (!socket)
    throw new Error(
      `The room answered ${response.status} ${await response.text()}, not with a WebSocket.`,
    );
  const waiting: string[] = [];
  const takers: ((frame: string) => void)[] = [];
  socket.addEventListener("message", ({ data }) => {
    const text = typeof data === "string" ? data : `bytes ${(data as ArrayBuffer).byteLength}`;
    const taker = takers.shift();
    if (taker) taker(text);
    else waiting.push(text);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => {
      resolve({ code, reason });
      try {
        socket.close();
      } catch {
        // Closed from this end already.
      }
    });
  });
  socket.accept();
  return {
    socket,
    waiting,
    closed,
    send: (frame) => socket.send(frame),
    next: () => {
      const frame = waiting.shift();
      return frame === undefined
        ? new Promise((resolve) => takers.push(resolve))
        : Promise.resolve(frame);
    },
    close: (code, reason) => socket.close(code, reason),
  };
}
