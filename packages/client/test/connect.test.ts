import { contract } from "@greenroom/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { connect, type ConnectOptions, type RoomClient, RoomError } from "../src/index.ts";
import { closing, FakeServer, hanging, mute, refusing, welcoming } from "./fake-server.ts";

const chat = contract({
  name: "chat",
  messages: { say: v.string() },
  events: { said: v.string() },
  signals: { typing: v.string() },
  calls: { up: { input: v.string(), output: v.string() }, now: { output: v.number() } },
  asks: {
    name: { input: v.number(), output: v.string() },
    ready: { output: v.undefined() },
  },
});

let room: RoomClient<typeof chat.shape>;
/** Everything that the moments tell, in order. */
let told: string[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});

afterEach(async () => {
  room.close();
  await pass(1);
  // Nothing may keep a process alive after `close`.
  if (vi.getTimerCount() > 0) throw new Error("a timer was left behind");
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Connects, and lets what happens at once happen. */
async function join(server: FakeServer, options: Partial<ConnectOptions> = {}): Promise<void> {
  const { WebSocket } = server;
  room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket, ...options });
  told = [];
  room.watch("status", (status) =>
    told.push(status.state === "reconnecting" ? `reconnecting ${status.attempt}` : status.state),
  );
  for (const moment of ["lost", "restored", "failed"] as const) {
    room.watch(moment, () => told.push(moment));
  }
  room.watch("fault", (error) => told.push(`fault ${error.code}`));
  room.watch("resume", ({ kind, missed }) => told.push(`${kind} ${missed}`));
  await pass(0);
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
/** A dial takes a timer of its own. */
const dialed = (): Promise<unknown> => pass(1);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return error instanceof RoomError ? error.code : `resolved, or ${String(error)}`;
}

describe("connecting", () => {
  test("[D1] joins, and tells it", async () => {
    const server = welcoming({ id: "public", epoch: "E", seq: 3, head: 3 });
    await join(server);
    expect(told).toEqual(["connected", "joined 0"]);
    expect(room).toMatchObject({ id: "public", epoch: "E", seq: 3 });
    expect(room.status).toEqual({ state: "connected" });
  });

  test("[H1] says hello and the token outside of the URL", async () => {
    const server = welcoming();
    await join(server, { token: "\u{1f511} secret", session: "a-chosen-session" });
    expect(server.last.url).toBe("ws://localhost:1/rooms/chat/lobby");
    expect(server.last.offer).toEqual({
      supported: true,
      greenroom: true,
      hello: {
        session: "a-chosen-session",
        epoch: null,
        seq: null,
        dial: [expect.any(Number), 1],
      },
      token: "\u{1f511} secret",
    });
  });

  test("[D1] waits for `reconnect` when it starts closed", async () => {
    const server = welcoming();
    await join(server, { startClosed: true });
    expect(room.status).toEqual({ state: "closed", code: 1000, reason: "closed" });
    void room.send("say", "early");
    room.reconnect();
    expect(room.status).toEqual({ state: "connecting" });
    await pass(0);
    expect(told).toEqual(["connecting", "connected", "joined 0"]);
    expect(server.last.frames).toEqual([["m", 1, "say", "early"]]);
  });

  test("[D2] [B2] a refused handshake is tried again with backoff, whatever the platform calls it", async () => {
    const server = refusing();
    await join(server);
    expect(server.peers).toHaveLength(1);
    await pass(249);
    expect(server.peers).toHaveLength(1);
    for (const wait of [1, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]) await pass(wait + 1);
    expect(server.peers).toHaveLength(9);
    expect(room.status).toEqual({ state: "connecting" });
  });

  test.each([1000, 4003])(
    "[B2] a close %i before the opening is a failed handshake, not the room's word",
    async (code) => {
      const server = new FakeServer((peer) => peer.close(code));
      await join(server);
      expect(room.status).toEqual({ state: "connecting" });
      await pass(251);
      expect(server.peers).toHaveLength(2);
    },
  );

  test("[D2] [D17] a handshake without an end is given up after `dialTimeout`", async () => {
    const server = hanging();
    await join(server, { dialTimeout: 3000 });
    await pass(2999);
    expect(server.peers).toHaveLength(1);
    await pass(1 + 250);
    await dialed();
    expect(server.peers).toHaveLength(2);
    expect(server.peers[0]?.closedWith).toBe(4203);
  });

  test("[D2] [D17] a room that never welcomes is given up after `dialTimeout`", async () => {
    const server = mute();
    await join(server, { dialTimeout: 3000 });
    await pass(3250);
    await dialed();
    expect(server.peers).toHaveLength(2);
    expect(server.peers[0]?.closedWith).toBe(4203);
  });

  test("[D2] a WebSocket class that throws is a failed attempt", async () => {
    let dials = 0;
    const server = new FakeServer();
    await join(server, {
      WebSocket: class {
        readyState = 0;
        constructor() {
          dials++;
          throw new SyntaxError("no");
        }
      },
    });
    await pass(300);
    expect(dials).toBe(2);
  });
});

