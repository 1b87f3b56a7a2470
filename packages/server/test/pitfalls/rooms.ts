// The same rooms with Greenroom: what is left to write is what the room is for.
import { type Connection, Room } from "@greenroom/server";

import { Meeting } from "./meeting.ts";
import { meterConstructor } from "./meter.ts";

/** 1 and 5: tells the count. */
export class CountingRoom extends Room {
  override onMessage(connection: Connection): void {
    connection.send(String(this.lifecycle.messages));
  }
}

/** 2: has a deadline. */
export class ExpiringRoom extends Room {
  static override lifecycle = { expireAfter: 100 };

  override onMessage(connection: Connection): void {
    connection.send("taken");
  }
}

/** 3: has a table of its own, made and read when it is needed. */
export class WakingRoom extends Room {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const stop = meterConstructor(ctx);
    super(ctx, env);
    stop();
  }

  override onRequest(): Response {
    return Response.json({ lines: this.lifecycle.messages });
  }

  override onMessage(connection: Connection, text: string): void {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, text TEXT)",
    );
    this.ctx.storage.sql.exec("INSERT INTO lines (text) VALUES (?)", text);
    connection.send(String(this.lifecycle.messages));
  }
}

/** 4: waits for something else between a message's coming and its answer. */
export class TallyRoom extends Room {
  readonly #moderation = new Meeting();

  override async onMessage(connection: Connection, text: string): Promise<void> {
    await this.#moderation.attend(text);
    connection.send(String(this.lifecycle.messages));
  }
}

/** 6: has a table of its own, made at the start. */
export class LinesRoom extends Room {
  override onStart(): void {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, text TEXT)",
    );
  }

  override onMessage(connection: Connection, text: string): void {
    const { sql } = this.ctx.storage;
    sql.exec("INSERT INTO lines (text) VALUES (?)", text);
    connection.send(String(sql.exec<{ n: number }>("SELECT count(*) AS n FROM lines").one().n));
  }
}

/** 8: is named by "new_classes". */
export class BackendRoom extends Room {
  override onRequest(): Response {
    return new Response("ready");
  }
}

/** 9: sets an alarm of its own. */
export class ReminderRoom extends Room {
  override onMessage(connection: Connection, text: string): void {
    const minutes = /^remind me in (\d+) minutes$/.exec(text)?.[1];
    if (minutes !== undefined)
      void this.ctx.storage.setAlarm(Date.now() + Number(minutes) * 60_000);
    connection.send("taken");
  }

  override onAlarm(): void {
    this.broadcast("reminder");
  }

  override async onExpire(): Promise<number> {
    const reminder = await this.ctx.storage.getAlarm();
    return reminder === null ? 0 : reminder - Date.now() + 60_000;
  }
}
