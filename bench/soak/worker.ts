// The Worker that the soak command runs: rooms that write each message into a table of their own,
// too, and end soon after the last one.
import { Room, routeRooms } from "@greenroom/server";

import type { HandWritten } from "./by-hand.ts";
import { soakRoom } from "./contract.ts";

export { HandWritten } from "./by-hand.ts";

/** How often rooms have started in this process. */
let wakes = 0;
/** Every message that was ever put, where a leak was asked for (`--leak rooms`). */
let leaked: unknown[] | undefined;

export class SoakRoom extends Room.of(soakRoom) {
  static override lifecycle = { expireAfter: 25_000 };
  /** Short, so that who was away for long misses some. */
  static override log = { entries: 64, history: 10 };
  static override migrations = [
    "CREATE TABLE carried_out (id INTEGER PRIMARY KEY, key TEXT NOT NULL)",
  ];

  handlers = this.handle({
    put: (_member, message) => {
      this.sql`INSERT INTO carried_out (key) VALUES (${message.key})`;
      this.publish("put", message);
      leaked?.push(message);
    },
  });

  override onStart(): void {
    wakes += 1;
  }

  /** Every message that was carried out in this epoch, in order, or what there is in storage. */
  override onRequest = async (request: Request): Promise<Response> => {
    if (!new URL(request.url).searchParams.has("stored")) {
      const rows = this.sql<{ key: string }>`SELECT key FROM carried_out ORDER BY id`;
      return Response.json({ epoch: this.lifecycle.epoch, keys: rows.map(({ key }) => key) });
    }
    const { storage } = this.ctx;
    const { exec } = Reflect.getPrototypeOf(storage.sql) as SqlStorage; // ours migrates first
    const tables = exec
      .call<SqlStorage, [string], SqlStorageCursor<{ name: string }>>(
        storage.sql,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
      )
      .toArray();
    const { getAlarm } = Reflect.getPrototypeOf(storage) as DurableObjectStorage;
    const keys = (await storage.list()).size;
    const alarm = (await getAlarm.call(storage)) === null ? 0 : 1;
    return Response.json({ tables: tables.length, keys, alarm });
  };
}

/** The same for runs of seconds. */
export class BriefSoakRoom extends SoakRoom {
  static override lifecycle = { expireAfter: 2_000 };
}

interface Env {
  readonly SoakRoom: DurableObjectNamespace<SoakRoom>;
  readonly BriefSoakRoom: DurableObjectNamespace<BriefSoakRoom>;
  readonly HandWritten: DurableObjectNamespace<HandWritten>;
}

export default {
  fetch: async (request: Request, env: Env): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/wakes") return Response.json(wakes);
    if (pathname === "/leak") return Response.json((leaked ??= []).length);
    if (pathname.startsWith("/by-hand/")) return env.HandWritten.getByName(pathname).fetch(request);
    return routeRooms(request, env, { rooms: { soak: env.SoakRoom, brief: env.BriefSoakRoom } });
  },
};
