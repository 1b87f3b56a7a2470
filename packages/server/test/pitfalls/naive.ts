// The pitfalls as somebody would write them by hand: each class does what it shows off as well as
// it can, and has one mistake. The seventh is in dated.ts, a Worker of its own.
import { DurableObject } from "cloudflare:workers";

import { Meeting } from "./meeting.ts";
import { meterConstructor } from "./meter.ts";

const EXPIRE_AFTER = 30 * 60_000;

/** A Durable Object whose sockets hibernate. */
abstract class Naive extends DurableObject {
  override fetch(_request: Request): Response | Promise<Response> {
    const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(socket);
    return new Response(null, { status: 101, webSocket: client });
  }

  protected sendAll(text: string): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(text);
  }

  protected closeAll(): void {
    for (const socket of this.ctx.getWebSockets()) socket.close(4001, "expired");
  }
}

/** 1: counts in a field. */
export class NaiveCounter extends Naive {
  #messages = 0;

  override webSocketMessage(socket: WebSocket): void {
    this.#messages += 1;
    socket.send(String(this.#messages));
  }
}

/** 2: watches for inactivity with a timer in memory. */
export class NaiveTimeout extends Naive {
  #timer: number | null = null;

  override webSocketMessage(socket: WebSocket, text: string): void {
    this.ctx.storage.kv.put("last", text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(), 100);
    socket.send("taken");
  }

  #expire(): void {
    this.closeAll();
    void this.ctx.storage.deleteAll();
  }
}

/** 3: prepares everything in the constructor. */
export class NaiveConstructor extends Naive {
  readonly #lines: string[];

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const stop = meterConstructor(ctx);
    super(ctx, env);
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, text TEXT)");
    const rows = sql.exec<{ text: string }>("SELECT text FROM lines ORDER BY id").toArray();
    this.#lines = rows.map(({ text }) => text);
    void ctx.storage.setAlarm(Date.now() + EXPIRE_AFTER);
    stop();
  }

  override fetch(request: Request): Response | Promise<Response> {
    return request.headers.has("Upgrade")
      ? super.fetch(request)
      : Response.json({ lines: this.#lines.length });
  }

  override webSocketMessage(socket: WebSocket, text: string): void {
    this.ctx.storage.sql.exec("INSERT INTO lines (text) VALUES (?)", text);
    this.#lines.push(text);
    void this.ctx.storage.setAlarm(Date.now() + EXPIRE_AFTER);
    socket.send(String(this.#lines.length));
  }

  override alarm(): void {
    this.closeAll();
    void this.ctx.storage.deleteAll();
  }
}

/** 4: reads the count, waits for something else, and writes the count. */
export class NaiveTally extends Naive {
  readonly #moderation = new Meeting();

  override async webSocketMessage(socket: WebSocket, text: string): Promise<void> {
    const messages = (await this.ctx.storage.get<number>("messages")) ?? 0;
    await this.#moderation.attend(text);
    await this.ctx.storage.put("messages", messages + 1);
    socket.send(String(messages + 1));
  }
}

/** 5: accepts sockets as a Worker does, not with the hibernation API. */
export class NaiveSockets extends DurableObject {
  override fetch(): Response {
    const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    socket.accept();
    socket.addEventListener("message", () => {
      const messages = (this.ctx.storage.kv.get<number>("messages") ?? 0) + 1;
      this.ctx.storage.kv.put("messages", messages);
      socket.send(String(messages));
    });
    socket.addEventListener("close", ({ code, reason }) => socket.close(code, reason));
    return new Response(null, { status: 101, webSocket: client });
  }
}

/** 6: clears its storage and goes on. */
export class NaivePurge extends Naive {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, text TEXT)");
  }

  override webSocketMessage(socket: WebSocket, text: string): void {
    const { sql } = this.ctx.storage;
    try {
      sql.exec("INSERT INTO lines (text) VALUES (?)", text);
      void this.ctx.storage.setAlarm(Date.now() + EXPIRE_AFTER);
      socket.send(String(sql.exec<{ n: number }>("SELECT count(*) AS n FROM lines").one().n));
    } catch (error) {
      socket.send(String(error));
    }
  }

  override async alarm(): Promise<void> {
    this.closeAll();
    await this.ctx.storage.deleteAll();
  }
}

/** 8: uses SQL in a class that "new_classes" names. */
export class NaiveBackend extends DurableObject {
  override async fetch(request: Request): Promise<Response> {
    if (request.method === "GET") return new Response("ready");
    try {
      const { sql } = this.ctx.storage;
      sql.exec("CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, text TEXT)");
      sql.exec("INSERT INTO lines (text) VALUES (?)", await request.text());
      return new Response("taken");
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  }
}

/** 9: sets the alarm for a reminder, and for the end of the room. */
export class NaiveAlarms extends Naive {
  override webSocketMessage(socket: WebSocket, text: string): void {
    const now = Date.now();
    const minutes = /^remind me in (\d+) minutes$/.exec(text)?.[1];
    if (minutes === undefined) void this.ctx.storage.setAlarm(now + EXPIRE_AFTER);
    else void this.ctx.storage.setAlarm(now + Number(minutes) * 60_000);
    this.ctx.storage.kv.put("last", now);
    socket.send("taken");
  }

  override async alarm(): Promise<void> {
    if (Date.now() < (this.ctx.storage.kv.get<number>("last") ?? 0) + EXPIRE_AFTER) {
      this.sendAll("reminder");
      return;
    }
    this.closeAll();
    await this.ctx.storage.deleteAll();
  }
}
