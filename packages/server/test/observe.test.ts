// Rules O4 and O5: what is published of what happens in rooms, and what it costs when nobody listens.
import { channel } from "node:diagnostics_channel";

import { routeRooms } from "@greenroom/server";
import { levelOf, logs, type RoomEvent, type RoomEventName } from "@greenroom/server/logs";
import { testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";

import { EVENTS, tellOf } from "../src/observe.ts";
import { speak } from "./speak.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A whole second, tomorrow. */
const TOMORROW = Math.ceil(Date.now() / SECOND) * SECOND + 24 * 60 * MINUTE;
const TOKEN = "a-token-that-nobody-may-see";
let heard: RoomEvent[] = [];
let logged: MockInstance<typeof console.error>;
const listener = (event: unknown): void => void heard.push(event as RoomEvent);

beforeEach(() => {
  time.freeze(TOMORROW);
  heard = [];
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  for (const name of EVENTS) channel(`greenroom:${name}`).subscribe(listener);
});
afterEach(() => {
  for (const name of EVENTS) channel(`greenroom:${name}`).unsubscribe(listener);
  vi.restoreAllMocks();
});

const of = (name: RoomEventName, room?: string): RoomEvent[] =>
  heard.filter((event) => event.event === name && (room === undefined || event.room === room));

describe("[O4] what happens is published, with ids and codes and nothing else", () => {
  test("connect, refuse, error, close and purge of a contract room", async () => {
    const room = await testRoom(env.ChatRoom, { name: "seen" });
    const a = await speak(room);
    const chat = { kind: "ChatRoom", room: "seen", at: TOMORROW };
    expect(of("connect")).toEqual([{ event: "connect", ...chat, member: a.id }]);
    a.message(1, "fail", "a payload of the client");
    const { fault } = await a.outcome(1);
    expect(of("error")).toEqual([
      { event: "error", ...chat, id: fault?.id, where: 'the handler of "fail"', code: "failed" },
    ]);
    a.message(2, "fail", "refuse");
    await a.outcome(2);
    expect(of("refuse")).toEqual([
      { event: "refuse", ...chat, code: "refused", name: "fail", member: a.id },
    ]);
    a.message(3, "say", { text: "a payload of the client" });
    await a.outcome(3);
    const b = await speak(room);
    a.dialled.close(1000, "a reason of the client");
    await vi.waitUntil(() => of("close").length > 0);
    expect(of("close")).toEqual([{ event: "close", ...chat, member: a.id, code: 1000 }]);
    await time.advanceTo(TOMORROW + 31 * MINUTE);
    expect((await b.dialled.closed()).code).toBe(4001);
    const end = { ...chat, at: TOMORROW + 30 * MINUTE };
    expect(of("expire")).toEqual([{ event: "expire", ...end }]);
    expect(of("purge")).toEqual([{ event: "purge", ...end, messages: 1, connections: 1 }]);
    expect(JSON.stringify(heard)).not.toMatch(/payload|secret|reason of/);
  });

  test("refuse by the Worker, by the room, and of what is no room", async () => {
    const ask = async (path: string, headers: Record<string, string> = {}): Promise<void> => {
      const request = new Request(`http://example.com/rooms/${path}?token=${TOKEN}`, { headers });
      await routeRooms(request, env, {
        rooms: { chat: env.ChatRoom, failing: env.FailingRoom },
        token: { query: "token" },
        authenticate: (_request, { room, token }) => {
          if (room === "broken") throw new Error(`secret ${token}`);
          return room === "closed" ? {} : { sub: "anna", readOnly: "yes" as never };
        },
      });
    };
    const upgrade = { Upgrade: "websocket", "Sec-WebSocket-Protocol": "greenroom.1" };
    await ask("chat/wrong-claims");
    await ask("chat/broken", upgrade);
    await ask("nowhere/x", upgrade);
    expect(of("error").map(({ kind, room }) => `${kind}/${room}`)).toEqual([
      "chat/wrong-claims",
      "chat/broken",
    ]);
    expect(of("refuse")).toMatchObject([
      { kind: "chat", room: "wrong-claims", code: "failed" },
      { kind: "chat", room: "broken", code: "failed" },
      { kind: "?", room: "?", code: "not-found" },
    ]);
    heard = [];
    const chat = await testRoom(env.ChatRoom, { name: "odd" });
    const odd = await chat.open({ protocols: ["greenroom.9"] });
    expect((await odd.closed()).code).toBe(4005);
    const failing = await (await testRoom(env.FailingRoom, { name: "connect-seen" })).open();
    await failing.closed();
    expect(of("refuse")).toMatchObject([
      { kind: "ChatRoom", room: "odd", code: "unsupported" },
      { kind: "FailingRoom", code: "failed", member: expect.stringMatching(/^[\w-]{22}$/) },
    ]);
    expect(of("connect")).toEqual([]);
    expect(JSON.stringify(heard)).not.toContain(TOKEN);
  });

  test("limit, with what and for how long", async () => {
    const a = await speak(await testRoom(env.RatedRoom, { name: "limits" }));
    const limits = (): unknown[] =>
      of("limit").map((event) => {
        const { limit, member } = event as Extract<RoomEvent, { event: "limit" }>;
        return [limit, member === a.id];
      });
    a.message(1, "say", "x".repeat(999)); // just over
    a.message(2, "say", "x".repeat(9_000)); // not even read
    await a.outcome(2);
    expect(limits()).toEqual([
      ["message", true],
      ["message", true],
    ]);
    for (let n = 3; n <= 1_100; n++) a.message(n, "say", "x");
    expect((await a.dialled.closed()).code).toBe(4201);
    expect(limits()).toContainEqual(["rate", true]);
    expect(limits().at(-1)).toEqual(["abuse", true]);
    const b = await speak(await testRoom(env.PatientRoom, { name: "limits" }));
    b.message(1, "slow", 100);
    for (let n = 2; n <= 4; n++) b.message(n, "say", "x".repeat(500_000));
    await b.outcome(4);
    expect(of("limit").at(-1)).toMatchObject({ limit: "waiting", member: b.id, retryAfter: 1_000 });
  });

  test("timer: done, tried again, and failed for good", async () => {
    const room = await testRoom(env.TimersRoom, { name: "seen" });
    await room.run(({ timers }) => {
      timers.set("note", { after: SECOND });
      timers.set("throws", { after: 2 * SECOND, retries: 1 });
      timers.set("asleep", { after: 10 * SECOND }, { ms: 1 });
    });
    await time.advanceTo(TOMORROW + 12 * SECOND);
    const rung = of("timer").map((event) => {
      const { name, attempt, outcome, late } = event as Extract<RoomEvent, { event: "timer" }>;
      return [name, attempt, outcome, late];
    });
    expect(rung).toEqual([
      ["note", 1, "done", 0],
      ["throws", 1, "retry", 0],
      ["throws", 2, "failed", 0],
      ["asleep", 1, "done", 0],
    ]);
    expect(of("error")).toHaveLength(2);
  });

  test("expire of a room that goes on", async () => {
    const room = await testRoom(env.ExtendingRoom, { name: "seen" });
    const a = await room.open();
    a.send("x");
    await a.next();
    await time.advanceTo(TOMORROW + 31 * MINUTE);
    expect(of("expire")).toMatchObject([{ extendedTo: TOMORROW + 35 * MINUTE }]);
    expect(of("purge")).toEqual([]);
  });
});

describe("[O5] where nobody listens", () => {
  test("nothing is built, and telling costs next to nothing", async () => {
    for (const name of EVENTS) channel(`greenroom:${name}`).unsubscribe(listener);
    expect(EVENTS.map((name) => channel(`greenroom:${name}`).hasSubscribers)).toEqual(
      EVENTS.map(() => false),
    );
    const build = vi.fn(() => ({ member: "x" }));
    const tell = tellOf("ChatRoom", "quiet");
    for (let n = 0; n < 1_000; n++) tell("connect", build);
    expect(build).not.toHaveBeenCalled();
  });
});

describe("[O6] logs", () => {
  test("writes a line of JSON for each event from its level on, until it is ended", async () => {
    const lines: [string, string][] = [];
    const end = logs({ level: "warn", write: (line, level) => lines.push([level, line]) });
    const tell = tellOf("ChatRoom", "lines");
    tell("connect", () => ({ member: "m" }));
    tell("refuse", () => ({ code: "banned" }));
    tell("error", () => ({ id: "abcdefgh", where: "onMessage", code: "failed" }));
    end();
    tell("error", () => ({ id: "afterend", where: "onMessage", code: "failed" }));
    expect(lines.map(([level]) => level)).toEqual(["warn", "error"]);
    expect(lines.map(([, line]) => JSON.parse(line) as unknown)).toEqual([
      {
        level: "warn",
        event: "refuse",
        kind: "ChatRoom",
        room: "lines",
        at: TOMORROW,
        code: "banned",
      },
      {
        level: "error",
        event: "error",
        kind: "ChatRoom",
        room: "lines",
        at: TOMORROW,
        id: "abcdefgh",
        where: "onMessage",
        code: "failed",
      },
    ]);
  });

  test("goes to the console by default, at the level of the event", async () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => undefined);
    const end = logs();
    const a = await (await testRoom(env.EchoRoom, { name: "logged" })).open();
    end();
    expect(JSON.parse(String(info.mock.lastCall?.[0]))).toMatchObject({
      level: "info",
      event: "connect",
      kind: "EchoRoom",
      room: "logged",
    });
    a.close();
  });

  test("a listener that throws disturbs no room", async () => {
    const end = logs({
      write: () => {
        throw new Error("the listener is broken");
      },
    });
    const a = await (await testRoom(env.EchoRoom, { name: "broken listener" })).open();
    a.send("count");
    expect(await a.next()).toBe("1");
    expect(logged).toHaveBeenCalledWith(
      "[greenroom] a listener of events failed",
      expect.objectContaining({ message: "the listener is broken" }),
    );
    end();
    a.close();
  });

  test("takes no other level, and knows the level of each event", () => {
    expect(() => logs({ level: "loud" as never })).toThrow("level is loud; it takes debug, info");
    const timer = { event: "timer", kind: "A", room: "b", at: 1, name: "c", attempt: 1, late: 0 };
    expect(levelOf({ ...timer, outcome: "done" } as RoomEvent)).toBe("debug");
    expect(levelOf({ ...timer, outcome: "retry" } as RoomEvent)).toBe("warn");
  });
});