describe("coming back", () => {
  test("[D2] the first attempt falls into the slot, and says how far it has come", async () => {
    const server = welcoming({ slot: 4000, epoch: "E", seq: 7, head: 7 });
    await join(server);
    await pass(60_000);
    server.last.break();
    await pass(4249);
    expect(server.peers).toHaveLength(1);
    await pass(1);
    await dialed();
    expect(server.peers).toHaveLength(2);
    expect(server.last.offer.hello).toMatchObject({ epoch: "E", seq: 7 });
    expect(told.slice(2)).toEqual(["reconnecting 1", "connected", "joined 0"]);
  });

  test("[B10] each dial has the same address and the same session, and a fresh position", async () => {
    const server = welcoming({ epoch: "E", seq: 7, head: 7 });
    await join(server);
    const first = server.last;
    first.send(["e", 8, ["said", "a", 5]]);
    first.break();
    await pass(1000);
    expect(server.last.url).toBe(first.url);
    const [life, count] = first.offer.hello?.dial ?? [0, 0];
    const dial = [life, count + 1];
    expect(server.last.offer.hello).toEqual({ ...first.offer.hello, epoch: "E", seq: 8, dial });
  });

  test("[D1] the number of the attempt is told", async () => {
    const server = new FakeServer((peer, index) => {
      if (index > 0) return peer.refuse();
      peer.open();
      return peer.welcome();
    });
    await join(server);
    await pass(10_000);
    server.last.break();
    await pass(3000);
    expect(told.slice(2)).toEqual([
      "reconnecting 1",
      "reconnecting 2",
      "reconnecting 3",
      "reconnecting 4",
      "reconnecting 5",
    ]);
  });

  test("[D7] an outage is told after `lostAfter`, and its end", async () => {
    const server = new FakeServer((peer, index) => {
      if (index > 0 && index < 6) return peer.refuse();
      peer.open();
      return peer.welcome();
    });
    await join(server);
    await pass(10_000);
    server.last.break();
    await pass(4999);
    expect(told).not.toContain("lost");
    await pass(1);
    expect(told.at(-1)).toBe("lost");
    await pass(60_000);
    expect(told.slice(-3)).toEqual(["connected", "restored", "joined 0"]);
  });

  test("[D7] an outage that the room ends for good has failed", async () => {
    const server = new FakeServer((peer, index) => {
      peer.open();
      if (index === 0) peer.welcome();
      else if (index < 6) peer.close(1011);
      else peer.close(4003, "kicked");
    });
    await join(server);
    await pass(10_000);
    server.last.break();
    await pass(60_000);
    expect(told.slice(-2)).toEqual(["closed", "failed"]);
    expect(room.status).toEqual({ state: "closed", code: 4003, reason: "kicked" });
  });

  test("[D7] an outage that the app ends by closing has not failed", async () => {
    await join(refusing());
    await pass(5000);
    expect(told).toEqual(["lost"]);
    room.close();
    expect(told).toEqual(["lost", "closed"]);
  });

  test("[D10] what was sent while away was never sent, and survives a reset", async () => {
    const server = new FakeServer((peer, index) => {
      peer.open();
      peer.welcome({ epoch: `E${index}`, resume: index === 0 ? "joined" : "reset" });
    });
    await join(server);
    const before = codeOf(room.send("say", "before"));
    server.last.break();
    await pass(0);
    const away = room.send("say", "away");
    await pass(300);
    expect(await before).toBe("outcome-unknown");
    expect(server.last.frames).toEqual([["m", 1, "say", "away"]]);
    server.last.send(["a", 1]);
    await away;
  });

  test("[D11] [D17] a gap in what is seen live is a lost connection, and is resumed", async () => {
    const server = welcoming({ epoch: "E", seq: 1, head: 1 });
    await join(server);
    server.last.send(["e", 3, ["said", "c", 5]]);
    expect(server.peers[0]?.closedWith).toBe(4203);
    await pass(250);
    await dialed();
    expect(server.last.offer.hello).toMatchObject({ epoch: "E", seq: 1 });
  });

  test("[F4] a room that sends nonsense is left, and not in a tight loop", async () => {
    const server = new FakeServer((peer) => {
      peer.open();
      peer.welcome();
      peer.text("nonsense");
    });
    await join(server);
    await pass(60_000);
    expect(told).toContain("fault malformed");
    expect(server.peers.length).toBeLessThan(12);
  });

  test("[D1] [D17] `reconnect` replaces a living connection at once", async () => {
    const server = welcoming();
    await join(server);
    room.reconnect();
    await pass(0);
    expect(server.peers).toHaveLength(2);
    expect(server.peers[0]?.closedWith).toBe(4203);
    expect(told.slice(2)).toEqual(["reconnecting 1", "connected", "joined 0"]);
  });

  test("[D1] what an abandoned socket still says is not heard", async () => {
    const server = welcoming({ epoch: "E" });
    await join(server);
    const [old] = server.peers;
    room.reconnect();
    old?.send(["e", 1, ["said", "late", 5]]);
    old?.close(4003, "kicked");
    await pass(0);
    expect(room.status).toEqual({ state: "connected" });
    expect(room.seq).toBe(0);
  });
});

