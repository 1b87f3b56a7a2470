// Compiled, never run: what the contract allows in a component, and what must not compile.
import { contract, type EventMeta, type RoomError, type SignalMeta } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";
import * as v from "valibot";
import { z } from "zod";

import {
  useCall,
  useEvent,
  useLog,
  useMembers,
  useMyPresence,
  useOthers,
  useOutbox,
  useRoom,
  useSend,
  useStatus,
  useWatch,
} from "../src/index.ts";

/** Compiles only where both types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const chat = contract({
  messages: { say: v.object({ text: v.string() }), at: v.pipe(v.string(), v.transform(Number)) },
  events: { said: v.object({ text: v.string() }), dated: v.pipe(v.string(), v.transform(Number)) },
  signals: { typing: v.string() },
  calls: {
    up: { input: v.string(), output: v.number() },
    now: { output: v.pipe(v.number(), v.transform(String)) },
    history: {
      input: v.number(),
      output: v.array(
        v.object({
          seq: v.number(),
          event: v.literal("said"),
          value: v.object({ text: v.string() }),
          at: v.number(),
        }),
      ),
    },
  },
  snapshot: v.object({ lines: v.number() }),
});

export function UseChat(): void {
  const room = useRoom(chat, { room: "lobby", token: async () => "secret", identity: "ann" });
  // @ts-expect-error -- a room has a name
  useRoom(chat, { host: "localhost" });
  // @ts-expect-error -- when it starts is React's matter
  useRoom(chat, { room: "lobby", startClosed: true });
  // @ts-expect-error -- no such option
  useRoom(chat, { room: "lobby", party: "chat" });

  const status = useStatus(room);
  same<typeof status.outage, "none" | "lost" | "restored" | "failed">(true);
  same<typeof status.state, "connecting" | "connected" | "reconnecting" | "closed">(true);
  if (status.state === "closed") same<typeof status.reason, string>(true);
  // @ts-expect-error -- only a closed room has a reason
  void status.reason;

  useEvent(room, "said", (value, meta) => {
    same<typeof value, { text: string }>(true);
    same<typeof meta, EventMeta>(true);
  });
  useEvent(room, "dated", (value) => same<typeof value, number>(true));
  useEvent(room, "typing", (value, meta) => {
    same<typeof value, string>(true);
    same<typeof meta, SignalMeta>(true);
  });
  // @ts-expect-error -- no such event
  useEvent(room, "left", () => undefined);
  // @ts-expect-error -- a message is not an event
  useEvent(room, "say", () => undefined);
  // @ts-expect-error -- not what the event holds
  useEvent(room, "said", (value: { text: number }) => value);

  useWatch(room, "resume", ({ kind, snapshot }) => {
    same<typeof kind, "joined" | "resumed" | "snapshot" | "reset">(true);
    same<typeof snapshot, { lines: number } | undefined>(true);
  });
  useWatch(room, "fault", (error) => same<typeof error, RoomError>(true));
  useWatch(room, "entry", (entry) => {
    if (entry.event === "dated") same<typeof entry.value, number>(true);
  });
  // @ts-expect-error -- no such moment
  useWatch(room, "found", () => undefined);
}

export function UseLog(): void {
  const room = useRoom(chat, { room: "lobby" });
  const { entries, snapshot } = useLog(room, {
    loadBefore: (seq, limit) => room.call("history", Math.min(seq, limit)),
  });
  for (const entry of entries) {
    same<typeof entry.event, "said" | "dated">(true);
    if (entry.event === "said") same<typeof entry.value, { text: string }>(true);
    else same<typeof entry.value, number>(true);
    same<typeof entry.seq, number>(true);
    // @ts-expect-error -- the room's, not the component's
    entry.seq = 3;
  }
  same<typeof snapshot, { lines: number } | undefined>(true);
  // @ts-expect-error -- what is loaded are entries of the contract
  useLog(room, { loadBefore: async () => [{ seq: 1, event: "left", value: 1, at: 1 }] });
  // @ts-expect-error -- with the values of their events
  useLog(room, { loadBefore: async () => [{ seq: 1, event: "said", value: 1, at: 1 }] });
}

export function UseRequests(): void {
  const room = useRoom(chat, { room: "lobby" });
  const { send, isPending, error } = useSend(room, "say");
  same<ReturnType<typeof send>, Promise<void>>(true);
  same<typeof isPending, boolean>(true);
  same<typeof error, RoomError | undefined>(true);
  void send({ text: "a" }, { timeout: 100 });
  // @ts-expect-error -- not what the message holds
  void send({ text: 7 });
  // @ts-expect-error -- no such message
  useSend(room, "shout");
  // @ts-expect-error -- a call is not a message
  useSend(room, "up");
  // What is passed in is what the schema takes.
  void useSend(room, "at").send("7");

  const up = useCall(room, "up");
  same<typeof up.answer, number | undefined>(true);
  same<ReturnType<typeof up.call>, Promise<number>>(true);
  void up.call("a", { timeout: 100 });
  // @ts-expect-error -- the call takes an input
  void up.call();
  const now = useCall(room, "now");
  same<typeof now.answer, string | undefined>(true);
  void now.call({ timeout: 100 });
  // @ts-expect-error -- the call takes none
  void now.call("a");
  // @ts-expect-error -- no such call
  useCall(room, "later");
}

export function UseOutbox(): void {
  const room = useRoom(chat, { room: "lobby" });
  for (const message of useOutbox(room)) {
    if (message.name === "at") same<typeof message.value, string>(true);
    else same<typeof message.value, { text: string }>(true);
    if (message.state === "failed") same<typeof message.error, RoomError>(true);
    // @ts-expect-error -- only one that failed has an error
    void message.error.code;
  }
  for (const { name, value } of useOutbox(room, "say")) {
    same<typeof name, "say">(true);
    same<typeof value, { text: string }>(true);
  }
  // @ts-expect-error -- no such message
  useOutbox(room, "shout");
}

const little = contract({ events: { said: z.string() } });

export function UseLittle(): void {
  const room = useRoom(little, { room: "lobby", kind: "chat" });
  useEvent(room, "said", (value) => same<typeof value, string>(true));
  for (const { value } of useLog(room).entries) same<typeof value, string>(true);
  // @ts-expect-error -- the contract has no messages
  useSend(room, "say");
  // @ts-expect-error -- nor calls
  useCall(room, "up");
}

const stage = contract({
  presence: v.object({ x: v.pipe(v.string(), v.transform(Number)) }),
  profile: v.object({ name: v.string() }),
});

export function UsePresence(): void {
  const room = useRoom(stage, { room: "lobby", kind: "stage", use: [presence] });
  const [mine, show] = useMyPresence(room);
  same<typeof mine, { x: string } | undefined>(true);
  show({ x: "7" });
  // @ts-expect-error -- what is passed in is what the schema takes, not what it gives
  show({ x: 7 });

  for (const { id, profile, presence, connections } of useOthers(room)) {
    same<typeof id, string>(true);
    same<typeof profile, { name: string }>(true);
    same<typeof presence, { x: number } | undefined>(true);
    same<(typeof connections)[number]["presence"], { x: number } | undefined>(true);
  }
  const count = useOthers(room, (others) => others.length);
  same<typeof count, number>(true);
  const xs = useMembers(room, (members) => members.map(({ presence }) => presence?.x));
  same<typeof xs, (number | undefined)[]>(true);
  for (const { person } of useMembers(room)) same<typeof person, string>(true);
  // @ts-expect-error -- nobody shows a colour
  useOthers(room, (others) => others.map(({ presence }) => presence?.colour));

  // @ts-expect-error -- the room does not use presence
  useOthers(useRoom(stage, { room: "lobby" }));
  // @ts-expect-error -- the contract has no presence
  useMyPresence(useRoom(chat, { room: "lobby", use: [presence] }));
}
