/**
 * `withRoomLifecycle(Base)`: a counter, a deadline and a purge for any class that extends
 * partyserver's `Server`.
 *
 * It overrides entry points only, and stands in front of the alarm and `deleteAll` of
 * `ctx.storage`. Over a `RoomServer` it resets the room in place after a purge; another server
 * cannot be started twice, so its instance is given up instead.
 */
import { misuse } from "@greenroom/protocol";

import {
  completeClose,
  errorResponse,
  isUnsendable,
  isUpgrade,
  tellRefusal,
  turnedAway,
} from "./accept.ts";
import { BillKeeper } from "./bill-keeper.ts";
import { checkRoom, isSqlite } from "./checks.ts";
import { billOn, isGone, openSockets } from "./connection.ts";
import { insideOf } from "./inside.ts";
import { RowLedger } from "./ledger.ts";
import { checkLifecycle, type LifecycleOptions, lifecycleOptions } from "./lifecycle-options.ts";
import type { LifecycleView } from "./lifecycle-view.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Meter, type RoomCost } from "./meter.ts";
import { type Migration, Migrations } from "./migrations.ts";
import { type Tell, tellOf } from "./observe.ts";
import type { Server, WSMessage } from "./party.ts";
import { faultId, logFault, startFault } from "./report.ts";
import { HOOK, runInScope } from "./scope.ts";
import { startFailed } from "./start-failed.ts";
import { type AlarmSlot, type Behind, guardStorage } from "./storage-guard.ts";
import { Tables } from "./tables.ts";
import type { Timers } from "./timers.ts";

