import { contract } from "@greenroom/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { connect, type ConnectOptions, type RoomClient, RoomError } from "../src/index.ts";
import { type LogOptions, logStore, outboxStore, statusStore } from "../src/stores.ts";
import { FakeServer, type Peer, welcoming } from "./fake-server.ts";

const chat = contract({
  name: "chat",
  messages: { say: v.string() },
  events: { said: v.string(), left: v.number() },
  calls: { up: { input: v.string(), output: v.string() } },
  snapshot: v.number(),
});
type Chat = typeof chat.shape;
type Page = Awaited<ReturnType<NonNullable<LogOptions<Chat>["loadBefore"]>>>;

let room: RoomClient<Chat>;
let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  room.close();
  vi.useRealTimers();
});

const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function join(to = welcoming(), options: Partial<ConnectOptions> = {}): Promise<void> {
  server = to;
  const { WebSocket } = server;
  room = connect(chat, {
    host: "localhost:1",
    room: "lobby",
    WebSocket,
    random: () => 0.5,
    ...options,
  });
  await pass();
}

/** Tells entries from a seq on, in one frame. */
function tell(peer: Peer, first: number, ...texts: string[]): void {
  peer.send(["e", first, ...texts.map((text) => ["said", text, first] as const)]);
}

const said = (seq: number, value = `${seq}`): Page[number] => ({
  seq,
  event: "said",
  value,
  at: 1,
});
const seqs = (): number[] =>
  logStore(room)
    .get()
    .entries.map(({ seq }) => seq);

describe("a store", () => {
  test("[V1] gives the same value until it changes, and tells once per turn", async () => {
    await join();
    const log = logStore(room);
    const told = vi.fn<() => void>();
    const stop = log.subscribe(told);
    const before = log.get();
    expect(log.get()).toBe(before);
    tell(server.last, 1, "a", "b");
    tell(server.last, 3, "c");
    expect(log.get()).not.toBe(before);
    expect([seqs(), told.mock.calls.length]).toEqual([[1, 2, 3], 0]);
    await pass();
    expect(told).toHaveBeenCalledTimes(1);
    tell(server.last, 4, "d");
    stop();
    await pass();
    expect(told).toHaveBeenCalledTimes(1);
  });

  test("[V1] is the same one for the same room", async () => {
    await join();
    expect([logStore(room), statusStore(room), outboxStore(room)]).toEqual([
      logStore(room),
      statusStore(room),
      outboxStore(room),
    ]);
    expect(logStore(room)).toBe(logStore(room, {}));
  });
});

describe("the status", () => {
  const status = (): string => {
    const { state, outage } = statusStore(room).get();
    return `${state}, ${outage}`;
  };

  test("[V2] tells nothing of a blip", async () => {
    await join(welcoming(), { lostAfter: 1000 });
    expect(status()).toBe("connected, none");
    server.last.break();
    await pass();
    expect(status()).toBe("reconnecting, none");
    await pass(900);
    expect(status()).toBe("connected, none");
  });

  test("[V2] tells `lost`, then `restored` until the next drop", async () => {
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        if (index === 0 || index > 3) peer.welcome();
        else peer.close(1012);
      }),
      { lostAfter: 20 },
    );
    const seen: string[] = [status()];
    statusStore(room).subscribe(() => seen.push(status()));
    server.last.break();
    await pass(60_000);
    expect(seen.filter((each) => each !== "reconnecting, lost")).toEqual([
      "connected, none",
      "reconnecting, none",
      "connected, restored",
    ]);
    expect(seen).toContain("reconnecting, lost");
    server.last.break();
    await pass();
    expect(status()).toBe("reconnecting, none");
  });

  test("[V2] tells `failed` where there is no way back, and forgets it with a new start", async () => {
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        if (index === 0) peer.welcome();
        else if (index < 4) peer.close(1012);
        else peer.close(4001, "expired");
      }),
      { lostAfter: 20 },
    );
    expect(status()).toBe("connected, none");
    server.last.break();
    await pass(60_000);
    expect(status()).toBe("closed, failed");
    room.reconnect();
    expect(status()).toBe("connecting, none");
  });

  test("[V2] who closes the room has no outage", async () => {
    await join(
      new FakeServer((peer, index) => (index ? peer.refuse() : (peer.open(), peer.welcome()))),
      {
        lostAfter: 20,
      },
    );
    expect(status()).toBe("connected, none");
    server.last.break();
    await pass(1000);
    expect(status()).toBe("reconnecting, lost");
    room.close();
    expect(status()).toBe("closed, none");
  });
});

