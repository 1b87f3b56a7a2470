// What the proxy does to connections, between a plain TCP client and an echo.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

import { FaultProxy } from "@greenroom/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let server: Server;
let served: Socket[];
let proxy: FaultProxy;

beforeEach(async () => {
  served = [];
  server = createServer((socket) => {
    served.push(socket);
    socket.on("error", () => undefined); // the end that follows is what the tests look at
    socket.on("data", (bytes) => socket.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy = await FaultProxy.start(`127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of served) socket.destroy();
  server.close();
});

/** A client that keeps what it is given. */
class Caller {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  heard = "";

  constructor() {
    this.socket = connect(Number(proxy.host.split(":")[1]), "127.0.0.1");
    this.closed = end(this.socket);
    this.socket.on("data", (bytes) => {
      this.heard += bytes.toString();
    });
  }

  async hears(text: string): Promise<void> {
    await vi.waitUntil(() => this.heard === text);
  }
}

/** Resolves when a socket has closed, by a reset too, which `once` would throw. */
function end(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

async function call(): Promise<Caller> {
  const caller = new Caller();
  caller.socket.write("hello");
  await caller.hears("hello");
  return caller;
}

test("passes everything on, in both directions", async () => {
  const caller = await call();
  const text = "x".repeat(1_000_000);
  caller.socket.write(text);
  await expect.poll(() => caller.heard.length, { timeout: 5_000 }).toBe(text.length + 5);
  expect(proxy.links).toHaveLength(1);
});

test("passes an end on", async () => {
  const caller = await call();
  caller.socket.end();
  await end(served[0]!);
  await expect.poll(() => proxy.links.length).toBe(0);
});

for (const how of ["reset", "end"] as const) {
  test(`a cut by ${how} ends the connection for both ends`, async () => {
    const caller = await call();
    const ended = end(served[0]!);
    proxy.links[0]!.cut({ how });
    await Promise.all([ended, caller.closed]);
    expect(proxy.links).toHaveLength(0);
  });
}

test("a cut within what comes next lets a part of it through", async () => {
  const caller = await call();
  proxy.links[0]!.cut({ within: "to-client", share: 0.5 });
  caller.socket.write("12345678");
  await caller.closed;
  expect(caller.heard).toBe("hello1234");
});

test("a cut behind what comes next on the way to the server loses the answer alone", async () => {
  const caller = await call();
  let got = "";
  served[0]!.on("data", (bytes) => {
    got += bytes.toString();
  });
  proxy.links[0]!.cut({ within: "to-server", share: 1 });
  caller.socket.write("12345678");
  await caller.closed;
  await expect.poll(() => got).toBe("12345678");
  expect(caller.heard).toBe("hello");
});

test("a cut that waits for bytes comes without them in the end", async () => {
  const caller = await call();
  proxy.links[0]!.cut({ within: "to-server" });
  await caller.closed;
  expect(proxy.links).toHaveLength(0);
});

test("a stalled connection delivers everything afterwards, an end included", async () => {
  const caller = await call();
  const ended = end(served[0]!);
  proxy.links[0]!.stall(100);
  caller.socket.write(" held");
  caller.socket.end();
  const began = performance.now();
  await ended;
  expect(performance.now() - began).toBeGreaterThan(80);
});

test("a delayed connection keeps the order", async () => {
  const caller = await call();
  proxy.links[0]!.delay(50, 60);
  caller.socket.write("1");
  await new Promise((resolve) => setTimeout(resolve, 30));
  caller.socket.write("2");
  await new Promise((resolve) => setTimeout(resolve, 40));
  caller.socket.write("3");
  await caller.hears("hello123");
  expect(proxy.links).toHaveLength(1);
});

test("a half-open connection whose client is dead leaves the server a ghost", async () => {
  const caller = await call();
  proxy.links[0]!.halfOpen("client");
  await caller.closed;
  expect(served[0]!.destroyed).toBe(false);
  served[0]!.destroy();
});

test("a half-open connection whose server is dead tells the client nothing", async () => {
  const caller = await call();
  const ended = end(served[0]!);
  proxy.links[0]!.halfOpen("server");
  await ended;
  caller.socket.write("anybody?");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(caller.socket.readyState).toBe("open");
  expect(caller.heard).toBe("hello");
  caller.socket.end();
  await caller.closed;
});

test("new connections are refused for a while", async () => {
  proxy.refuse(100);
  await new Caller().closed;
  expect(served).toHaveLength(0);
  await new Promise((resolve) => setTimeout(resolve, 110));
  await call();
});

test("in a blackout nothing is delivered, on new connections either", async () => {
  const early = await call();
  proxy.blackOut(100);
  const late = new Caller();
  early.socket.write("1");
  late.socket.write("2");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([early.heard, late.heard]).toEqual(["hello", ""]);
  await early.hears("hello1");
  await late.hears("2");
});

test("the next connection is late, and no other", async () => {
  proxy.stallNext(100);
  const late = new Caller();
  late.socket.write("late");
  await call();
  expect(late.heard).toBe("");
  await late.hears("late");
});
