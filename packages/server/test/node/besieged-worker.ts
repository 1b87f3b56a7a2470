// The Worker that the hostile fuzz attacks. Its rooms take nothing from whoever does not know the
// secret, so that all they store must come from the honest; and it tells what has escaped it.
import { Room, type RoomServer, routeRooms } from "@greenroom/server";
import { pages } from "@greenroom/server/pages";
import { presence } from "@greenroom/server/presence";

import { besieged as shape, type State } from "./besieged.ts";

/** What has gone wrong in this isolate; another isolate has another id. */
const state: State = { isolate: "", escaped: [], logged: [] };

const log = console.error.bind(console);
console.error = (...told: unknown[]) => {
  state.logged.push(told.map(String).join(" ").slice(0, 300));
  log(...told);
};

/** Notes what a room throws at the platform. */
function watched<Class extends abstract new (...args: never[]) => Pick<RoomServer, "name">>(
  Base: Class,
): Class {
  const prototype = Base.prototype as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["fetch", "webSocketMessage", "webSocketClose", "webSocketError", "alarm"]) {
    const entry = prototype[name] as (...args: unknown[]) => unknown;
    prototype[name] = async function (this: unknown, ...args: unknown[]) {
      try {
        return await entry.apply(this, args);
      } catch (fault) {
        state.escaped.push(`${name}: ${String(fault)}`);
        throw fault;
      }
    };
  }
  return Base;
}

class TypedRoom extends Room.of(shape, { use: [presence(), pages()] }) {
  static override limits = { rate: false, roomRate: false, connections: false };

  handlers = this.handle({
    say: (_member, { key }) => this.publish("said", key),
    later: async (_member, { key }) => {
      await Promise.resolve();
      this.publish("said", key);
    },
    echo: (_member, { key }) => key,
  });

  /** What is stored, and by whom. */
  override onRequest(request: Request): Response {
    if (!new URL(request.url).searchParams.has("stored"))
      return Response.json({ code: "not-found" }, { status: 404 });
    const { sql } = this.ctx.storage;
    const tables = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    const marks = tables.some(({ name }) => name === "greenroom_log")
      ? sql.exec<{ marks: string }>("SELECT marks FROM greenroom_log").toArray()
      : [];
    const sessions = marks.flatMap(({ marks: text }) => Object.keys(JSON.parse(text) as object));
    const entries = this.log.after(0, 1_000_000).map(({ value }) => value);
    const counted = this.lifecycle.messages;
    return Response.json({ tables: tables.map(({ name }) => name), sessions, entries, counted });
  }
}
export const Typed: typeof TypedRoom = watched(TypedRoom);

class RawRoom extends Room {
  static override limits = { rate: false, roomRate: false, connections: false };

  override onMessage(
    connection: { send(text: string): void },
    message: string | ArrayBuffer,
  ): void {
    connection.send(typeof message);
  }
}
export const Raw: typeof RawRoom = watched(RawRoom);

interface Env extends Cloudflare.Env {
  Raw: DurableObjectNamespace<RawRoom>;
  Typed: DurableObjectNamespace<TypedRoom>;
}

export default {
  fetch: (request: Request, env: Env) =>
    new URL(request.url).pathname === "/state"
      ? Response.json(named())
      : routeRooms(request, env, { rooms: { raw: env.Raw, typed: env.Typed }, development: false }),
};

/** Nothing may be drawn by chance before the first request. */
function named(): State {
  state.isolate ||= crypto.randomUUID();
  return state;
}
