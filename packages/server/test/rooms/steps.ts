// Rooms that crash at a numbered step: every call of the platform's storage is one.
import { type Rung, TimersRoom } from "./timers.ts";

/** Where a room crashes: memory that outlives an instance, which only tests have. */
export interface Plan {
  steps: number;
  /** The step before which the room crashes; 0 for none. */
  readonly crashAt: number;
}

const plans = new Map<string, Plan>();

/** Counts the steps of a room from here on, and lets it crash at one of them, once. */
export function plan(room: string, crashAt = 0): Plan {
  const made: Plan = { steps: 0, crashAt };
  plans.set(room, made);
  return made;
}

/** Lets a room alone. */
export function unplan(room: string): void {
  plans.delete(room);
}

/** Makes a step of every call of a room's storage. */
function stepped(ctx: DurableObjectState): void {
  const { storage } = ctx;
  const room = ctx.id.name ?? "";
  const step = (): void => {
    const current = plans.get(room);
    if (!current) return;
    current.steps += 1;
    if (current.steps !== current.crashAt) return;
    plans.delete(room);
    ctx.abort("crashed at a step");
    throw new Error("crashed at a step");
  };
  const wrap = (target: object, name: string): void => {
    const call = (Reflect.get(target, name) as (...values: unknown[]) => unknown).bind(target);
    Object.defineProperty(target, name, {
      configurable: true,
      value: (...values: unknown[]): unknown => {
        step();
        return call(...values);
      },
    });
  };
  wrap(storage.sql, "exec");
  for (const name of [
    "getAlarm",
    "setAlarm",
    "deleteAlarm",
    "deleteAll",
    "sync",
    "transactionSync",
  ])
    wrap(storage, name);
}

/** What there is of a room that is whole. */
export interface Whole {
  readonly messages: number;
  readonly mine: number;
}

export class StepRoom extends TimersRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    stepped(ctx);
    super(ctx, env);
  }

  override onMessage(connection: { send(text: string): void }): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS mine (n INTEGER)");
    this.ctx.storage.sql.exec("INSERT INTO mine VALUES (1)");
    connection.send(JSON.stringify(this.whole()));
  }

  whole(): Whole {
    const tables = this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'mine'");
    const mine =
      tables.toArray().length === 0
        ? 0
        : this.ctx.storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM mine").one().n;
    return { messages: this.lifecycle.messages, mine };
  }

  kept(): Rung[] {
    return this.rung();
  }
}

export class LazyStepRoom extends StepRoom {
  static override lifecycle = { rearm: "lazy" as const };
}
