// Rooms that end by presence, or because they are told to.
import { contract, Room } from "@greenroom/server";
import * as v from "valibot";

const MINUTE = 60_000;

/** Lives while somebody is connected. */
export class PresenceRoom extends Room {
  static override lifecycle = { expireAfter: 10 * MINUTE, keepWhileConnected: true };

  override onMessage(connection: { send(text: string): void }): void {
    connection.send(String(this.lifecycle.messages));
  }
}

/** Rooms whose storage cannot be cleared: memory that outlives an instance, which only tests have. */
export const stuck = new Set<string>();

/** Cannot end for a while. */
export class StuckRoom extends Room {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const deleteAll = ctx.storage.deleteAll.bind(ctx.storage);
    Object.defineProperty(ctx.storage, "deleteAll", {
      configurable: true,
      value: (): Promise<void> =>
        stuck.has(ctx.id.name ?? "") ? Promise.reject(new Error("secret storage")) : deleteAll(),
    });
    super(ctx, env);
  }

  override onMessage(connection: { send(text: string): void }): void {
    connection.send(String(this.lifecycle.messages));
  }
}

export const vote = contract({
  messages: { close: v.string(), say: v.string() },
  events: { said: v.string() },
});

/** Is ended by a message, and asks in vain for more time. */
export class EndingRoom extends Room.of(vote) {
  asked = 0;

  handlers = this.handle({
    close: (_member, how) => {
      this.publish("said", "closing");
      this.lifecycle.expire();
      if (how === "fail") throw new Error("secret text");
    },
    say: (_member, text) => this.publish("said", text),
  });

  override onExpire(): number {
    this.asked += 1;
    return 5 * MINUTE;
  }
}

/** Those whose leaving waits: memory that outlives an instance, which only tests have. */
export const leaving: (() => void)[] = [];

/** Takes its time when somebody leaves, and then says so. */
export class LingeringRoom extends Room.of(vote) {
  handlers = this.handle({
    close: () => this.lifecycle.expire(),
    say: (_member, text) => this.publish("said", text),
    onLeave: async (member) => {
      await new Promise<void>((resolve) => leaving.push(resolve));
      this.publish("said", `${member.id} left`);
    },
  });
}