describe("closing", () => {
  test.each([
    [4001, "expired", "expired"],
    [4003, "kicked", "closed"],
    [4321, "the app's own reason", "closed"],
    [1000, "", "closed"],
  ])("[D13] [C1] [C2] %i %s rejects what waits with %j and stays", async (code, reason, error) => {
    const server = welcoming();
    await join(server);
    const waiting = [room.send("say", "a"), room.call("up", "b")].map(codeOf);
    server.last.close(code, reason);
    expect(await Promise.all(waiting)).toEqual([error, error]);
    expect(room.status).toEqual({ state: "closed", code, reason: reason || "closed" });
    await pass(600_000);
    expect(server.peers).toHaveLength(1);
    expect(told.slice(2)).toEqual(["closed"]);
  });

  test("[D13] `close` rejects what waits, and what is sent afterwards", async () => {
    const server = welcoming();
    await join(server);
    const waiting = codeOf(room.send("say", "a"));
    room.close();
    expect(await waiting).toBe("closed");
    expect(await codeOf(room.call("now"))).toBe("closed");
    expect(server.last.closedWith).toBe(1000);
    expect(room.status).toEqual({ state: "closed", code: 1000, reason: "closed" });
  });

  test("[D13] messages that nobody waits for make no unhandled rejection when the room closes", async () => {
    const unhandled = vi.fn<() => void>();
    process.on("unhandledRejection", unhandled);
    const server = welcoming();
    await join(server);
    void room.send("say", "a");
    room.close();
    void room.send("say", "b");
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve)); // Node tells them after the microtasks
    vi.useFakeTimers();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("[D13] a room that has expired begins anew on `reconnect`", async () => {
    const server = welcoming();
    await join(server);
    server.last.close(4001, "expired");
    await pass(0);
    room.reconnect();
    const sent = room.send("say", "a");
    await pass(0);
    expect(server.last.frames).toEqual([["m", 1, "say", "a"]]);
    server.last.send(["a", 1]);
    await sent;
  });

  test("[D1] a status listener may close, and may reconnect", async () => {
    const server = welcoming();
    await join(server);
    const stop = room.watch("status", ({ state }) => {
      if (state === "closed") room.reconnect();
    });
    server.last.close(4002, "superseded");
    await pass(0);
    expect(room.status).toEqual({ state: "connected" });
    stop();
    room.watch("status", ({ state }) => {
      if (state === "connected") room.close();
    });
    room.reconnect();
    await pass(0);
    expect(room.status).toMatchObject({ state: "closed" });
    expect(server.last.closedWith).toBe(1000);
  });

  test("[D1] a client that is closed while it dials leaves no socket open", async () => {
    const server = hanging();
    await join(server);
    room.close();
    expect(server.last.closedWith).toBe(1000);
    await pass(60_000);
    expect(server.peers).toHaveLength(1);
  });
});

