/** A session with a recording sink, and a room that says what a test lets it say. */
import {
  contract,
  type ContractShape,
  encodeItem,
  encodeRoomFrame,
  type Entry,
  type RoomItem,
  type Welcome,
} from "@greenroom/protocol";
import * as v from "valibot";

import { Session, type SessionSink } from "../src/index.ts";
import { WELCOME } from "./fake-server.ts";

export const { shape } = contract({
  messages: {
    say: v.object({ text: v.pipe(v.string(), v.minLength(1)) }),
    mark: v.pipe(v.number(), v.transform(String)),
    raw: v.unknown(),
  },
  events: { said: v.object({ text: v.string() }), when: v.pipe(v.string(), v.transform(Number)) },
  signals: { typing: v.string() },
  calls: { up: { input: v.string(), output: v.string() }, now: { output: v.number() } },
  snapshot: v.object({ lines: v.number() }),
});

/** What becomes of an item. */
export type Note = { outcome: unknown };

/** One session under test. */
export class Recorded {
  readonly session: Session;
  /** All that the session wanted, in order. */
  readonly log: unknown[] = [];
  /** The frames it has sent. */
  readonly sent: unknown[] = [];

  constructor(
    outbox = 1000,
    contractShape: ContractShape = shape,
    sink: Partial<SessionSink> = {},
    fresh?: boolean,
  ) {
    const { log, sent } = this;
    this.session = new Session(
      { shape: contractShape, token: "a-session-token-1", fresh, outbox },
      {
        transmit: (text) => sent.push(JSON.parse(text)),
        welcomed: (slot) => log.push(["welcomed", slot]),
        replace: () => log.push(["replace"]),
        hear: (name, value, meta) => log.push([name, value, "seq" in meta ? meta.seq : meta.kind]),
        ask: (id, name, value) => log.push(["ask", id, name, value]),
        resumed: (moment) => log.push([moment.kind, moment.missed, moment.snapshot]),
        item: (item) => log.push(item),
        fault: (error) => log.push(["fault", error.code]),
        ...sink,
      },
    );
  }

  receive(...items: RoomItem[]): void {
    this.session.receive(encodeRoomFrame(items.map(encodeItem)));
  }

  welcome(welcome: Partial<Welcome> = {}, ...items: RoomItem[]): void {
    this.receive(["w", { ...WELCOME, ...welcome }], ...items);
  }

  /** Sends, and notes what becomes of it. */
  enqueue(kind: "m" | "c", name: string, value?: unknown): Note {
    const note: Note = { outcome: "waits" };
    this.session.enqueue(kind, name, value, {
      resolve: (answer) => (note.outcome = answer ?? "taken"),
      reject: (error) => (note.outcome = error.code),
    });
    return note;
  }

  say(text: string): Note {
    return this.enqueue("m", "say", { text });
  }
}

/** The entry of what was said. */
export const said = (text: string): Entry => ["said", { text }, 5];

/** Takes everything out of a list. */
export function take<T>(list: T[]): T[] {
  return list.splice(0);
}
