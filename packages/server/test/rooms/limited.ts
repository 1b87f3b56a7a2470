// Rooms with small limits, for tests of what happens beyond them.
import { contract, type LimitOptions, Room } from "@greenroom/server";
import type { Connection } from "partyserver";
import * as v from "valibot";

export const limited = contract({
  name: "limited",
  messages: { say: v.string(), slow: v.number(), big: v.number() },
  events: { said: v.string() },
  signals: { poke: v.string() },
  calls: { echo: { input: v.string(), output: v.string() } },
});

const HOUR = 60 * 60;

/** Five messages at once, and then as good as none. */
export class RatedRoom extends Room.of(limited) {
  static override limits: LimitOptions = {
    rate: { perSecond: 1 / HOUR, burst: 5 },
    message: 1_000,
    handlerTime: 50,
  };
  seen: string[] = [];

  handlers = this.handle({
    say: (_member, text) => {
      this.seen.push(text);
      this.publish("said", text);
    },
    slow: async (_member, ms) => {
      this.seen.push(`slow ${ms}`);
      this.publish("said", "begins");
      await scheduler.wait(ms);
      try {
        this.publish("said", "ends");
      } catch (fault) {
        this.seen.push(`late ${(fault as { code: string }).code}`);
      }
    },
    big: (_member, size) => this.publish("said", "x".repeat(size)),
    echo: (_member, text) => text,
  });
}

/** The room takes eight messages of all together, and each connection four. */
export class SharedRateRoom extends RatedRoom {
  static override limits: LimitOptions = {
    rate: { perSecond: 1 / HOUR, burst: 4 },
    roomRate: { perSecond: 1 / HOUR, burst: 8 },
  };
}

/** Asynchronous handlers may take as long as they like. */
export class PatientRoom extends RatedRoom {
  static override limits: LimitOptions = { handlerTime: false, message: false };
}

/** Three raw messages at once. */
export class RatedRawRoom extends Room {
  static override limits = {
    rate: { perSecond: 1 / HOUR, burst: 3 },
    message: 100,
    lag: 1_000,
    handlerTime: 50,
  };

  override async onMessage(connection: Connection, message: string | ArrayBuffer): Promise<void> {
    if (message === "hang") await new Promise(() => undefined);
    connection.send(`got ${typeof message === "string" ? message : message.byteLength}`);
  }
}

export class BadLimitRoom extends Room {
  static override limits = { message: 0 };
}

/** At most 20,000 bytes may wait for a member, and the log keeps little. */
export class LaggingRoom extends RatedRoom {
  static override limits: LimitOptions = { lag: 20_000, rate: false, roomRate: false };
  static override log = { entries: 100, bytes: 200_000, history: 0 };

  /** What waits for each member, as the platform tells it. */
  buffered(): number[] {
    return this.ctx.getWebSockets().map((socket) => socket.bufferedAmount);
  }
}
