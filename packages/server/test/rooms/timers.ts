// Rooms with timers: what rings is kept in a table of their own, so that a crash shows.
import "@greenroom/server/cron";
import { contract, type Ring, Room } from "@greenroom/server";
import * as v from "valibot";

/** One ring as it was kept. */
export interface Rung {
  readonly name: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly due: number;
  readonly missed: number;
  readonly at: number;
}

/** Keeps a ring durably, with what else the turn writes. */
export function keepRing({ storage }: DurableObjectState, payload: unknown, ring: Ring): void {
  const { name, attempt, due, missed } = ring;
  const kept: Rung = { name, payload, attempt, due, missed, at: Date.now() };
  storage.sql.exec("CREATE TABLE IF NOT EXISTS rung (id INTEGER PRIMARY KEY, ring TEXT)");
  storage.sql.exec("INSERT INTO rung (ring) VALUES (?)", JSON.stringify(kept));
}

/** What has rung, in order. */
export function rungOf({ storage }: DurableObjectState): Rung[] {
  storage.sql.exec("CREATE TABLE IF NOT EXISTS rung (id INTEGER PRIMARY KEY, ring TEXT)");
  const rows = storage.sql.exec<{ ring: string }>("SELECT ring FROM rung ORDER BY id").toArray();
  return rows.map(({ ring }) => JSON.parse(ring) as Rung);
}

/** How often handlers were called: memory that outlives an instance, which only tests have. */
export const calls = new Map<string, number>();

/** Lets handlers of `held` go on, by room; a test calls it, and waits for nothing. */
export const held = new Map<string, () => void>();

function count(room: string, ring: Ring): number {
  const key = `${room} ${ring.name}`;
  calls.set(key, (calls.get(key) ?? 0) + 1);
  return calls.get(key) as number;
}

/** Timers of every kind, in a room without a contract. */
export class TimersRoom extends Room {
  readonly clocks = this.timers.on({
    note: (payload: unknown, ring) => keepRing(this.ctx, payload, ring),
    count: (payload: { n: number }, ring) => keepRing(this.ctx, payload, ring),
    asleep: async (payload: { ms: number }, ring) => {
      await scheduler.wait(payload.ms);
      keepRing(this.ctx, payload, ring);
    },
    held: async (payload: unknown, ring) => {
      await new Promise<void>((resolve) => held.set(this.name, resolve));
      keepRing(this.ctx, payload, ring);
    },
    hang: async (_payload: unknown, ring) => {
      count(this.name, ring);
      await new Promise((resolve) => ring.signal.addEventListener("abort", resolve));
      this.aborted += 1;
      await new Promise(() => undefined);
    },
    throws: (payload: unknown, ring) => {
      keepRing(this.ctx, payload, ring);
      throw new Error(`secret text ${"long ".repeat(200)}`);
    },
    rejects: async (_payload: unknown, ring) => {
      count(this.name, ring);
      throw new Error("secret text");
    },
    sneaky: () => Promise.resolve(),
    again: (payload: number, ring) => {
      keepRing(this.ctx, payload, ring);
      if (payload > 1) this.timers.set("again", { after: 1_000 }, payload - 1);
    },
    stop: (_payload: unknown, ring) => {
      keepRing(this.ctx, null, ring);
      if (ring.missed === 0 && rungOf(this.ctx).length >= 3) this.timers.cancel(ring.name);
    },
    abort: (_payload: unknown, ring) => {
      count(this.name, ring);
      this.ctx.abort("crashed in a timer");
    },
  });
  aborted = 0;

  override onMessage(connection: { send(text: string): void }, message: string): void {
    connection.send(message);
  }

  override onStart(): void {
    if (this.name.startsWith("ticking")) this.timers.set("note", { every: 60_000 }, { tick: true });
  }

  override onRequest(): Response {
    return Response.json(this.timers.list().map(({ name }) => name));
  }

  rung(): Rung[] {
    return rungOf(this.ctx);
  }
}

export class LazyTimersRoom extends TimersRoom {
  static override lifecycle = { rearm: "lazy" as const };
}

export const desk = contract({
  messages: { begin: v.object({ ms: v.number(), text: v.string() }), bad: v.string() },
  events: { rang: v.object({ text: v.string(), attempt: v.number() }) },
  calls: { list: { output: v.array(v.string()) } },
});

/** Timers of a contract room, with schemas of their own. */
export class DeskRoom extends Room.of(desk, {
  timers: {
    ring: v.object({ text: v.string(), at: v.optional(v.pipe(v.string(), v.toDate())) }),
    slow: v.string(),
    half: v.string(),
    plain: null,
  },
}) {
  handlers = this.handle({
    begin: (_member, { ms, text }) => {
      // SAFETY: none: this is the mistake of a room whose types were not checked.
      if (text === "wrong") this.timers.set("slow", { after: ms }, { secret: text } as never);
      const name = text.startsWith("slow") ? "slow" : text.startsWith("half") ? "half" : undefined;
      if (name) this.timers.set(name, { after: ms }, text);
      else this.timers.set(`ring/${text}`, { after: ms }, { text, at: "2026-01-01T00:00:00Z" });
    },
    bad: (_member, text) => {
      this.timers.set("slow", { after: 1_000 }, text);
      this.timers.cancel("half");
      throw new Error("secret text");
    },
    list: () => this.timers.list().map(({ name, state }) => `${name} ${state}`),
    onTimer: {
      ring: ({ text, at }, ring) => {
        keepRing(this.ctx, at instanceof Date ? at.getTime() : null, ring);
        this.publish("rang", { text, attempt: ring.attempt });
        if (text.startsWith("fail")) throw new Error("secret text");
        if (text.startsWith("huge"))
          for (let i = 0; i < 40; i++)
            this.publish("rang", { text: text + "x".repeat(100_000), attempt: i });
      },
      slow: async (text, { attempt, signal }) => {
        this.publish("rang", { text: `${text} begins`, attempt });
        await scheduler.wait(text === "slow fails" ? 1 : 5);
        if (text === "slow fails") throw new Error("secret text");
        if (!signal.aborted) this.publish("rang", { text: `${text} ends`, attempt });
      },
      half: (text, { attempt }) => {
        this.publish("rang", { text, attempt });
        if (attempt === 1) throw new Error("secret text");
      },
      plain: () => this.publish("rang", { text: "plain", attempt: 0 }),
    },
  });

  rung(): Rung[] {
    return rungOf(this.ctx);
  }
}

export class LazyDeskRoom extends DeskRoom {
  static override lifecycle = { rearm: "lazy" as const };
}