/** What the mixin adds to a room. */
export declare class RoomLifecycle {
  /** What the room has cost since it woke, and since its epoch began. */
  readonly cost: () => RoomCost;
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

/** What the mixin adds to a class. */
export interface LifecycleStatics {
  /** How long the room may be silent, and when the alarm is set. */
  lifecycle: LifecycleOptions;
  /** The schema of the room's own tables, from the first version on. */
  migrations: readonly Migration[];
}

// oxlint-disable-next-line typescript/no-explicit-any -- the same rule for the class that comes out
type LifecycleConstructor = new (...args: any[]) => RoomLifecycle;

/** Marks a class that has the mixin already. */
const APPLIED = Symbol("greenroom.lifecycle");

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
): Base & LifecycleStatics & LifecycleConstructor {
  if (APPLIED in Base) throw misuse("applied-twice", `${Base.name} has the lifecycle already.`);

  // SAFETY: what is known of Base here is that it is a Server; its own types come back on the way out.
  class WithLifecycle extends (Base as unknown as typeof Server) {
    static readonly [APPLIED] = true;
    static lifecycle: LifecycleOptions = {};
    static migrations: readonly Migration[] = [];
    static override options: { hibernate?: boolean } = { hibernate: true };

    readonly lifecycle: LifecycleView;
    readonly timers: Timers;
    readonly cost: () => RoomCost;
    readonly #life: Lifecycle;
    readonly #meter: Meter;
    readonly #migrations: Migrations;
    readonly #bill: BillKeeper;
    readonly #tell: Tell;
    #starting: Promise<void> | undefined;
    /** Whether the room has a deadline, or will be looked at for one. */
    #isBounded = false;

    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      const meter = new Meter();
      const behind = guardStorage(ctx, () => this.#life, meter);
      super(ctx, env);
      this.#meter = meter;
      this.#tell = tellOf(this.constructor.name, ctx.id.name ?? "?");
      this.#bill = new BillKeeper(ctx, () => meter.text(0));
      const tables = new Tables(behind.sql);
      const transaction = <T>(run: () => T): T => ctx.storage.transactionSync(run);
      const { name, migrations } = this.constructor as typeof WithLifecycle;
      this.#migrations = new Migrations({
        room: name,
        list: migrations,
        usersSql: () => ctx.storage.sql,
        tables,
        transaction,
      });
      this.#life = this.#createLife(ctx, behind, tables, transaction);
      this.cost = () => meter.cost();
      this.lifecycle = this.#life.view;
      this.timers = this.#life.timers.view;
      const inside = insideOf(this);
      if (!inside) return;
      inside.lifecycle = this.#life;
      meter.used = this.#bill.used;
      meter.keep = this.#bill.keep;
      inside.checks.push(() => checkLifecycle(this.#options()));
    }

    override fetch(request: Request): Promise<Response> {
      return this.#billed(async () => {
        if (this.#life.purging) {
          return isUpgrade(request)
            ? tellRefusal(turnedAway(request, "purging", 1_000), this.#tell)
            : errorResponse(503, "expired");
        }
        try {
          await this.#start();
        } catch (fault) {
          return tellRefusal(startFailed(request, fault), this.#tell);
        }
        try {
          return await runInScope(HOOK, () => super.fetch(request));
        } finally {
          this.#settle();
        }
      });
    }

    override webSocketMessage(socket: WebSocket, message: WSMessage): Promise<void> {
      const isFirst = !this.#meter.isBusy;
      if (isFirst) this.#meter.enter();
      this.#meter.message();
      if (this.#life.purging || isGone(socket)) {
        if (isFirst) this.#meter.leave();
        return Promise.resolve();
      }
      // Counted by its driver. Not async: a promise for each message is a tenth of what it costs.
      const handled: Promise<void> | undefined = insideOf(this)?.isStarted()
        ? super.webSocketMessage(socket, message)
        : this.#wakeWith(socket, message);
      if (isFirst && handled) void handled.then(this.#meter.leave, this.#meter.leave);
      else if (isFirst) this.#meter.leave();
      return handled; // a `RoomServer` gives nothing where it is done
    }

    override async webSocketClose(
      socket: WebSocket,
      code: number,
      reason: string,
      wasClean: boolean,
    ): Promise<void> {
      if (insideOf(this)) this.#meter.found(billOn(socket));
      // The room that this connection was of has expired: there is nobody to tell.
      if (this.#life.purging || isGone(socket)) return completeClose(socket, code, reason);
      await this.#start();
      await runInScope(HOOK, () => super.webSocketClose(socket, code, reason, wasClean));
      // partyserver leaves it hanging; a `RoomServer` does not.
      if (!insideOf(this) && isUnsendable(code)) completeClose(socket, code, reason);
      this.#life.left();
      this.#settle();
    }

    override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
      if (this.#life.purging || isGone(socket)) return;
      await this.#start();
      await runInScope(HOOK, () => super.webSocketError(socket, error));
    }

    override alarm(info?: AlarmInvocationInfo): Promise<void> {
      const start = (): Promise<void> => super.__unsafe_ensureInitialized();
      return this.#billed(async () => {
        await this.#start(true);
        await runInScope(HOOK, () => this.#life.ring(info?.retryCount ?? 0, start));
        this.#settle();
      });
    }

    override setName(name: string, props?: Record<string, unknown>): Promise<void> {
      return this.#billed(async () => {
        await this.#start();
        await runInScope(HOOK, () => super.setName(name, props));
        this.#settle();
      });
    }

    override async __unsafe_ensureInitialized(): Promise<void> {
      await this.#start();
      await runInScope(HOOK, () => super.__unsafe_ensureInitialized());
    }

    onExpire(): void | number | Promise<void | number> {
      // A room that does nothing at its end just ends.
    }

    /** Runs what is billed as a request, and for its time. */
    async #billed<T>(run: () => Promise<T>): Promise<T> {
      this.#meter.enter();
      this.#meter.event();
      try {
        return await run();
      } finally {
        this.#meter.end();
      }
    }

    async #wakeWith(socket: WebSocket, message: WSMessage): Promise<void> {
      await this.#start();
      if (insideOf(this)) return super.webSocketMessage(socket, message);
      this.#life.count(1);
      this.#life.ledger.begin();
      try {
        await runInScope(HOOK, () => super.webSocketMessage(socket, message));
      } catch (fault) {
        this.#life.ledger.uncount();
        this.#report(fault, "onMessage");
      }
    }

    #start(byAlarm = false): Promise<void> {
      this.#starting ??= this.#firstStart(byAlarm).catch((fault: unknown) => {
        this.#starting = undefined; // the next event tries again
        throw fault;
      });
      return this.#starting;
    }

    async #firstStart(byAlarm: boolean): Promise<void> {
      const { name, options } = this.constructor as typeof WithLifecycle;
      try {
        if (!insideOf(this)) {
          checkRoom(name, options.hibernate, this.ctx.storage);
          checkLifecycle(this.#options());
        }
        await this.#life.start(byAlarm).catch((fault: unknown) => {
          checkRoom(name, options.hibernate, this.ctx.storage); // the first read needs SQL
          throw fault;
        });
        this.#migrations.check();
      } catch (fault) {
        throw startFault(fault, this.#report(fault, "onStart"));
      }
    }

    /** After an event: what it stored without a message gets a deadline. Not where the start has failed. */
    #settle(): void {
      if (insideOf(this)?.isStarted() ?? true) this.#life.settle();
    }

    /** When what runs now is over, as an event settles at its end. */
    #settleSoon(): void {
      if (this.#isBounded) return;
      this.#isBounded = true;
      setTimeout(() => {
        this.#settle();
        this.#isBounded = this.lifecycle.deadline !== null;
      }, 0);
    }

    #options(): Required<LifecycleOptions> {
      return lifecycleOptions((this.constructor as typeof WithLifecycle).lifecycle);
    }

    #createLife(
      ctx: DurableObjectState,
      behind: Behind,
      tables: Tables,
      transaction: <T>(run: () => T) => T,
    ): Lifecycle {
      return new Lifecycle(
        {
          options: this.#options(),
          tables,
          touches: behind.touches,
          slot: insideOf(this) ? behind : { ...behind, deleteAll: () => this.#clearAndEnd(behind) },
          meter: this.#meter,
          // The sockets of a foreign class are its own.
          carriedBill: () => (insideOf(this) ? this.#bill.read() : undefined),
          migrate: () => this.#migrations.run(),
          stores: () => this.#settleSoon(),
          rolledBack: () => {
            this.#isBounded = false;
            tables.forget();
            this.#migrations.forget();
          },
          now: () => Date.now(),
          sockets: () => ctx.getWebSockets(),
          isConnected: () => openSockets(ctx).length > 0,
          storesAnything: () => isSqlite(ctx.storage) && !tables.isEmpty(),
          onExpire: () => this.onExpire(),
          claimsEnd: () => insideOf(this)?.sweep.next() ?? null,
          sweep: async () => (await insideOf(this)?.sweep.run(Date.now())) ?? false,
          onAlarm: () => super.alarm(),
          transaction,
          committed: () => ctx.storage.sync(),
          report: (fault, where) => this.#report(fault, where),
          tell: this.#tell,
          forget: () => {
            this.#isBounded = false;
            const inside = insideOf(this);
            this.#migrations.forget();
            inside?.driver?.forget();
            inside?.sweep.forget();
            inside?.restart();
          },
        },
        new RowLedger(tables),
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
      logFault(this.constructor.name, this.ctx.id.name ?? "?", where, id, fault);
      return id;
    }
  }

  // SAFETY: the class adds what RoomLifecycle declares; Env, statics and protected members are the base's.
  return WithLifecycle as unknown as ReturnType<typeof withRoomLifecycle<Base>>;
}
