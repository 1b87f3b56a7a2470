/**
 * `withRoomLifecycle(Base)`: a counter, a deadline and a purge for any class that extends
 * partyserver's `Server`.
 *
 * It overrides entry points only, and stands in front of the alarm and `deleteAll` of
 * `ctx.storage`. Over a `RoomServer` it resets the room in place after a purge; another server
 * cannot be started twice, so its instance is given up instead.
 */
import { misuse, type RoomError } from "@greenroom/protocol";

import { completeClose, errorResponse, isUpgrade, turnedAway } from "./accept.ts";
import { checkRoom } from "./checks.ts";
import { isGone, openSockets } from "./connection.ts";
import { insideOf } from "./inside.ts";
import { RowLedger } from "./ledger.ts";
import {
  checkLifecycle,
  Lifecycle,
  type LifecycleOptions,
  lifecycleOptions,
  type LifecycleView,
} from "./lifecycle.ts";
import type { Server, WSMessage } from "./party.ts";
import { faultId, logFault, startFault } from "./report.ts";
import { HOOK, runInScope } from "./scope.ts";
import { type AlarmSlot, guardStorage } from "./storage-guard.ts";
import { Tables } from "./tables.ts";
import type { Timers } from "./timers.ts";

/** What the mixin adds to a room. */
export declare class RoomLifecycle {
  /** Named, durable timers: `this.timers.set(name, { after: 60_000 }, payload)`. */
  readonly timers: Timers;
  /** The room's life: its count, its deadline, and when its last message came. */
  readonly lifecycle: LifecycleView;
  /**
   * Called when the room was silent for `expireAfter`, before it is purged. A returned number
   * is how many milliseconds longer the room shall live; it is asked again after that.
   */
  onExpire(): void | number | Promise<void | number>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a mixin's constructor must take any[] (TS2545)
type AnyServer = (new (...args: any[]) => Server<any, any>) & { readonly lifecycle?: never };

/** Marks a class that has the mixin already. */
const APPLIED = Symbol("greenroom.lifecycle");

/** Whether an object holds anything: tables that the platform keeps for itself, alarms and names, do not count. */
const STORED =
  "SELECT 1 FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_METADATA' ESCAPE '\\' AND name NOT LIKE '\\_\\_miniflare%' ESCAPE '\\' LIMIT 1";
/** How long a purged room of a foreign class waits for its sockets to close, in steps of ms. */
const CLOSE_WAIT = 25;
const CLOSE_WAITS = 40;

/**
 * Gives a server class the lifecycle of a room; options stand in `static lifecycle`.
 *
 * @example
 * ```ts
 * import { withRoomLifecycle } from "@greenroom/server";
 * import { YServer } from "y-partyserver";
 * export class Document extends withRoomLifecycle(YServer) {
 *   static override lifecycle = { expireAfter: 60 * 60_000 };
 * }
 * ```
 * @throws RoomError `applied-twice`
 */
export function withRoomLifecycle<Base extends AnyServer>(
  Base: Base,
  // oxlint-disable-next-line typescript/no-explicit-any -- the same rule for the class that comes out
): Base & { lifecycle: LifecycleOptions } & (new (...args: any[]) => RoomLifecycle) {
  if (APPLIED in Base)
    throw misuse("applied-twice", { message: `${Base.name} has the lifecycle already.` });

  // SAFETY: what is known of Base here is that it is a Server; its own types come back on the way out.
  class WithLifecycle extends (Base as unknown as typeof Server) {
    static readonly [APPLIED] = true;
    static lifecycle: LifecycleOptions = {};
    static override options: { hibernate?: boolean } = { hibernate: true };

    readonly lifecycle: LifecycleView;
    readonly timers: Timers;
    readonly #life: Lifecycle;
    #starting: Promise<void> | undefined;

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      const slot = guardStorage(ctx, () => this.#life);
      super(ctx, env);
      this.#life = this.#createLife(ctx, slot);
      this.lifecycle = this.#life.view;
      this.timers = this.#life.timers.view;
      const inside = insideOf(this);
      if (!inside) return;
      inside.lifecycle = this.#life;
      inside.checks.push(() => checkLifecycle(this.#options()));
    }

    override async fetch(request: Request): Promise<Response> {
      if (this.#life.purging) {
        return isUpgrade(request)
          ? turnedAway(request, "purging", 1_000)
          : errorResponse(503, "expired");
      }
      try {
        await this.#start();
      } catch (fault) {
        if (isUpgrade(request)) return turnedAway(request, "failed", 1_000);
        const { code, id } = fault as RoomError; // SAFETY: the start throws nothing else
        return errorResponse(500, code, { id });
      }
      try {
        return await runInScope(HOOK, () => super.fetch(request));
      } finally {
        this.#settle();
      }
    }

    override webSocketMessage(socket: WebSocket, message: WSMessage): Promise<void> {
      if (this.#life.purging || isGone(socket)) return Promise.resolve();
      // Counted by its driver. Not async: a promise for each message is a tenth of what it costs.
      if (insideOf(this)?.isStarted()) return super.webSocketMessage(socket, message);
      return this.#wakeWith(socket, message);
    }

    override async webSocketClose(
      socket: WebSocket,
      code: number,
      reason: string,
      wasClean: boolean,
    ): Promise<void> {
      // The room that this connection was of has expired: there is nobody to tell.
      if (this.#life.purging || isGone(socket)) return completeClose(socket, code, reason);
      await this.#start();
      await runInScope(HOOK, () => super.webSocketClose(socket, code, reason, wasClean));
      if (code === 1005) completeClose(socket, code, reason); // partyserver leaves it hanging
      this.#life.left();
      this.#settle();
    }

    override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
      if (this.#life.purging || isGone(socket)) return;
      await this.#start();
      await runInScope(HOOK, () => super.webSocketError(socket, error));
    }

    override async alarm(info?: AlarmInvocationInfo): Promise<void> {
      await this.#start();
      const start = (): Promise<void> => super.__unsafe_ensureInitialized();
      await runInScope(HOOK, () => this.#life.ring(info?.retryCount ?? 0, start));
      this.#settle();
    }

    override async setName(name: string, props?: Record<string, unknown>): Promise<void> {
      await this.#start();
      await runInScope(HOOK, () => super.setName(name, props));
      this.#settle();
    }

    override async __unsafe_ensureInitialized(): Promise<void> {
      await this.#start();
      await runInScope(HOOK, () => super.__unsafe_ensureInitialized());
    }

    onExpire(): void | number | Promise<void | number> {
      // A room that does nothing at its end just ends.
    }

    async #wakeWith(socket: WebSocket, message: WSMessage): Promise<void> {
      await this.#start();
      if (insideOf(this)) return super.webSocketMessage(socket, message);
      this.#life.count();
      try {
        await runInScope(HOOK, () => super.webSocketMessage(socket, message));
      } catch (fault) {
        this.#life.uncount();
        this.#report(fault, "onMessage");
      }
    }

    #start(): Promise<void> {
      this.#starting ??= this.#firstStart().catch((fault: unknown) => {
        this.#starting = undefined; // the next event tries again
        throw fault;
      });
      return this.#starting;
    }

    async #firstStart(): Promise<void> {
      const { name, options } = this.constructor as typeof WithLifecycle;
      try {
        if (!insideOf(this)) {
          checkRoom(name, options.hibernate, this.ctx.storage);
          checkLifecycle(this.#options());
        }
        await this.#life.start();
      } catch (fault) {
        throw startFault(fault, this.#report(fault, "onStart"));
      }
    }

    /** After an event: what it stored without a message gets a deadline. Not where the start has failed. */
    #settle(): void {
      if (insideOf(this)?.isStarted() ?? true) this.#life.settle();
    }

    #options(): Required<LifecycleOptions> {
      return lifecycleOptions((this.constructor as typeof WithLifecycle).lifecycle);
    }

    #createLife(ctx: DurableObjectState, slot: AlarmSlot): Lifecycle {
      const sql = (): SqlStorage => ctx.storage.sql;
      const tables = new Tables(sql);
      return new Lifecycle(
        {
          options: this.#options(),
          sql,
          tables,
          slot: insideOf(this) ? slot : { ...slot, deleteAll: () => this.#clearAndEnd(slot) },
          now: () => Date.now(),
          sockets: () => ctx.getWebSockets(),
          isConnected: () => openSockets(ctx).length > 0,
          storesAnything: () => ctx.storage.sql.exec(STORED).toArray().length > 0,
          onExpire: () => this.onExpire(),
          onAlarm: () => super.alarm(),
          transaction: (run) => ctx.storage.transactionSync(run),
          committed: () => ctx.storage.sync(),
          report: (fault, where) => this.#report(fault, where),
          forget: () => {
            const inside = insideOf(this);
            inside?.driver.forget();
            inside?.restart();
          },
        },
        new RowLedger(sql, tables),
      );
    }

    /** A foreign class cannot start twice in one instance: after its sockets have closed, the instance ends. */
    async #clearAndEnd(slot: AlarmSlot): Promise<void> {
      await slot.deleteAll();
      for (let step = 0; step < CLOSE_WAITS && this.ctx.getWebSockets().length > 0; step++) {
        await scheduler.wait(CLOSE_WAIT);
      }
      this.ctx.abort("The room has expired.", { retryAlarm: false });
    }

    #report(fault: unknown, where: string): string {
      const inside = insideOf(this);
      if (inside) return inside.report(fault, where);
      const id = faultId();
      logFault(`${this.constructor.name}/${this.ctx.id.name ?? "?"}`, where, id, fault);
      return id;
    }
  }

  // SAFETY: the class adds what RoomLifecycle declares; Env, statics and protected members are the base's.
  return WithLifecycle as unknown as ReturnType<typeof withRoomLifecycle<Base>>;
}
