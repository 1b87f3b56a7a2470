// Rooms that count what they write: rows, and alarms set. A message's price is both together.
import { DurableObject } from "cloudflare:workers";

import { ChatRoom, LazyChatRoom } from "./chat.ts";
import { CrowdRoom } from "./crowd.ts";
import { EveryRoom } from "./lives.ts";
import { DeskRoom, TimersRoom } from "./timers.ts";

/** What an object has written since it was last asked. */
export interface Bill {
  rows: number;
  alarms: number;
}

const bills = new WeakMap<object, Bill>();
const statements = new WeakMap<Bill, string[]>();

/** Counts at the platform's own functions, before anything stands in front of them. */
function metered(ctx: DurableObjectState): Bill {
  const bill: Bill = { rows: 0, alarms: 0 };
  const texts: string[] = [];
  statements.set(bill, texts);
  const { storage } = ctx;
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  Object.defineProperty(sql, "exec", {
    configurable: true,
    value: (query: string, ...bindings: unknown[]) => {
      texts.push(query);
      const cursor = exec(query, ...bindings);
      // A statement that writes has written when exec returns; a query's cursor must stay unread.
      bill.rows += cursor.rowsWritten;
      return cursor;
    },
  });
  Object.defineProperty(storage, "setAlarm", {
    configurable: true,
    value: async (at: number | Date) => {
      if ((await storage.getAlarm()) !== Number(at)) bill.alarms += 1;
      return setAlarm(at);
    },
  });
  return bill;
}

/** Takes the bill of a room, and starts a new one. */
export function takeBill(room: object): Bill {
  const bill = bills.get(room) as Bill;
  const taken = { ...bill };
  bill.rows = 0;
  bill.alarms = 0;
  return taken;
}

/** Takes the statements that a room has run since it was last asked. */
export function takeStatements(room: object): string[] {
  return statements.get(bills.get(room) as Bill)?.splice(0) ?? [];
}

export class MeteredChat extends ChatRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    bills.set(this, bill);
  }
}

export class MeteredCrowd extends CrowdRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    bills.set(this, bill);
  }
}

export class MeteredLazyChat extends LazyChatRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    bills.set(this, bill);
  }
}

export class MeteredRaw extends EveryRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    bills.set(this, bill);
  }
}

export class MeteredTimers extends TimersRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    bills.set(this, bill);
  }
}

export class MeteredDesk extends DeskRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    bills.set(this, bill);
  }
}

/** What people write by hand: a counter, an alarm, a broadcast. */
export class HandWritten extends DurableObject {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bill = metered(ctx);
    super(ctx, env);
    this.#ctx = ctx;
    bills.set(this, bill);
  }

  override fetch(): Response {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.#ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_socket: WebSocket, message: string): Promise<void> {
    const { storage } = this.#ctx;
    storage.sql.exec("CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, n INTEGER)");
    storage.sql.exec("INSERT INTO counter VALUES (1, 1) ON CONFLICT DO UPDATE SET n = n + 1");
    await storage.setAlarm(Date.now() + 30 * 60_000);
    for (const socket of this.#ctx.getWebSockets()) socket.send(message);
  }
}
