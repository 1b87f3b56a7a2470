import { contract } from "@greenroom/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { connect, type ConnectOptions, type RoomClient, RoomError } from "../src/index.ts";
import { FakeServer, refusing, welcoming } from "./fake-server.ts";

const chat = contract({
  name: "chat",
  messages: { say: v.string() },
  events: { said: v.string() },
  signals: { typing: v.string() },
  calls: { up: { input: v.string(), output: v.string() }, now: { output: v.number() } },
  asks: {
    name: { input: v.pipe(v.number(), v.transform(String)), output: v.string() },
    ready: { output: v.undefined() },
  },
  snapshot: v.pipe(v.string(), v.transform(Number)),
});

let room: RoomClient<typeof chat.shape>;
let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});

afterEach(() => {
  room.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function join(to: FakeServer = welcoming(), options: Partial<ConnectOptions> = {}) {
  server = to;
  const { WebSocket } = server;
  room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket, ...options });
  await pass(0);
}

async function errorOf(promise: Promise<unknown>): Promise<RoomError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RoomError) return error;
    throw error;
  }
  throw new Error("it resolved");
}

describe("listening", () => {
  test("[L6] an event comes with its seq and time, a signal with neither", async () => {
    await join();
    const heard: unknown[] = [];
    room.on("said", (value, meta) => heard.push([value, meta]));
    room.on("typing", (value, meta) => heard.push([value, meta]));
    server.last.send(["e", 1, ["said", "a", 17]], ["s", "typing", "ann"]);
    expect(heard).toEqual([
      ["a", { kind: "event", seq: 1, at: 17 }],
      ["ann", { kind: "signal" }],
    ]);
  });

  test("[B9] a listener that throws is reported, and suppresses no other", async () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    await join();
    const heard: string[] = [];
    const fault = new Error("in a listener");
    room.on("said", () => {
      throw fault;
    });
    room.on("said", (value) => heard.push(value));
    room.watch("status", () => {
      throw fault;
    });
    server.last.send(["e", 1, ["said", "a", 5]], ["e", 2, ["said", "b", 5]]);
    server.last.break();
    await pass(300);
    expect(heard).toEqual(["a", "b"]);
    expect(reported).toEqual([fault, fault, fault, fault]);
    expect(room.status).toEqual({ state: "connected" });
  });

  test("[B9] without `reportError` it is an uncaught exception, as of an event listener", async () => {
    const uncaught = vi.fn<(task: () => void) => void>();
    await join();
    room.on("said", () => {
      throw new Error("in a listener");
    });
    vi.stubGlobal("reportError", undefined);
    vi.stubGlobal("queueMicrotask", uncaught);
    server.last.send(["e", 1, ["said", "a", 5]]);
    expect(uncaught.mock.calls[0]?.[0]).toThrow("in a listener");
  });

  test("[D12] a listener that is removed, also while others are told, hears nothing more", async () => {
    await join();
    const heard: string[] = [];
    const stopSecond = room.on("said", () => {
      stopThird();
      room.on("said", (value) => heard.push(`late ${value}`));
    });
    const stopThird = room.on("said", (value) => heard.push(`third ${value}`));
    server.last.send(["e", 1, ["said", "a", 5]]);
    expect(heard).toEqual([]);
    stopSecond();
    stopSecond();
    server.last.send(["e", 2, ["said", "b", 5]]);
    expect(heard).toEqual(["late b"]);
  });

  test("[D12] one function that listens twice is called twice, and removed once", async () => {
    await join();
    const listener = vi.fn<(value: string) => void>();
    const stop = room.on("said", listener);
    room.on("said", listener);
    stop();
    server.last.send(["e", 1, ["said", "a", 5]]);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("[H7] a snapshot is given as its schema transforms it", async () => {
    const moments: unknown[] = [];
    await join(welcoming({ resume: "snapshot", seq: 9, head: 11, snapshot: "42" }));
    room.watch("resume", (moment) => moments.push(moment));
    room.reconnect();
    await pass(0);
    expect(moments).toEqual([{ kind: "snapshot", missed: 2, snapshot: 42 }]);
  });
});

describe("sending and calling", () => {
  test("[S3] a send resolves when it is taken, a call with its answer", async () => {
    await join();
    const taken = room.send("say", "a");
    const up = room.call("up", "b");
    const now = room.call("now");
    expect(server.last.frames).toEqual([
      ["m", 1, "say", "a"],
      ["c", 2, "up", "b"],
      ["c", 3, "now"],
    ]);
    server.last.send(["v", 2, "B"], ["v", 3, 7], ["a", 1]);
    expect(await Promise.all([taken, up, now])).toEqual([undefined, "B", 7]);
  });

  test("[S5] a rejection is a RoomError with what the room says", async () => {
    await join();
    const refused = errorOf(room.call("up", "b"));
    server.last.send(["x", 1, { code: "refused", reason: "too late" }]);
    expect(await refused).toMatchObject({ code: "refused", reason: "too late" });
  });

  test("[D15] a call is given up after 10 s, a send never, unless they say otherwise", async () => {
    await join();
    const call = errorOf(room.call("now"));
    const brief = errorOf(room.call("up", "b", { timeout: 50 }));
    const send = errorOf(room.send("say", "a", { timeout: 2000 }));
    const patient = room.send("say", "b");
    await pass(50);
    expect(await brief).toMatchObject({ code: "timeout" });
    await pass(10_000);
    expect(await call).toMatchObject({ code: "timeout" });
    expect(await send).toMatchObject({ code: "timeout" });
    await pass(3_600_000);
    server.last.send(["a", 4]);
    await patient;
  });

  test("[D15] `callTimeout` is for all calls of a client", async () => {
    await join(welcoming(), { callTimeout: 100 });
    const call = errorOf(room.call("now", { timeout: undefined }));
    await pass(100);
    expect(await call).toMatchObject({ code: "timeout" });
  });

  test("[D15] what is given up while away is never sent", async () => {
    const mended = new FakeServer((peer, index) => {
      if (index < 3) return peer.refuse();
      peer.open();
      return peer.welcome();
    });
    await join(mended);
    const timedOut = errorOf(room.send("say", "a", { timeout: 100 }));
    const controller = new AbortController();
    const aborted = errorOf(room.send("say", "b", { signal: controller.signal }));
    void room.send("say", "c");
    await pass(100);
    const cause = new Error("changed my mind");
    controller.abort(cause);
    expect(await timedOut).toMatchObject({ code: "timeout" });
    expect(await aborted).toMatchObject({ code: "aborted", cause });
    await pass(10_000);
    expect(server.last.frames).toEqual([["m", 1, "say", "c"]]);
  });

  test("[D15] a signal that has fired already sends nothing", async () => {
    await join();
    const error = await errorOf(room.send("say", "a", { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: "aborted" });
    expect(server.last.frames).toEqual([]);
  });

  test("[D15] a signal that outlives its message keeps no listener of ours", async () => {
    await join();
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    const sent = room.send("say", "a", { signal });
    server.last.send(["a", 1]);
    await sent;
    expect(remove).toHaveBeenCalledTimes(1);
  });

  test("[K1] a value that does not match is rejected at once, with its issues", async () => {
    await join();
    // @ts-expect-error -- the types say so, too
    const error = await errorOf(room.send("say", 7));
    expect(error).toMatchObject({ code: "invalid" });
    expect(error.issues).toHaveLength(1);
    expect(server.last.frames).toEqual([]);
  });

  test("[D9] [B5] what a half-open socket swallowed is sent again", async () => {
    await join();
    const [swallowing] = server.peers;
    if (swallowing) swallowing.answersPings = false;
    const sent = room.send("say", "a");
    await pass(41_000);
    expect(server.peers).toHaveLength(2);
    expect(server.last.frames).toEqual([["m", 1, "say", "a"]]);
    server.last.send(["a", 1]);
    await sent;
  });

  test("[B12] how much the platform has buffered, and how clean a close was, decide nothing", async () => {
    await join();
    const sent = room.send("say", "a");
    server.last.break(); // which partysocket calls a clean close 1000
    expect(room.status).toEqual({ state: "connected" });
    await pass(300);
    expect(server.last.frames).toEqual([["m", 1, "say", "a"]]);
    server.last.send(["a", 1]);
    await sent;
  });
});

describe("the room's questions", () => {
  test("[S12] a question is answered with what its handler returns, at once or later", async () => {
    await join();
    room.answer("name", async (n) => `${typeof n} ${n}`);
    room.answer("ready", () => undefined);
    server.last.send(["q", 1, "name", 7], ["q", 2, "ready", undefined]);
    await pass(0);
    expect(server.last.frames).toEqual(
      expect.arrayContaining([
        ["r", 1, "string 7"],
        ["r", 2],
      ]),
    );
  });

  test("[S12] what cannot be answered is refused", async () => {
    await join();
    const faults: unknown[] = [];
    room.watch("fault", (error) => faults.push(error.cause));
    const cause = new Error("internal");
    server.last.send(["q", 1, "name", 7], ["q", 2, "constructor", 7]);
    const stop = room.answer("name", () => {
      throw new RoomError("refused", { reason: "busy" });
    });
    server.last.send(["q", 3, "name", 7], ["q", 4, "name", "not a number"]);
    room.answer("name", () => {
      throw cause;
    });
    stop(); // of the one before: the newer stays
    server.last.send(["q", 5, "name", 7]);
    // @ts-expect-error -- an answer that the contract does not allow
    room.answer("name", () => 7);
    server.last.send(["q", 6, "name", 7]);
    await pass(0);
    expect(server.last.frames).toHaveLength(6);
    expect(server.last.frames).toEqual(
      expect.arrayContaining([
        ["f", 1, "unknown"],
        ["f", 2, "unknown"],
        ["f", 3, "busy"],
        ["f", 4, "invalid"],
        ["f", 5, "failed"],
        ["f", 6, "failed"],
      ]),
    );
    expect(faults).toEqual([cause, expect.objectContaining({ code: "invalid" })]);
  });

  test("[S12] a question is answered only on the connection on which it was asked", async () => {
    await join();
    let give = (_: string): void => undefined;
    room.answer("name", () => new Promise((resolve) => (give = resolve)));
    const [asking] = server.peers;
    asking?.send(["q", 1, "name", 7]);
    room.reconnect();
    await pass(0);
    give("too late");
    await pass(0);
    expect(server.peers.flatMap(({ frames }) => frames)).toEqual([]);
  });
});

describe("the page", () => {
  let page: EventTarget;

  beforeEach(() => {
    page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    vi.stubGlobal("document", { visibilityState: "visible" });
  });

  const tell = (type: string): boolean => page.dispatchEvent(new Event(type));
  const see = (visibilityState: string): void => {
    Object.assign(document, { visibilityState });
    tell("visibilitychange"); // which bubbles up from the document
  };

  test.each([
    ["online", () => tell("online")],
    ["a page that becomes visible", () => see("visible")],
    ["a page that comes back from the cache", () => tell("pageshow")],
  ])("[D3] [B3] %s dials at once where it waits", async (_, event) => {
    await join(refusing());
    await pass(60_000);
    const before = server.peers.length;
    event();
    await pass(0);
    expect(server.peers).toHaveLength(before + 1);
  });

  test("[D3] a page that is hidden does not", async () => {
    await join(refusing());
    await pass(60_000);
    const before = server.peers.length;
    see("hidden");
    await pass(0);
    expect(server.peers).toHaveLength(before);
  });

  test.each([
    ["offline", () => tell("offline")],
    ["online", () => tell("online")],
    ["a page that becomes visible", () => see("visible")],
  ])("[D6] %s probes a connection, and an answer keeps it", async (_, event) => {
    await join();
    await pass(1000);
    event();
    expect(server.last.pings).toBe(2); // one after the welcome
    await pass(10_000);
    expect(server.peers).toHaveLength(1);
    expect(room.status).toEqual({ state: "connected" });
  });

  test("[D6] a probe without an answer replaces the connection after 5 s", async () => {
    await join();
    server.last.answersPings = false;
    tell("offline");
    await pass(4999);
    expect(room.status).toEqual({ state: "connected" });
    await pass(1);
    expect(room.status).toEqual({ state: "reconnecting", attempt: 1 });
  });

  test("[D14] the session goes on after a reload, and its page is left when it is closed", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    await join();
    const before = server.last.offer.hello?.session;
    tell("pagehide");
    expect([...kept]).toEqual([["greenroom:ws://localhost:1/rooms/chat/lobby", before]]);
    room.close();
    await join();
    expect(server.last.offer.hello?.session).toBe(before);
    room.close();
    kept.clear();
    tell("pagehide");
    expect(kept.size).toBe(0);
  });
});
