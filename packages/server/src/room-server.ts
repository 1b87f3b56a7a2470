/**
 * `RoomServer`: partyserver's `Server` with its own way in and its own start.
 *
 * It works at the object's entry points and calls each hook in one place, looked up at each call:
 * methods and class fields work alike, no hook calls `super`, and none of partyserver's own
 * storage, routing headers or error texts are reached.
 */
import { misuse, PING, PONG, type RoomError } from "@greenroom/protocol";

import {
  completeClose,
  denied,
  errorResponse,
  idWords,
  isUpgrade,
  tellRefusal,
  turnedAway,
} from "./accept.ts";
import { breathOf, FLOODING } from "./breath.ts";
import { checkRoom } from "./checks.ts";
import { hasEnded } from "./claims.ts";
import {
  amend,
  attachmentOf,
  connectionOf,
  heardOfClose,
  isGone,
  isHeard,
  isOpen,
  markGone,
  openSockets,
} from "./connection.ts";
import { detailed, wantsDetails } from "./details.ts";
import { Doors, personOn } from "./doors.ts";
import { Headcount } from "./headcount.ts";
import { type Inside, setInside, type SocketDriver } from "./inside.ts";
import { checkLimits, type LimitOptions, limitsOf } from "./limits.ts";
import { closeStuck, closeWith } from "./members.ts";
import { tellOf } from "./observe.ts";
import { type Connection, type ConnectionContext, Server, type WSMessage } from "./party.ts";
import { Rates, type Shelf } from "./rates.ts";
import { RawDriver } from "./raw-driver.ts";
import { faultId, logFault, startFault } from "./report.ts";
import { RETRY_START, startFailed } from "./start-failed.ts";
import { Sweep } from "./sweep.ts";

// SAFETY: to the platform nothing is as good as a promise that is done, and costs less.
const done = undefined as unknown as Promise<void>;
/** Classes with which nothing is wrong: each is looked at once, not at each wake. */
const sound = new WeakSet<object>();

/** Buckets that must outlive the instance are kept with their sockets. */
const shelf: Shelf<WebSocket> = {
  read: (socket) => attachmentOf(socket)?.spent,
  write: (socket, spent) => amend(socket, { spent }),
  personOf: personOn,
};

/** A transport that goes away while its socket closes is no fault of anyone's. */
function isTeardown(socket: WebSocket, error: unknown): boolean {
  return !isOpen(socket) && /connection lost|disconnected/i.test(String(error));
}

/** A `Server` whose connections always hibernate, and whose faults reach no client. */
export class RoomServer<
  Env extends Cloudflare.Env = Cloudflare.Env,
  Props extends Record<string, unknown> = Record<string, unknown>,
