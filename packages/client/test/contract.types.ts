// Compiled, never run: what the contract allows, and what must not compile. The three libraries
// have one contract each, and the same is expected of all.
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";

import {
  connect,
  contract,
  type EventMeta,
  type RoomClient,
  type SignalMeta,
  type Status,
} from "../src/index.ts";

/** Compiles only where both types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const withValibot = contract({
  messages: { say: v.object({ text: v.string() }), at: v.pipe(v.string(), v.transform(Number)) },
  events: { said: v.object({ text: v.string() }), dated: v.pipe(v.string(), v.transform(Number)) },
  signals: { typing: v.string() },
  calls: {
    up: { input: v.string(), output: v.number() },
    now: { output: v.pipe(v.number(), v.transform(String)) },
  },
  asks: { name: { input: v.number(), output: v.string() }, ready: { output: v.boolean() } },
  snapshot: v.object({ lines: v.number() }),
});

const withZod = contract({
  messages: { say: z.object({ text: z.string() }), at: z.string().transform(Number) },
  events: { said: z.object({ text: z.string() }), dated: z.string().transform(Number) },
  signals: { typing: z.string() },
  calls: {
    up: { input: z.string(), output: z.number() },
    now: { output: z.number().transform(String) },
  },
  asks: { name: { input: z.number(), output: z.string() }, ready: { output: z.boolean() } },
  snapshot: z.object({ lines: z.number() }),
});

const withArktype = contract({
  messages: { say: type({ text: "string" }), at: type("string").pipe(Number) },
  events: { said: type({ text: "string" }), dated: type("string").pipe(Number) },
  signals: { typing: type("string") },
  calls: {
    up: { input: type("string"), output: type("number") },
    now: { output: type("number").pipe(String) },
  },
  asks: {
    name: { input: type("number"), output: type("string") },
    ready: { output: type("boolean") },
  },
  snapshot: type({ lines: "number" }),
});

export function ofValibot(): void {
  expectations(connect(withValibot, { room: "lobby" }));
}

export function ofZod(): void {
  const room = connect(withZod, { room: "lobby" });
  room.on("said", (value, meta) => {
    same<typeof value, { text: string }>(true);
    same<typeof meta, EventMeta>(true);
  });
  room.on("dated", (value) => same<typeof value, number>(true));
  same<ReturnType<typeof room.send>, Promise<void>>(true);
  void room.send("at", "7");
  const now = room.call("now");
  same<typeof now, Promise<string>>(true);
  room.answer("name", (input) => String(input satisfies number));
  // @ts-expect-error -- no such message
  void room.send("shout", { text: "a" });
  // @ts-expect-error -- not what the message holds
  void room.send("say", { text: 7 });
  // @ts-expect-error -- what is passed in is what the schema takes, not what it gives
  void room.send("at", 7);
  // @ts-expect-error -- no such call
  void room.call("later");
  // @ts-expect-error -- the call takes a text
  void room.call("up", 7);
}

export function ofArktype(): void {
  const room = connect(withArktype, { room: "lobby" });
  room.on("said", (value, meta) => {
    same<typeof value, { text: string }>(true);
    same<typeof meta, EventMeta>(true);
  });
  room.on("dated", (value) => same<typeof value, number>(true));
  void room.send("at", "7");
  const now = room.call("now");
  same<typeof now, Promise<string>>(true);
  room.answer("name", (input) => String(input satisfies number));
  // @ts-expect-error -- no such message
  void room.send("shout", { text: "a" });
  // @ts-expect-error -- not what the message holds
  void room.send("say", { text: 7 });
  // @ts-expect-error -- what is passed in is what the schema takes, not what it gives
  void room.send("at", 7);
  // @ts-expect-error -- no such call
  void room.call("later");
  // @ts-expect-error -- the call takes a text
  void room.call("up", 7);
}

function expectations(room: RoomClient<typeof withValibot.shape>): void {
  // Listening.
  const stop = room.on("said", (value, meta) => {
    same<typeof value, { text: string }>(true);
    same<typeof meta, EventMeta>(true);
  });
  same<typeof stop, () => void>(true);
  room.on("dated", (value) => same<typeof value, number>(true));
  room.on("typing", (value, meta) => {
    same<typeof value, string>(true);
    same<typeof meta, SignalMeta>(true);
  });
  // @ts-expect-error -- no such event
  room.on("left", () => undefined);
  // @ts-expect-error -- a message is not an event
  room.on("say", () => undefined);
  // @ts-expect-error -- not what the event holds
  room.on("said", (value: { text: number }) => value);
  // @ts-expect-error -- a signal has no seq
  room.on("typing", (_, meta) => meta.seq);

  // Sending.
  same<ReturnType<typeof room.send>, Promise<void>>(true);
  void room.send("say", { text: "a" });
  void room.send("say", { text: "a" }, { timeout: 100, signal: new AbortController().signal });
  void room.send("at", "7");
  // @ts-expect-error -- no such message
  void room.send("shout", { text: "a" });
  // @ts-expect-error -- an event is not a message
  void room.send("said", { text: "a" });
  // @ts-expect-error -- not what the message holds
  void room.send("say", { text: 7 });
  // @ts-expect-error -- nor this
  void room.send("say", { text: "a", loud: true });
  // @ts-expect-error -- what is passed in is what the schema takes, not what it gives
  void room.send("at", 7);
  // @ts-expect-error -- a value is asked for
  void room.send("say");
  // @ts-expect-error -- no such option
  void room.send("say", { text: "a" }, { retries: 3 });

  // Calling.
  const up = room.call("up", "a", { timeout: 100 });
  same<typeof up, Promise<number>>(true);
  const now = room.call("now", { timeout: 100 });
  same<typeof now, Promise<string>>(true);
  // @ts-expect-error -- no such call
  void room.call("later");
  // @ts-expect-error -- the call takes a text
  void room.call("up", 7);
  // @ts-expect-error -- the call takes an input
  void room.call("up");
  // @ts-expect-error -- the call takes none
  void room.call("now", "a");
  // @ts-expect-error -- a message is not a call
  void room.call("say", { text: "a" });

  // Answering.
  room.answer("name", (input) => String(input satisfies number));
  room.answer("name", async (input) => String(input));
  room.answer("ready", (input) => {
    same<typeof input, undefined>(true);
    return true;
  });
  // @ts-expect-error -- no such question
  room.answer("age", () => 7);
  // @ts-expect-error -- not what the question asks for
  room.answer("name", () => 7);
  // @ts-expect-error -- nor later
  room.answer("name", async () => 7);

  // Watching.
  room.watch("status", (status) => {
    same<typeof status, Status>(true);
    // @ts-expect-error -- only a closed client has a code
    return status.code;
  });
  room.watch("resume", ({ kind, missed, snapshot }) => {
    same<typeof kind, "joined" | "resumed" | "snapshot" | "reset">(true);
    same<typeof missed, number>(true);
    same<typeof snapshot, { lines: number } | undefined>(true);
  });
  room.watch("lost", () => undefined);
  // @ts-expect-error -- no such moment
  room.watch("found", () => undefined);

  // @ts-expect-error -- the client's own
  room.id = "another";
}

export function ofLittle(): void {
  const room = connect(contract({ events: { said: v.string() } }), { room: "lobby", kind: "chat" });
  room.on("said", (value) => same<typeof value, string>(true));
  room.watch("resume", ({ snapshot }) => same<typeof snapshot, unknown>(true));
  // @ts-expect-error -- the contract has no messages
  void room.send("say", "a");
  // @ts-expect-error -- nor calls
  void room.call("up");
  // @ts-expect-error -- nor questions
  room.answer("name", () => "a");
  // @ts-expect-error -- the room's name is asked for
  connect(contract({}), { host: "localhost" });
  // @ts-expect-error -- no such option
  connect(contract({}), { room: "lobby", party: "chat" });
}
