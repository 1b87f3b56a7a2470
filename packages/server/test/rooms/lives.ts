import { Room, withRoomLifecycle } from "@greenroom/server";
// Rooms with a life: the mixin over partyserver's own classes, alarms of the user's own, and extensions.
import { type Connection, Server } from "partyserver";
import { YServer } from "y-partyserver";

const MINUTE = 60_000;

/** A server of partyserver's own kind. */
export class WordServer extends Server {
  override onStart(): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS words (word TEXT)");
  }

  override onMessage(connection: Connection, message: string): void {
    this.ctx.storage.sql.exec("INSERT INTO words VALUES (?)", message);
    const words = this.ctx.storage.sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM words")
      .one().n;
    connection.send(String(words));
  }
}

/** The same with the lifecycle. */
export class PlainRoom extends withRoomLifecycle(WordServer) {
  static override lifecycle = { expireAfter: 10 * MINUTE };
}

/** A collaborative document that expires. */
export class DocumentRoom extends withRoomLifecycle(YServer) {
  static override lifecycle = { expireAfter: 10 * MINUTE };
}

/** Has an alarm of its own beside the deadline. */
export class AlarmRoom extends Room {
  rang: string[] = [];

  override async onMessage(connection: Connection, message: string): Promise<void> {
    const [verb, ms] = message.split(" ");
    if (verb === "set") await this.ctx.storage.setAlarm(Date.now() + Number(ms));
    if (verb === "date") await this.ctx.storage.setAlarm(new Date(Date.now() + Number(ms)));
    if (verb === "delete") await this.ctx.storage.deleteAlarm();
    if (verb === "transaction") {
      await this.ctx.storage.transaction(async (txn) => txn.setAlarm(Date.now() + 1_000));
    }
    const due = await this.ctx.storage.getAlarm();
    connection.send(due === null ? "none" : String(due - Date.now()));
  }

  override async onAlarm(): Promise<void> {
    this.rang.push(`at ${this.lifecycle.messages}`);
    if (this.name.startsWith("again") && this.rang.length === 1)
      await this.ctx.storage.setAlarm(Date.now() + MINUTE);
    if (this.name.startsWith("throw")) throw new Error("secret alarm");
  }

  override onRequest(): Response {
    return Response.json(this.rang);
  }
}

/** The same observable life with both ways of re-arming. */
export class EveryRoom extends Room {
  override onMessage(connection: Connection): void {
    connection.send(String(this.lifecycle.messages));
  }
}

export class LazyRoom extends EveryRoom {
  static override lifecycle = { rearm: "lazy" as const };
}

/** Asks for more time, twice. */
export class ExtendingRoom extends Room {
  override onMessage(connection: Connection): void {
    connection.send(String(this.lifecycle.deadline));
  }

  override async onExpire(): Promise<number | void> {
    const asked = ((await this.ctx.storage.get<number>("asked")) ?? 0) + 1;
    await this.ctx.storage.put("asked", asked);
    if (this.name.startsWith("throw")) throw new Error("secret expire");
    if (asked <= 2) return 5 * MINUTE;
  }
}

/** Stores something without a message. */
export class KeepingRoom extends Room {
  override onStart(): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS kept (n INTEGER)");
  }

  override onRequest(): Response {
    return Response.json({ deadline: this.lifecycle.deadline });
  }
}

/** Stores something with the platform's key-value storage, when asked. */
export class ValueRoom extends Room {
  override async onRequest(request: Request): Promise<Response> {
    if (request.method === "POST") await this.ctx.storage.put("kept", 1);
    if (request.method === "PUT")
      this.ctx.storage.sql.exec("CREATE TABLE __miniflare_do_name (name TEXT)");
    return Response.json({ deadline: this.lifecycle.deadline });
  }
}

/** An option that cannot be. */
export class BadOptionRoom extends Room {
  static override lifecycle = { expireAfter: -1 };
}

/** Names of rooms that have crashed once: memory that outlives an instance, which only tests have. */
const crashed = new Set<string>();

/** Crashes once in the middle of its purge, where its name says: `hook`, `before`, `after`, `reject`. */
export class CrashingRoom extends Room {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const name = ctx.id.name ?? "";
    const deleteAll = ctx.storage.deleteAll.bind(ctx.storage);
    Object.defineProperty(ctx.storage, "deleteAll", {
      configurable: true,
      value: (): Promise<void> => {
        const isFirst = !crashed.has(name);
        crashed.add(name);
        if (isFirst && name === "reject") return Promise.reject(new Error("secret storage"));
        if (isFirst && name === "before") ctx.abort("crashed before deleteAll");
        const cleared = deleteAll();
        if (isFirst && name === "after") ctx.abort("crashed after deleteAll");
        return cleared;
      },
    });
    super(ctx, env);
  }

  override onMessage(connection: Connection): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS mine (n INTEGER)");
    this.ctx.storage.sql.exec("INSERT INTO mine VALUES (1)");
    const { n } = this.ctx.storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM mine").one();
    connection.send(`${n} ${this.lifecycle.messages}`);
  }

  override onExpire(): void {
    if (this.name !== "hook" || crashed.has(this.name)) return;
    crashed.add(this.name);
    this.ctx.abort("crashed in onExpire");
  }
}
