// Rooms that fail wherever a room can fail, each with a secret in its text.
import { contract, Room } from "@greenroom/server";
import * as v from "valibot";

/** Cannot even be constructed. */
export class UnbornRoom extends Room {
  readonly secret = ((): string => {
    throw new Error("secret constructor");
  })();
}

const failing = contract({
  messages: { now: v.string(), later: v.string() },
  calls: { sql: { output: v.number() }, wrong: { output: v.number() } },
  events: { said: v.string() },
  snapshot: v.string(),
});

/** Has a fault in each handler, and answers HTTP with what is no response. */
export class SecretiveRoom extends Room.of(failing) {
  static override log = { history: "snapshot" as const };

  handlers = this.handle({
    now: (_member, text) => {
      throw Object.assign(new Error(`secret of ${text}`), { sql: "SELECT secret" });
    },
    later: async (_member, text) => {
      await scheduler.wait(1);
      throw new TypeError(`secret of ${text}`);
    },
    sql: () => this.ctx.storage.sql.exec("SELECT secret FROM nowhere").toArray().length,
    wrong: () => "secret" as unknown as number,
    onSnapshot: () => {
      if (this.ctx.id.name === "snapshot") throw new Error("secret snapshot");
      return "";
    },
  });

  override onRequest(request: Request): Response {
    if (request.method === "POST") return "secret answer" as unknown as Response;
    throw new Error("secret request");
  }
}
