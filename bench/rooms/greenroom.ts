// Greenroom's rooms: with a contract and its log, without the log, without a contract, each with both
// ways to set the alarm. What no other target has is off: limits, which closed loops would run into.
import { type Connection, contract, Room, type WSMessage } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";
import * as v from "valibot";

const Said = v.object({ from: v.string(), text: v.string() });
const say = v.object({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(2_000)) });

const kept = contract({ name: "bench", messages: { say }, events: { said: Said } });
const signalled = contract({ name: "signalled", messages: { say }, signals: { said: Said } });
const moving = contract({ name: "moving", presence: v.object({ at: v.string() }) });

const UNLIMITED = { rate: false, roomRate: false, connections: false } as const;
const LAZY = { rearm: "lazy" } as const;

export class Greenroom extends Room.of(kept) {
  static override limits = UNLIMITED;

  handlers = this.handle({
    say: (member, { text }) => this.publish("said", { from: member.id, text }),
  });
}

export class GreenroomLazy extends Greenroom {
  static override lifecycle = LAZY;
}

/** With a log that keeps more than it does by default. */
export class GreenroomLong extends Greenroom {
  static override log = { entries: 20_000, bytes: 1e9 };
}

export class GreenroomSignal extends Room.of(signalled) {
  static override limits = UNLIMITED;

  handlers = this.handle({
    say: (member, { text }) => this.signal("said", { from: member.id, text }),
  });
}

export class GreenroomPresence extends Room.of(moving, { use: [presence()] }) {
  static override limits = UNLIMITED;

  handlers = this.handle({});
}

export class GreenroomRaw extends Room {
  static override limits = UNLIMITED;

  override onMessage(_connection: Connection, message: WSMessage): void {
    this.broadcast(message);
  }
}

export class GreenroomRawLazy extends GreenroomRaw {
  static override lifecycle = LAZY;
}