describe("the log as a list", () => {
  test("[V3] holds what comes, whatever its event, across a resume", async () => {
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        if (index === 0) peer.welcome();
      }),
    );
    const log = logStore(room);
    server.last.send(["n", "epoch"], ["e", 1, ["said", "a", 7], ["left", 3, 8]]);
    server.last.break();
    await pass(1000);
    server.last.welcome({ resume: "resumed", epoch: "epoch", seq: 2, head: 3 }, [
      "e",
      3,
      ["said", "b", 9],
    ]);
    expect(log.get()).toEqual({
      entries: [
        { seq: 1, event: "said", value: "a", at: 7 },
        { seq: 2, event: "left", value: 3, at: 8 },
        { seq: 3, event: "said", value: "b", at: 9 },
      ],
      snapshot: undefined,
      hasOlder: false,
      isLoading: false,
      error: undefined,
    });
  });

  test.each(["reset", "snapshot"] as const)("[V3] begins anew with `%s`", async (resume) => {
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        if (index === 0)
          peer.welcome({ epoch: "one" }, ["e", 1, ["said", "a", 1], ["said", "b", 1]]);
        else {
          const epoch = resume === "reset" ? "two" : "one";
          peer.welcome({ resume, epoch, seq: 8, head: 9, snapshot: 8 }, ["e", 9, ["said", "c", 1]]);
        }
      }),
    );
    expect(logStore(room).get().entries).toEqual([]);
    server.last.break();
    await pass(1000);
    expect(logStore(room).get()).toMatchObject({ snapshot: 8, entries: [{ seq: 9, value: "c" }] });
  });

  test("[V3] of more than `keep` the newest stay, and the others can be loaded again", async () => {
    await join();
    const loadBefore = vi.fn<(seq: number, limit: number) => Promise<Page>>(async (seq) => [
      said(seq - 1),
    ]);
    logStore(room, { keep: 10, loadBefore });
    expect(logStore(room).get().hasOlder).toBe(false);
    for (let seq = 1; seq <= 40; seq++) tell(server.last, seq, "a");
    const kept = seqs();
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(kept.length).toBeLessThanOrEqual(11);
    expect(kept.at(-1)).toBe(40);
    await logStore(room).loadOlder();
    expect(seqs()).toEqual([kept[0]! - 1, ...kept]);
    expect(loadBefore.mock.calls).toEqual([[kept[0], 50]]);
  });

  test("[V3] [V4] a page that was asked for before the list lost its oldest leaves no gap in it", async () => {
    const page = Promise.withResolvers<Page>();
    await join(
      new FakeServer((peer) => {
        peer.open();
        peer.welcome({ epoch: "one", seq: 3, head: 4 }, ["e", 4, ["said", "4", 1]]);
      }),
    );
    const log = logStore(room, { keep: 10, loadBefore: () => page.promise });
    tell(server.last, 5, "a");
    const loading = log.loadOlder();
    for (let seq = 6; seq <= 30; seq++) tell(server.last, seq, "a");
    page.resolve([said(2), said(3)]);
    await loading;
    const kept = seqs();
    expect(kept[0]).toBeGreaterThan(3);
    expect(kept).toEqual(kept.map((_, index) => kept[0]! + index));
    expect(log.get()).toMatchObject({ isLoading: false, hasOlder: true });
  });

  const withHistory = (): FakeServer =>
    new FakeServer((peer) => {
      peer.open();
      peer.welcome({ epoch: "one", seq: 8, head: 10 }, [
        "e",
        9,
        ["said", "9", 1],
        ["said", "10", 1],
      ]);
    });

  /** A log of which pages can be read, however they overlap. */
  async function entriesBefore(seq: number, limit: number): Promise<Page> {
    const all = Array.from({ length: 10 }, (_, index) => said(index + 1));
    return all.slice(Math.max(0, seq - 1 - limit), seq + 1);
  }

  test("[V4] pages come in front, each entry once, up to the first", async () => {
    server = withHistory();
    const { WebSocket } = server;
    room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket });
    const log = logStore(room, { page: 3, loadBefore: entriesBefore });
    await pass();
    expect([seqs(), log.get().hasOlder]).toEqual([[9, 10], true]);
    const both = [log.loadOlder(), log.loadOlder()];
    expect(log.get().isLoading).toBe(true);
    await Promise.all(both);
    expect([seqs(), log.get().isLoading]).toEqual([[6, 7, 8, 9, 10], false]);
    await log.loadOlder();
    await log.loadOlder();
    expect([seqs(), log.get().hasOlder]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false]);
    await log.loadOlder();
    expect(seqs().length).toBe(10);
  });

  test("[V4] where nothing comes, the list has reached its beginning", async () => {
    await join(withHistory());
    const log = logStore(room, { loadBefore: async () => [] });
    await pass();
    expect(log.get().hasOlder).toBe(false);
  });

  test("[V4] a page that fails says why, and can be asked for again", async () => {
    await join(withHistory());
    let fails = true;
    const log = logStore(room, {
      loadBefore: async (seq, limit) => {
        if (fails) throw new RoomError("timeout");
        return await entriesBefore(seq, limit);
      },
    });
    await log.loadOlder();
    expect(log.get()).toMatchObject({
      entries: [],
      isLoading: false,
      hasOlder: true,
      error: { code: "timeout" },
    });
    fails = false;
    await log.loadOlder();
    expect(log.get()).toMatchObject({ hasOlder: false, error: undefined });
    expect(seqs().length).toBe(10);
  });

  test("[V4] what fails with anything else is `failed`, with its cause", async () => {
    await join(withHistory());
    const cause = new Error("of the app");
    const log = logStore(room, { loadBefore: () => Promise.reject(cause) });
    await log.loadOlder();
    expect(log.get().error).toMatchObject({ code: "failed", cause });
  });

  test("[V4] a page of an earlier beginning is not taken", async () => {
    const page = Promise.withResolvers<Page>();
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        if (index === 0) peer.welcome({ epoch: "one", seq: 8, head: 8 });
        else peer.welcome({ resume: "reset", epoch: "two", seq: 0, head: 0 });
      }),
    );
    const log = logStore(room, { loadBefore: () => page.promise });
    expect(log.get().isLoading).toBe(true);
    server.last.break();
    await pass(1000);
    expect(log.get()).toMatchObject({ isLoading: false, hasOlder: false });
    page.resolve([said(7), said(8)]);
    await pass();
    expect(log.get()).toMatchObject({ entries: [], isLoading: false });
  });

  test("[V5] a list that is made late loads the newest page by itself", async () => {
    await join(withHistory());
    const log = logStore(room, { page: 4, loadBefore: entriesBefore });
    await pass();
    expect([seqs(), log.get().hasOlder]).toEqual([[7, 8, 9, 10], true]);
    tell(server.last, 11, "a");
    expect(seqs()).toEqual([7, 8, 9, 10, 11]);
  });

  test("[V5] so does one of a room that tells a newcomer nothing of the past, and what comes meanwhile follows", async () => {
    server = new FakeServer((peer) => {
      peer.open();
      peer.welcome({ epoch: "one", seq: 10, head: 10 });
    });
    const { WebSocket } = server;
    room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket, startClosed: true });
    const page = Promise.withResolvers<void>();
    logStore(room, {
      page: 2,
      loadBefore: async (seq, limit) => {
        await page.promise;
        return await entriesBefore(seq, limit);
      },
    });
    room.reconnect();
    await pass();
    tell(server.last, 11, "a");
    expect(seqs()).toEqual([11]);
    page.resolve();
    await pass();
    expect(seqs()).toEqual([9, 10, 11]);
  });

  test("[V5] a snapshot stands for the entries, which are not loaded for it", async () => {
    const loadBefore = vi.fn<(seq: number) => Promise<Page>>(async () => []);
    server = new FakeServer((peer) => {
      peer.open();
      peer.welcome({ epoch: "one", resume: "snapshot", seq: 10, head: 10, snapshot: 3 });
    });
    const { WebSocket } = server;
    room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket });
    logStore(room, { loadBefore });
    await pass();
    expect(logStore(room).get()).toMatchObject({ snapshot: 3, hasOlder: true });
    expect(loadBefore).not.toHaveBeenCalled();
  });
});

