import { contract } from "@greenroom/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { connect, type RoomClient, type RoomError, type WaitOptions } from "../src/index.ts";
import { type Pages, pages } from "../src/pages.ts";
import { logStore } from "../src/stores.ts";
import { FakeServer, welcoming } from "./fake-server.ts";

const chat = contract({ name: "chat", events: { said: v.pipe(v.string(), v.transform(Number)) } });
type Chat = typeof chat.shape;

let room: RoomClient<Chat> & { readonly pages: Pages<Chat> };
let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  room.close();
  vi.useRealTimers();
});

const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function join(to = welcoming()): Promise<void> {
  server = to;
  const { WebSocket } = server;
  const use = [pages] as const;
  room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket, random: () => 0.5, use });
  await pass();
}

/** What a page that is asked for fails with, told when it does. */
function failing(options?: WaitOptions): Promise<unknown> {
  return room.pages.before(9, 5, options).then(
    () => "it came",
    (error: unknown) => error,
  );
}

describe("room.pages", () => {
  test("[V12] asks the room, and gives its entries as the contract has them", async () => {
    await join();
    const page = room.pages.before(9, 2);
    const another = room.pages.before(5);
    expect(server.last.frames).toEqual([
      ["b", 1, 9, 2],
      ["b", 2, 5, 50],
    ]);
    server.last.send(["b", 2, 0]);
    server.last.send(["b", 1, 7, ["said", "70", 1], ["said", "80", 2]]);
    expect(await another).toEqual([]);
    expect(await page).toEqual([
      { seq: 7, event: "said", value: 70, at: 1 },
      { seq: 8, event: "said", value: 80, at: 2 },
    ]);
  });

  test("[V12] an entry that does not match is told as a fault, and left out", async () => {
    await join();
    const codes: string[] = [];
    room.watch("fault", ({ code }) => codes.push(code));
    const page = room.pages.before(9);
    server.last.send(["b", 1, 6, ["said", 6, 1], ["gone", "7", 1], ["said", "8", 1]]);
    expect(await page).toEqual([{ seq: 8, event: "said", value: 8, at: 1 }]);
    expect(codes).toEqual(["invalid", "unknown"]);
  });

  test("[V12] waits for a connection, and asks again on the next", async () => {
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        if (index !== 1) peer.welcome({ resume: index ? "resumed" : "joined", epoch: "one" });
      }),
    );
    server.last.break();
    await pass();
    const page = room.pages.before(9);
    await pass(1000);
    expect(server.last.frames).toEqual([]);
    server.last.welcome({ resume: "resumed", epoch: "one" });
    expect(server.last.frames).toEqual([["b", 1, 9, 50]]);
    server.last.break();
    await pass(1000);
    expect(server.last.frames).toEqual([["b", 1, 9, 50]]);
    server.last.send(["b", 1, 8, ["said", "8", 1]]);
    expect((await page).length).toBe(1);
  });

  test("[V12] is given up after its time, or with its signal, and a late answer is nothing", async () => {
    await join();
    const controller = new AbortController();
    const late = failing();
    const aborted = failing({ signal: controller.signal, timeout: 20_000 });
    await pass(10_000);
    controller.abort();
    expect(await late).toMatchObject({ code: "timeout" });
    expect(await aborted).toMatchObject({ code: "aborted" });
    server.last.send(["b", 1, 8, ["said", "8", 1]], ["b", 2, 8, ["said", "8", 1]]);
    expect(room.status.state).toBe("connected");
  });

  test("[V12] is given up where the log begins anew, and where the room closes", async () => {
    await join(
      new FakeServer((peer, index) => {
        peer.open();
        peer.welcome({ epoch: `${index}`, resume: index ? "reset" : "joined" });
      }),
    );
    const first = failing();
    server.last.break();
    await pass(1000);
    expect(await first).toMatchObject({ code: "aborted" });
    const second = failing();
    room.close();
    expect(await second).toMatchObject({ code: "closed" });
  });

  test("[V12] a refusal is an error, and of a room without pages says what to write", async () => {
    await join();
    const limited = failing();
    server.last.send(["b", 1, { code: "limited", retryAfter: 70 }]);
    expect(await limited).toMatchObject({ code: "limited", retryAfter: 70 });
    const none = failing();
    server.last.send(["x", 0, { code: "malformed" }]);
    expect(await none).toMatchObject({ code: "unknown" });
    expect(((await none) as RoomError).hint).toMatch(/use: \[pages\(\)\]/);
  });

  test("[V4] [V5] the log as a list is loaded by it, without an option", async () => {
    await join(
      new FakeServer((peer) => {
        peer.open();
        peer.welcome({ epoch: "one", seq: 8, head: 8 });
      }),
    );
    const log = logStore(room);
    await pass();
    server.last.send(["b", 1, 7, ["said", "7", 1], ["said", "8", 1]]);
    await pass();
    expect(log.get().entries.map(({ seq }) => seq)).toEqual([7, 8]);
    void log.loadOlder();
    expect(server.last.frames.at(-1)).toEqual(["b", 2, 7, 50]);
    server.last.send(["b", 2, 0]);
    await pass();
    expect(log.get().hasOlder).toBe(false);
  });
});
