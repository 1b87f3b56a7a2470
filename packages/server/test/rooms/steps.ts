// Rooms that crash, or are held, at a numbered step: every call of the platform's storage is one.
import { type Rung, TimersRoom } from "./timers.ts";

/** Where a room crashes: memory that outlives an instance, which only tests have. */
export interface Plan {
  steps: number;
  /** What each step is: the call, and of SQL its verb and its table. */
  readonly kinds: string[];
  /** The step before which the room crashes; 0 for none. */
  readonly crashAt: number;
  /** The step at which the room waits, where it may, so that something else can come; 0 for none. */
  readonly holdAt: number;
  isHeld: boolean;
}

/** How long a held step waits, in ms. */
const HOLD = 20;

const plans = new Map<string, Plan>();

/** Counts the steps of a room from here on, and lets it crash, or wait, at one of them, once. */
export function plan(room: string, crashAt = 0, holdAt = 0): Plan {
  const made: Plan = { steps: 0, kinds: [], crashAt, holdAt, isHeld: false };
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
  /** Says whether this is the step at which the room waits. */
  const step = (kind: string): boolean => {
    const current = plans.get(room);
    if (!current) return false;
    current.steps += 1;
    current.kinds.push(kind);
    if (current.steps === current.holdAt) return (current.isHeld = true);
    if (current.steps !== current.crashAt) return false;
    plans.delete(room);
    ctx.abort("crashed at a step");
    throw new Error("crashed at a step");
  };
  const wrap = (target: object, name: string): void => {
    const call = (Reflect.get(target, name) as (...values: unknown[]) => unknown).bind(target);
    Object.defineProperty(target, name, {
      configurable: true,
      value: (...values: unknown[]): unknown => {
        const isHeld = step(name === "exec" ? kindOf(String(values[0])) : name);
        // What is synchronous cannot wait: the platform does nothing else meanwhile.
        if (!isHeld || name === "exec" || name === "transactionSync") return call(...values);
        return scheduler.wait(HOLD).then(() => call(...values));
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

/** "SELECT greenroom_timers": a statement's verb and the table that it is about. */
function kindOf(query: string): string {
  const verb = query.trimStart().split(/\s/, 1)[0] ?? "";
  const table = /(?:FROM|INTO|UPDATE|EXISTS)\s+(\w+)/.exec(query)?.[1] ?? "";
  return `${verb} ${table}`;
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