> extends Server<Env, Props> {
  /** Always on; a subclass that sets it to false is refused at its first start. */
  static override options: { hibernate?: boolean } = { hibernate: true };
  /** How much the room takes; see the guide to limits. */
  static limits: LimitOptions = {};

  #started: Promise<void> | undefined;
  #isStarted = false;
  #props: Props | undefined;
  readonly #breath: (weight: number) => void;
  readonly #inside: Inside;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#breath = breathOf(ctx);
    const pending = new WeakSet<WebSocket>();
    const headcount = new Headcount(() => ctx.getWebSockets());
    const limits = limitsOf((this.constructor as typeof RoomServer).limits);
    this.#inside = setInside(this, {
      pending,
      limits,
      rates: new Rates(limits, shelf, { inHaste: () => this.#breath(FLOODING - 1) }),
      headcount,
      doors: new Doors(ctx, limits, headcount, (fault, where) => this.#report(fault, where)),
      sweep: new Sweep({ ctx, left: (socket, code, reason) => this.#left(socket, code, reason) }),
      checks: [() => checkLimits(limits)],
      start: () => this.#ensureStarted(),
      isStarted: () => this.#isStarted,
      restart: () => {
        this.#isStarted = false;
        this.#started = undefined;
        headcount.forget();
      },
      report: (fault, where, socket) => this.#report(fault, where, socket),
      tell: tellOf(this.constructor.name, ctx.id.name ?? "?"),
    });
    // The platform answers these itself, without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  override get name(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw misuse("no-name", `${this.constructor.name} has no name.`);
    return name;
  }

  override async fetch(request: Request): Promise<Response> {
    return tellRefusal(await this.#answer(request), this.#inside.tell);
  }

  async #answer(request: Request): Promise<Response> {
    const inside = this.#inside;
    const sender = inside.doors.whoSends(request);
    if ("denial" in sender) return denied(request, sender.denial);
    const handshake = isUpgrade(request) ? this.#driver().read(request) : undefined;
    if (handshake?.unwanted) return turnedAway(request, handshake.unwanted);
    try {
      await inside.start();
    } catch (fault) {
      return startFailed(request, fault);
    }
    if (handshake) return this.#driver().accept(request, handshake, sender.who);
    const denial = inside.doors.denialOfRequest(sender.who);
    if (denial) return denied(request, denial);
    try {
      return await this.onRequest(request);
    } catch (fault) {
      const { code, ...told } = detailed(
        { code: "failed", id: inside.report(fault, "onRequest") },
        fault,
        wantsDetails(request),
      );
      return errorResponse(500, code, told);
    }
  }

  override webSocketMessage(socket: WebSocket, message: WSMessage): Promise<void> {
    const kept = attachmentOf(socket);
    const isTaken = kept !== undefined && isHeard(socket);
    this.#breath(isTaken ? 1 : FLOODING);
    if (!isTaken) return done;
    if (kept.who && hasEnded(kept.who, Date.now())) {
      closeWith(socket, "unauthenticated");
      return done;
    }
    const inside = this.#inside;
    if (!inside.isStarted()) return this.#wakeWith(socket, message);
    // SAFETY: the platform delivers text or an ArrayBuffer; views are in the type for partyserver's sake.
    return this.#driver().message(socket, message as string | ArrayBuffer) ?? done;
  }

  override async webSocketClose(
    socket: WebSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): Promise<void> {
    const inside = this.#inside;
    try {
      if (this.#isIn(socket)) {
        await this.#ended(socket, code, reason, wasClean);
        this.#tellClosed(socket, code);
        inside.sweep.went(attachmentOf(socket)?.who);
      }
    } catch (fault) {
      inside.report(fault, "onClose", socket);
    }
    completeClose(socket, code, reason);
  }

  override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    if (!this.#isIn(socket)) return;
    const inside = this.#inside;
    try {
      await inside.start();
      if (!isTeardown(socket, error)) await this.onError(connectionOf(socket, this.name), error);
      // No close event follows an error: the connection has left.
      await this.#ended(socket, 1006, "", false);
      this.#tellClosed(socket, 1006);
    } catch (fault) {
      inside.report(fault, "onError");
    }
    markGone(socket);
    completeClose(socket, 1009, "too-large");
  }

  override async alarm(): Promise<void> {
    await this.#inside.start();
    await this.onAlarm();
  }

  /** The way in of partyserver's `getServerByName`: starts the room, and gives `onStart` its props. */
  override async setName(name: string, props?: Props): Promise<void> {
    if (name !== this.name) {
      throw misuse("no-name", `This room is "${this.name}", and cannot be named "${name}".`);
    }
    if (props !== undefined) this.#props = props;
    await this.#inside.start();
  }

  override async _initAndFetch(
    name: string,
    props: Props | undefined,
    request: Request,
  ): Promise<Response> {
    await this.setName(name, props);
    return this.fetch(request);
  }

  override async __unsafe_ensureInitialized(): Promise<void> {
    await this.#inside.start();
  }

  /** Runs a query and gives its rows; what SQLite says of a wrong one is thrown as it is. */
  override sql<T = Record<string, string | number | boolean | null>>(
    strings: TemplateStringsArray,
    ...values: (string | number | boolean | null)[]
  ): T[] {
    return this.ctx.storage.sql.exec(strings.join("?"), ...values).toArray() as T[];
  }

  /** Sends to everybody who is in, except the connections with the given ids. */
  override broadcast(message: WSMessage, without?: string[]): void {
    const except = without?.length ? new Set(without) : undefined;
    const { pending, limits } = this.#inside;
    for (const socket of openSockets(this.ctx)) {
      if (pending.has(socket) || except?.has(attachmentOf(socket)?.id ?? "")) continue;
      // An open hibernatable socket takes whatever it is given, and keeps it in memory.
      if (!closeStuck(socket, limits.lag)) socket.send(message);
    }
  }

  override getConnection<State = unknown>(id: string): Connection<State> | undefined {
    return this.#connections(openSockets(this.ctx, { id })).at(-1) as Connection<State> | undefined;
  }

  override getConnections<State = unknown>(tag?: string): Iterable<Connection<State>> {
    const sockets =
      tag === undefined
        ? openSockets(this.ctx)
        : [...openSockets(this.ctx, { tag }), ...openSockets(this.ctx, { id: tag })];
    return this.#connections(sockets) as Iterable<Connection<State>>;
  }

  override onRequest(_request: Request): Response | Promise<Response> {
    return errorResponse(404, "not-found");
  }

  override onMessage(_connection: Connection, _message: WSMessage): void | Promise<void> {
    // A room without this hook counts its messages and does nothing else with them.
  }

  override onConnect(_connection: Connection, _context: ConnectionContext): void | Promise<void> {
    // Nothing to do: the connection is let in.
  }

  override onError(connection: Connection, error: unknown): void | Promise<void> {
    this.#log(`the connection ${connection.id}`, faultId(), error);
  }

  override onAlarm(): void | Promise<void> {
    // A room that sets no alarm of its own needs none.
  }

  async #wakeWith(socket: WebSocket, message: WSMessage): Promise<void> {
    const inside = this.#inside;
    try {
      await inside.start();
    } catch (fault) {
      // Reported by the start. The message is not taken; its client comes back and sends it again.
      const { id } = fault as RoomError; // SAFETY: the start throws nothing else
      closeWith(socket, "failed", RETRY_START, idWords(id));
      return;
    }
    await this.#driver().message(socket, message as string | ArrayBuffer);
  }

  /** Whether a socket is ours, and has not left. */
  #isIn(socket: WebSocket): boolean {
    return !isGone(socket) && !!attachmentOf(socket) && !this.#inside.sweep.hasLeft(socket);
  }

  async #ended(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> {
    const { headcount, start } = this.#inside;
    headcount.went();
    await start();
    const driver = this.#driver();
    // What it had sent before it closed comes first, and what it has under way ends.
    await driver.finish(socket);
    heardOfClose(socket);
    await driver.closed(socket, code, reason, wasClean);
  }

  /** A socket of which nobody will hear again. */
  async #left(socket: WebSocket, code: number, reason: string): Promise<void> {
    const inside = this.#inside;
    try {
      await this.#ended(socket, code, reason, false);
    } catch (fault) {
      inside.report(fault, "onClose", socket);
    }
  }

  #driver(): SocketDriver {
    const inside = this.#inside;
    return (inside.driver ??= new RawDriver(this, this.ctx, () => inside));
  }

  #tellClosed(socket: WebSocket, code: number): void {
    this.#inside.tell("close", () => ({ member: attachmentOf(socket)?.id ?? "", code }));
  }

  #log(where: string, id: string, fault: unknown): void {
    logFault(this.constructor.name, this.ctx.id.name ?? "?", where, id, fault);
  }

  #connections(sockets: WebSocket[]): Connection[] {
    const { pending } = this.#inside;
    const inRoom = sockets.filter((socket) => !pending.has(socket) && attachmentOf(socket));
    return inRoom.map((socket) => connectionOf(socket, this.name));
  }

  #ensureStarted(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const attempt = (): Promise<{ readonly fault: unknown } | undefined> => this.#attempt();
    // Nothing waits in a room without the hook, and a block would cost a turn of the event loop.
    const hasHook = this.onStart !== Server.prototype.onStart;
    const outcome = await (hasHook ? this.ctx.blockConcurrencyWhile(attempt) : attempt());
    if (!outcome) return;
    this.#started = undefined; // the next event tries again
    throw startFault(outcome.fault, this.#report(outcome.fault, "onStart"));
  }

  /** A throw inside blockConcurrencyWhile would reset the object and close every socket with 1006: the fault is carried out of it. */
  async #attempt(): Promise<{ readonly fault: unknown } | undefined> {
    try {
      const { name, options } = this.constructor as typeof RoomServer;
      if (!sound.has(this.constructor)) {
        checkRoom(name, options.hibernate, this.ctx.storage);
        for (const check of this.#inside.checks) check();
        sound.add(this.constructor);
      }
      void this.name; // throws where the room was not addressed by name
      await this.onStart(this.#props);
      this.#isStarted = true;
      return undefined;
    } catch (fault) {
      return { fault };
    }
  }

  #report(fault: unknown, where: string, socket?: WebSocket): string {
    const id = faultId();
    this.#log(where, id, fault);
    if (!socket || this.onError === RoomServer.prototype.onError) return id;
    try {
      void Promise.resolve(this.onError(connectionOf(socket, this.name), fault)).catch(
        (second: unknown) => this.#log("onError", id, second),
      );
    } catch (second) {
      this.#log("onError", id, second);
    }
    return id;
  }
}
