// The rooms that the kit's own tests hold: one that works, one without a contract, and two that are wrong.
import { contract, type Member, Room, routeRooms, type TimerWhen } from "@greenroom/server";
import "@greenroom/server/cron";
import { presence } from "@greenroom/server/presence";
import { DurableObject } from "cloudflare:workers";
import type { Connection } from "partyserver";
import * as v from "valibot";

export const tally = contract({
  name: "tally",
  messages: {
    add: v.object({ key: v.string() }),
    remind: v.object({ after: v.number() }),
    die: v.null(),
  },
  events: {
    added: v.object({ from: v.string(), key: v.string(), sum: v.number() }),
    reminded: v.number(),
  },
  signals: { hello: v.string() },
  calls: { sum: { output: v.number() } },
});

/** Keeps what it is told in a table of its own, too. */
export class TallyRoom extends Room.of(tally, { timers: { remind: null } }) {
  static override log = { history: 10 };

  handlers = this.handle({
    onConnect: (member) => this.signal("hello", member.id),
    add: (member, { key }) => this.add(member, key),
    remind: (_member, { after }) => void this.timers.set("remind", { after }),
    die: () => this.ctx.abort("died by a message"),
    sum: () => this.keys().length,
    onTimer: { remind: (_payload, { due }) => this.publish("reminded", due) },
  });

  add(member: Member, key: string): void {
    this.sql`INSERT INTO kept (key) VALUES (${key})`;
    this.publish("added", { from: member.id, key, sum: this.keys().length });
  }

  keys(): string[] {
    return this.sql<{ key: string }>`SELECT key FROM kept ORDER BY id`.map(({ key }) => key);
  }

  static override migrations = ["CREATE TABLE kept (id INTEGER PRIMARY KEY, key TEXT)"];
}

/** Counts in a field, as if a room never slept. */
export class ForgetfulRoom extends Room.of(tally, { timers: { remind: null } }) {
  #sum = 0;

  handlers = this.handle({
    add: (member, { key }) => {
      this.#sum += 1;
      this.publish("added", { from: member.id, key, sum: this.#sum });
    },
    remind: () => undefined,
    die: () => undefined,
    sum: () => this.#sum,
    onTimer: { remind: () => undefined },
  });
}

/** Loses the third message, and does the fifth twice. */
export class LossyRoom extends TallyRoom {
  override add(member: Member, key: string): void {
    const { messages } = this.lifecycle;
    if (messages === 2) return;
    super.add(member, key);
    if (messages === 4) super.add(member, key);
  }
}

/** Writes each message down only when the next one comes: whoever ends it in between loses one. */
export class HastyRoom extends TallyRoom {
  #last: string | undefined;

  override add(member: Member, key: string): void {
    if (this.#last !== undefined) this.sql`INSERT INTO kept (key) VALUES (${this.#last})`;
    this.#last = key;
    this.publish("added", { from: member.id, key, sum: 0 });
  }

  /** What is written down, and what is to be. */
  override keys(): string[] {
    return [...super.keys(), ...(this.#last === undefined ? [] : [this.#last])];
  }
}

export const calendar = contract({
  name: "calendar",
  messages: {
    plan: v.object({
      name: v.string(),
      cron: v.optional(v.string()),
      timezone: v.optional(v.string()),
      after: v.optional(v.number()),
      keepAlive: v.optional(v.boolean()),
    }),
  },
  events: { rang: v.object({ name: v.string(), due: v.number(), at: v.number() }) },
});

/** Rings as it is told, and says when it thinks that it is. */
export class CalendarRoom extends Room.of(calendar, { timers: { note: null } }) {
  static override log = { entries: 256 };

  handlers = this.handle({
    plan: (_member, { name, ...when }) => this.timers.set(`note/${name}`, when as TimerWhen),
    onTimer: {
      note: (_payload, { name, due }) =>
        this.publish("rang", { name: name.slice("note/".length), due, at: Date.now() }),
    },
  });
}

export const present = contract({ name: "present", presence: v.object({ busy: v.boolean() }) });

export class PresentRoom extends Room.of(present, { use: [presence()] }) {
  handlers = this.handle({});
}

export class EchoRoom extends Room {
  override onMessage(connection: Connection, message: string | ArrayBuffer): void {
    connection.send(message);
  }

  override onRequest(request: Request): Response {
    return new Response(new URL(request.url).search);
  }
}

/** A Durable Object as somebody would write it by hand: it counts whatever comes, pings included. */
export class HandWritten extends DurableObject {
  override fetch(request: Request): Response {
    const { pathname, search } = new URL(request.url);
    if (request.headers.get("Upgrade") === null) return new Response("as it was", { status: 418 });
    if (search === "?full") return Response.json({ full: pathname }, { status: 503 });
    const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(socket);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, text: string): void {
    const count = (this.ctx.storage.kv.get<number>("count") ?? 0) + 1;
    this.ctx.storage.kv.put("count", count);
    if (text === "alarm") void this.ctx.storage.setAlarm(Date.now() + 60_000);
    socket.send(String(count));
  }

  override async alarm(): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) socket.send("rang");
    const count = this.ctx.storage.kv.get<number>("count") ?? 0;
    if (count === 2) await this.ctx.storage.setAlarm(Date.now() + 5_000);
    if (count > 1) throw new Error(`failed at ${count}`);
  }
}

interface Env {
  readonly TallyRoom: DurableObjectNamespace<TallyRoom>;
  readonly EchoRoom: DurableObjectNamespace<EchoRoom>;
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    routeRooms(request, env, { rooms: { tally: env.TallyRoom, echo: env.EchoRoom } }),
};