describe("tokens", () => {
  test("[D4] a token is fetched for each dial", async () => {
    const server = welcoming();
    let count = 0;
    await join(server, { token: () => Promise.resolve(`token ${++count}`) });
    server.last.break();
    await pass(300);
    expect(server.peers.map(({ offer }) => offer.token)).toEqual(["token 1", "token 2"]);
  });

  test("[D4] [B4] a provider that hangs is given up after `tokenTimeout` and tried again", async () => {
    const server = welcoming();
    const token = vi
      .fn<() => Promise<string>>()
      .mockReturnValueOnce(new Promise(() => undefined))
      .mockResolvedValue("in time");
    await join(server, { token, tokenTimeout: 2000 });
    await pass(1999);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toEqual(["fault token"]);
    await pass(250);
    await dialed();
    expect(server.last.offer.token).toBe("in time");
    expect(room.status).toEqual({ state: "connected" });
  });

  test("[D4] a provider that fails, at once or later, is tried again with backoff", async () => {
    const server = welcoming();
    const token = vi
      .fn<() => Promise<string>>()
      .mockImplementationOnce(() => {
        throw new Error("no network");
      })
      .mockRejectedValueOnce(new Error("still none"))
      .mockResolvedValue("a token");
    await join(server, { token });
    await pass(251);
    expect(told).toEqual(["fault token", "fault token"]);
    await pass(500);
    expect(room.status).toEqual({ state: "connected" });
  });

  test("[D4] a token that comes too late is not used", async () => {
    const server = welcoming();
    let give = (_: string): void => undefined;
    const late = new Promise<string>((resolve) => (give = resolve));
    const token = vi.fn<() => Promise<string>>().mockReturnValueOnce(late).mockResolvedValue("new");
    await join(server, { token });
    room.reconnect();
    give("old");
    await pass(0);
    expect(server.peers.map(({ offer }) => offer.token)).toEqual(["new"]);
  });

  test("[C1] [W12] 41xx fetches a fresh token at once; a second denied one stops the client", async () => {
    const server = closing(4100, "unauthenticated: stale");
    let count = 0;
    await join(server, { token: () => `token ${++count}` });
    await dialed();
    await pass(60_000);
    expect(server.peers.map(({ offer }) => offer.token)).toEqual(["token 1", "token 2"]);
    expect(room.status).toEqual({
      state: "closed",
      code: 4100,
      reason: "unauthenticated: stale",
    });
    // Until the app begins anew.
    room.reconnect();
    await dialed();
    expect(server.peers.map(({ offer }) => offer.token)).toContain("token 3");
  });

  test("[W12] each token that ends is replaced by a fresh one, over and over", async () => {
    const server = welcoming();
    let count = 0;
    await join(server, { token: () => `token ${++count}` });
    for (let end = 1; end <= 5; end++) {
      await pass(6_000);
      server.last.close(4100, "unauthenticated");
      await dialed();
      expect(room.status).toEqual({ state: "connected" });
      expect(server.peers.map(({ offer }) => offer.token)).toHaveLength(end + 1);
    }
    expect(server.last.offer.token).toBe("token 6");
  });

  test.each([{}, { token: "the only one" }, { token: null }])(
    "[C1] 41xx stops a client that has no other token: %j",
    async (options) => {
      const server = closing(4100, "unauthenticated");
      await join(server, options);
      await pass(60_000);
      expect(server.peers).toHaveLength(1);
      expect(room.status).toEqual({ state: "closed", code: 4100, reason: "unauthenticated" });
    },
  );

  test("[C1] 42xx comes back after what the room asks", async () => {
    const server = closing(4201, "limited; retry after 9000 ms");
    await join(server);
    await pass(9249);
    expect(server.peers).toHaveLength(1);
    await pass(2);
    expect(server.peers).toHaveLength(2);
  });
});
