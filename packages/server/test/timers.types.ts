// Types of timers that must hold: compiled by `tsc -b`, run by nobody.
import { contract, Room, type TimerView, withRoomLifecycle } from "@greenroom/server";
import { Server } from "partyserver";
import * as v from "valibot";
import { z } from "zod";

const shape = contract({ messages: { say: v.string() }, events: { said: v.string() } });

export class Typed extends Room.of(shape, {
  timers: {
    close: v.object({ by: v.string() }),
    remind: z.object({ when: z.coerce.date() }),
    tick: null,
  },
}) {
  static override migrations = [
    "CREATE TABLE notes (text TEXT)",
    (sql: SqlStorage) => void sql.exec(""),
  ];

  handlers = this.handle({
    say: (member, text) => {
      this.timers.set("close", { after: 60_000, keepAlive: true }, { by: member.id });
      this.timers.set(`remind/${text}`, { at: new Date() }, { when: text });
      this.timers.set(
        "remind/later",
        { cron: "0 9 * * *", timezone: "Europe/Berlin" },
        { when: "x" },
      );
      this.timers.set("tick", { every: 60_000, catchUp: true });
    },
    onTimer: {
      close: ({ by }, { attempt, due, missed, signal, name }) => {
        by satisfies string;
        [attempt, due, missed] satisfies number[];
        signal satisfies AbortSignal;
        this.publish("said", name);
      },
      remind: async ({ when }) => void (when satisfies Date),
      tick: (payload) => void (payload satisfies undefined),
    },
  });

  wrong(): void {
    // @ts-expect-error a timer that was not declared
    this.timers.set("clos", { after: 1 });
    // @ts-expect-error a payload of another type
    this.timers.set("close", { after: 1 }, { by: 1 });
    // @ts-expect-error its payload is missing
    this.timers.set("close", { after: 1 });
    // @ts-expect-error one with a slash takes the same payload
    this.timers.set("close/x", { after: 1 }, "x");
    // @ts-expect-error this one takes none
    this.timers.set("tick", { after: 1 }, "x");
    // @ts-expect-error two times at once
    this.timers.set("tick", { after: 1, every: 5_000 });
    // @ts-expect-error no time at all
    this.timers.set("tick", { retries: 1 });
    // @ts-expect-error a one-shot has nothing to catch up
    this.timers.set("tick", { after: 1, catchUp: true });
    // @ts-expect-error a time zone is cron's
    this.timers.set("tick", { every: 5_000, timezone: "UTC" });
    // @ts-expect-error another name
    this.timers.cancel("tock");
    // @ts-expect-error handlers of a contract room stand in `handle`
    void this.timers.on;
    this.timers.get("close") satisfies TimerView | undefined;
    this.timers.list() satisfies TimerView[];
    this.cost().epoch.dollars satisfies number;
    this.lifecycle.expire() satisfies void;
    this.lifecycle.epoch satisfies string | null;
  }
}

export class Missing extends Room.of(shape, { timers: { close: null } }) {
  // @ts-expect-error its timers have no handlers
  handlers = this.handle({ say: () => undefined });
}

export class MissingOne extends Room.of(shape, { timers: { close: null, open: null } }) {
  // @ts-expect-error "open" has no handler
  handlers = this.handle({ say: () => undefined, onTimer: { close: () => undefined } });
}

export class Extra extends Room.of(shape, { timers: { close: null } }) {
  handlers = this.handle({
    say: () => undefined,
    onTimer: {
      close: () => undefined,
      // @ts-expect-error a handler of no timer
      open: () => undefined,
    },
  });
}

export class None extends Room.of(shape) {
  handlers = this.handle({ say: () => undefined });

  wrong(): void {
    // @ts-expect-error it has no timers
    this.timers.set("close", { after: 1 });
  }
}

// @ts-expect-error not a schema
Room.of(shape, { timers: { close: "string" } });

export class Plain extends Room {
  static override migrations = ["CREATE TABLE notes (text TEXT)"];

  readonly clocks = this.timers.on({
    ready: (dish: { name: string }) => this.broadcast(dish.name),
    tick: async () => undefined,
    again: (n: number) => this.timers.set("again", { after: 1_000 }, n + 1),
  });

  use(): void {
    this.clocks.set("ready/soup", { after: 1 }, { name: "soup" });
    this.clocks.set("tick", { every: 60_000 });
    // @ts-expect-error a payload of another type
    this.clocks.set("ready", { after: 1 }, "soup");
    // @ts-expect-error its payload is missing
    this.clocks.set("again", { after: 1 });
    // @ts-expect-error no such handler
    this.clocks.set("nobody", { after: 1 });
    this.timers.set("ready", { after: 1 }, { name: "soup" });
  }
}

export class Mixed extends withRoomLifecycle(Server) {
  static override lifecycle = { keepWhileConnected: true };
  static override migrations = ["CREATE TABLE notes (text TEXT)"];

  use(): void {
    this.timers.on({ tick: () => undefined }).set("tick", { after: 1 });
    this.cost().wake.rowsWritten satisfies number;
  }
}

// @ts-expect-error neither text nor a function
export class BadMigration extends Room {
  static override migrations = [1];
}
