// Greenroom's rooms: with a contract, with the lazy alarm, and without a contract.
import { type Connection, contract, Room, type WSMessage } from "@greenroom/server";
import * as v from "valibot";

const chat = contract({
  name: "bench",
  messages: { say: v.object({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)) }) },
  events: { said: v.object({ from: v.string(), text: v.string() }) },
});

export class Greenroom extends Room.of(chat) {
  handlers = this.handle({
    say: (member, { text }) => this.publish("said", { from: member.id, text }),
  });
}

export class GreenroomLazy extends Greenroom {
  static override lifecycle = { rearm: "lazy" as const };
}

export class GreenroomRaw extends Room {
  override onMessage(_connection: Connection, message: WSMessage): void {
    this.broadcast(message);
  }
}
