// The Worker that the chaos command runs: its room carries each message out twice over, into a
// table of its own and into the log, so that one can be held against the other.
import { Room, routeRooms } from "@greenroom/server";

import { chaosRoom } from "./contract.ts";

export class ChaosRoom extends Room.of(chaosRoom) {
  // After a crash, everybody sends again what was not answered, all at once.
  static override limits = { rate: false, roomRate: false };

  handlers = this.handle({
    put: (_member, message) => {
      this.#table();
      this.ctx.storage.sql.exec("INSERT INTO carried_out (key) VALUES (?)", message.key);
      this.publish("put", message);
    },
  });

  /** Every message that was carried out, in order. */
  override onRequest = (): Response => {
    this.#table();
    const rows = this.sql<{ key: string }>`SELECT key FROM carried_out ORDER BY id`;
    return Response.json(rows.map(({ key }) => key));
  };

  #table(): void {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS carried_out (id INTEGER PRIMARY KEY, key TEXT NOT NULL)",
    );
  }
}

interface Env {
  readonly ChaosRoom: DurableObjectNamespace<ChaosRoom>;
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    routeRooms(request, env, { rooms: { chaos: env.ChaosRoom } }),
};
