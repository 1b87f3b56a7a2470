// Real sockets of Node against a server on a real port: what partysocket makes of each ending.
import { afterEach, describe, expect, test, vi } from "vitest";

import { dial, type Socket } from "../src/socket.ts";
import { listen, ServerSocket } from "./socket-server.ts";

type Ending = readonly [code: number, reason: string];

let socket: Socket | undefined;
let stop: (() => Promise<void>) | undefined;

afterEach(async () => {
  socket?.close(true);
  await stop?.();
  socket = undefined;
  stop = undefined;
});

/** Dials a server that accepts, and hands both ends to the test. */
async function open(): Promise<{ server: ServerSocket; texts: string[]; ending: Promise<Ending> }> {
  let server: ServerSocket | undefined;
  const port = await listen((stream, request) => {
    server = new ServerSocket(stream, request);
    server.text("hello");
  });
  ({ stop } = port);
  const texts: string[] = [];
  const opened = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<Ending>();
  socket = dial(
    { url: port.url, protocols: ["greenroom.1", "other"], timeout: 5000, WebSocket: undefined },
    {
      text: (text) => {
        texts.push(text);
        opened.resolve();
      },
      dropped: (code, reason) => ending.resolve([code, reason]),
    },
  );
  await opened.promise;
  if (!server) throw new Error("the server saw no handshake");
  return { server, texts, ending: ending.promise };
}

/** Dials, and waits for the end. */
function fail(url: string, timeout = 5000): Promise<Ending> {
  return new Promise((resolve) => {
    socket = dial(
      { url, protocols: ["greenroom.1"], timeout, WebSocket: undefined },
      { text: () => undefined, dropped: (code, reason) => resolve([code, reason]) },
    );
  });
}

describe("a handshake that fails is 1006, whatever partysocket calls it", () => {
  test("[B2] [C2] nobody listens", async () => {
    const port = await listen(() => undefined);
    await port.stop();
    expect(await fail(port.url)).toEqual([1006, ""]);
  });

  test("[B2] [C2] the server refuses with a status", async () => {
    const port = await listen((stream) =>
      stream.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
    );
    ({ stop } = port);
    expect(await fail(port.url)).toEqual([1006, ""]);
  });

  test("[B2] [C2] the server hangs up in the middle", async () => {
    const port = await listen((stream) => stream.destroy());
    ({ stop } = port);
    expect(await fail(port.url)).toEqual([1006, ""]);
  });

  test("[B2] [B4] the server never answers", async () => {
    const port = await listen(() => undefined);
    ({ stop } = port);
    expect(await fail(port.url, 30)).toEqual([1006, ""]);
  });

  test("[B2] an address that cannot be dialed", async () => {
    expect(await fail("nonsense:nothing")).toEqual([1006, ""]);
  });
});

describe("a connection that ends", () => {
  test("[C1] tells the room's code and reason", async () => {
    const { server, ending } = await open();
    server.close(4003, "kicked");
    expect(await ending).toEqual([4003, "kicked"]);
  });

  test("[C2] [B2] a true close 1000 is one, without a reason that nobody gave", async () => {
    const { server, ending } = await open();
    server.close(1000);
    expect(await ending).toEqual([1000, ""]);
  });

  test("[C2] [R7] a bare close is 1005", async () => {
    const { server, ending } = await open();
    server.close();
    expect(await ending).toEqual([1005, ""]);
  });

  test("[C2] [B2] [B12] a connection that vanishes is 1006, and not a clean close", async () => {
    const { server, ending } = await open();
    server.vanish();
    expect(await ending).toEqual([1006, ""]);
  });

  test("[C2] [B2] a peer that breaks the protocol is 1006, and not a clean close", async () => {
    const { server, ending } = await open();
    server.garble();
    expect(await ending).toEqual([1006, ""]);
  });
});

describe("a socket", () => {
  test("[H1] offers the protocols and sends texts once it is open", async () => {
    const { server, texts } = await open();
    socket?.send("one");
    socket?.send("two");
    server.text("more");
    server.bytes(new Uint8Array([1, 2, 3])); // passed over: frames are texts
    server.text("last");
    await expect.poll(() => texts).toEqual(["hello", "more", "last"]);
    await expect.poll(() => server.texts).toEqual(["one", "two"]);
    expect(server.protocols).toBe("greenroom.1, other");
  });

  test("[B6] what is sent before it opens is not kept for later", async () => {
    let server: ServerSocket | undefined;
    const port = await listen((stream, request) => (server = new ServerSocket(stream, request)));
    ({ stop } = port);
    socket = dial(
      { url: port.url, protocols: [], timeout: 5000, WebSocket: undefined },
      { text: () => undefined, dropped: () => undefined },
    );
    socket.send("too early");
    await expect.poll(() => server).toBeDefined();
    server?.text("hello");
    await expect
      .poll(() => {
        socket?.send("in time");
        return server?.texts.length;
      })
      .toBeGreaterThan(0);
    expect(server?.texts).not.toContain("too early");
  });

  test("[B8] our close reaches the server, and nothing is told after it", async () => {
    const { server, texts, ending } = await open();
    socket?.close(true);
    server.text("too late");
    expect(await server.closed).toBe(1000);
    expect(texts).toEqual(["hello"]);
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    socket?.send("too late"); // partysocket would keep it, and say so
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(await Promise.race([ending, Promise.resolve("untold")])).toBe("untold");
  });

  test("[B8] a socket that is closed before it opens leaves nothing behind", async () => {
    let dials = 0;
    const port = await listen((stream, request) => {
      dials++;
      return new ServerSocket(stream, request);
    });
    ({ stop } = port);
    const early = dial(
      { url: port.url, protocols: [], timeout: 5000, WebSocket: undefined },
      { text: () => undefined, dropped: () => undefined },
    );
    early.close(true);
    await open(); // a whole handshake later
    expect(dials).toBe(0);
    await port.stop();
  });
});
