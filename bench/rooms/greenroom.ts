// Greenroom's rooms: with a contract, with the lazy alarm, and without a contract.
import {
  type Connection,
  contract,
  type LimitOptions,
  Room,
  type WSMessage,
} from "@greenroom/server";
import * as v from "valibot";

const chat = contract({
  name: "bench",
  messages: { say: v.object({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)) }) },
  events: { said: v.object({ from: v.string(), text: v.string() }) },
});

/** What is measured is how much a room can do, not how much it lets its clients do. */
const UNLIMITED: LimitOptions = { rate: false, roomRate: false };

export class Greenroom extends Room.of(chat) {
  static override limits: LimitOptions = UNLIMITED;

  handlers = this.handle({
    say: (member, { text }) => this.publish("said", { from: member.id, text }),
  });
}

export class GreenroomLazy extends Greenroom {
  static override lifecycle = { rearm: "lazy" as const };
}

export class GreenroomRaw extends Room {
  static override limits: LimitOptions = UNLIMITED;

  override onMessage(_connection: Connection, message: WSMessage): void {
    this.broadcast(message);
  }
}