describe("the outbox", () => {
  const texts = (): string[] =>
    outboxStore(room)
      .get()
      .map(({ value, state, error }) => [value, state, error?.code].filter(Boolean).join(" "));
  /** Sends without waiting. */
  const say = (text: string): void => void room.send("say", text).catch(() => undefined);

  test("[D16] what is handed over stands in it, in order, until it is settled", async () => {
    await join();
    const told: string[] = [];
    room.watch("outbox", ({ item, error }) => {
      const stands = room.outbox.includes(item) ? "waits" : "is settled";
      told.push([item.kind, item.name, stands, error?.code].filter(Boolean).join(" "));
    });
    const sent = room.send("say", "a");
    const called = room.call("up", "b");
    expect(room.outbox).toEqual([
      { kind: "m", name: "say", value: "a" },
      { kind: "c", name: "up", value: "b" },
    ]);
    server.last.send(["a", 1]);
    expect(room.outbox.length).toBe(1);
    await sent;
    server.last.send(["x", 2, { code: "refused" }]);
    expect(room.outbox).toEqual([]);
    await expect(called).rejects.toMatchObject({ code: "refused" });
    expect(told).toEqual([
      "m say waits",
      "c up waits",
      "m say is settled",
      "c up is settled refused",
    ]);
  });

  test("[D16] what is rejected at once is told, too, and does not stay", async () => {
    await join(welcoming(), { outbox: 1 });
    const codes: unknown[] = [];
    room.watch("outbox", ({ error }) => codes.push(error?.code));
    say("a");
    say("b");
    const sent = room.send("say", 7 as never);
    await expect(sent).rejects.toMatchObject({ code: "invalid" });
    expect(codes).toEqual([undefined, undefined, "outbox-full", undefined, "invalid"]);
    expect(room.outbox.length).toBe(1);
  });

  test("[V6] holds messages until they are acknowledged, also those from before it was asked for", async () => {
    await join();
    say("a");
    void room.call("up", "a").catch(() => undefined);
    expect(texts()).toEqual(["a waiting"]);
    say("b");
    const [first, second] = outboxStore(room).get();
    expect(first?.key).not.toBe(second?.key);
    server.last.send(["a", 1]);
    expect(texts()).toEqual(["b waiting"]);
    expect(outboxStore(room).get()).toEqual([second]);
    expect(outboxStore(room).get()[0]).toBe(second);
  });

  test("[V6] a message leaves it in the turn in which its entry comes", async () => {
    await join();
    say("a");
    const seen: unknown[] = [];
    const look = (): unknown => seen.push([texts(), seqs()]);
    logStore(room).subscribe(look);
    outboxStore(room).subscribe(look);
    server.last.send(["n", "epoch"], ["e", 1, ["said", "a", 1]], ["a", 1]);
    await pass();
    expect(seen).toEqual([
      [[], [1]],
      [[], [1]],
    ]);
  });

  test("[V6] one that failed stays in its place, until it is discarded or sent again", async () => {
    await join();
    for (const text of ["a", "b", "c"]) say(text);
    const [a] = outboxStore(room).get();
    server.last.send(["x", 1, { code: "refused", reason: "no" }], ["x", 2, { code: "failed" }]);
    expect(texts()).toEqual(["a failed refused", "b failed failed", "c waiting"]);
    const [first, second, third] = outboxStore(room).get();
    expect([first?.key, first?.error?.reason]).toEqual([a?.key, "no"]);
    first?.retry();
    second?.discard();
    expect(texts()).toEqual(["c waiting", "a waiting"]);
    expect(server.last.frames.at(-1)).toEqual(["m", 4, "say", "a"]);
    // Neither does anything to one that waits, or is gone.
    first?.retry();
    third?.discard();
    third?.retry();
    expect(texts()).toEqual(["c waiting", "a waiting"]);
  });

  test("[V6] what the app takes back is not told to it", async () => {
    await join();
    const controller = new AbortController();
    room.send("say", "a", { signal: controller.signal }).catch(() => undefined);
    outboxStore(room);
    controller.abort();
    expect(texts()).toEqual([]);
  });

  test("[V6] the newest hundred that failed are kept", async () => {
    await join();
    outboxStore(room);
    room.close();
    for (let index = 0; index < 103; index++) say(`${index}`);
    expect([texts().length, texts()[0]]).toEqual([100, "3 failed closed"]);
  });
});
