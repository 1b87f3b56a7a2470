import { idWords, byteLength, denied, publicId, randomToken, upgraded } from "./accept.ts";
import { sentAway } from "./away.ts";
import type { Claims, Who } from "./claims.ts";
import {
  attach,
  attachmentOf,
  connectionOf,
  markGone,
  openSockets,
  platformTags,
} from "./connection.ts";
/**
 * The driver of a room without a contract: raw text and bytes, as partyserver's users know them.
 *
 * What it adds: ids that no client chooses (`[A3]`), one connection per id (`[A4]`), nobody seen
 * before `onConnect` is done (`[A14]`), no ghosts (`[A13]`), and one message of a connection after
 * the other (`[A15]`).
 */
import { detailed, isDebugged, wantsDetails } from "./details.ts";
import { denialOfFault } from "./doors.ts";
import { after, within } from "./handler-time.ts";
import { READ_ONLY } from "./handlers.ts";
import type { Handshake, Inside, SocketDriver } from "./inside.ts";
import { closeWith, supersede } from "./members.ts";
import { limitOf } from "./observe.ts";
import type { RoomServer } from "./room-server.ts";
import { HOOK, runInScope } from "./scope.ts";
import { withoutSession } from "./secrets.ts";
import { Turns } from "./turns.ts";

type Hooks = Pick<RoomServer, "name" | "onConnect" | "onMessage" | "onClose" | "getConnectionTags">;

interface RawMessage {
  readonly socket: WebSocket;
  readonly frame: string | ArrayBuffer;
}

/** Drives the sockets of one room with the user's raw hooks. */
export class RawDriver implements SocketDriver {
  readonly #room: Hooks;
  readonly #ctx: DurableObjectState;
  readonly #inside: () => Inside;
  /** The end of what each connection has under way; its next message waits for it. */
  readonly #tails = new WeakMap<WebSocket, Promise<void>>();
  readonly #turns: Turns<RawMessage>;

  constructor(room: Hooks, ctx: DurableObjectState, inside: () => Inside) {
    this.#room = room;
    this.#ctx = ctx;
    this.#inside = inside;
    this.#turns = new Turns({
      turn: (messages) => this.#turn(messages),
      committed: () => ctx.storage.sync(),
      soon: (call) => void setTimeout(call, 0),
      now: () => Date.now(),
      report: (fault, where) => void inside().report(fault, where),
    });
  }

  read(): Handshake {
    return {}; // whatever comes is tried: raw clients offer what they like
  }

  async accept(request: Request, _: Handshake, who: Who | undefined): Promise<Response> {
    const room = this.#room;
    const { pending, rates, report, doors, headcount, sweep, lifecycle, tell } = this.#inside();
    const { url } = request;
    const asked = url.includes("?") ? new URL(url).searchParams.get("_pk") : null;
    // partysocket's ids are shorter than our tokens; whatever it is, only a hash of it is an id.
    const id = await publicId(
      room.name,
      asked !== null && asked.length <= 256 ? asked : randomToken(),
    );
    const away = rates.awayFor(who?.user ?? id, Date.now());
    if (away > 0) return sentAway(request, away);
    const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    // SAFETY: a room without a contract has no schema for claims: they are as they came.
    const context = { request: withoutSession(request), claims: who?.claims as Claims | undefined };
    const shut = doors.denial(id, who);
    if (shut) return denied(request, shut);
    let accepted = false;
    try {
      // Before the socket is accepted, so that a throw leaves nothing: its properties work already.
      attach(socket, {
        id,
        at: Date.now(),
        tags: [],
        state: null,
        ...(who && { who }),
        ...(wantsDetails(request) && { debug: true as const }),
      });
      const connection = connectionOf(socket, room.name);
      const tags = await room.getConnectionTags(connection, context);
      const platform = platformTags(id, tags, who);
      const late = doors.denial(id, who); // asked again: the tags may have taken their time
      if (late) return denied(request, late);
      const older = openSockets(this.#ctx, { id });
      pending.add(socket);
      this.#ctx.acceptWebSocket(socket, platform);
      accepted = true;
      headcount.came();
      const kept = attachmentOf(socket);
      if (kept && tags.length > 0) attach(socket, { ...kept, tags });
      supersede(older);
      if (sweep.came(who)) lifecycle?.rearm();
      await room.onConnect(connection, context);
      pending.delete(socket);
      tell("connect", () => ({ member: id }));
    } catch (fault) {
      const denial = denialOfFault(fault, (cause) => report(cause, "onConnect"));
      if (!accepted) return denied(request, denial);
      tell("refuse", () => ({ code: denial.code, member: id }));
      markGone(socket);
      closeWith(socket, denial.code, denial.retryAfter, denial.reason ?? idWords(denial.id));
    }
    return upgraded(request, client);
  }

  message(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> | void {
    if (this.#isRefused(socket, frame)) return undefined;
    const taken = this.#turns.push({ socket, frame });
    // An event lasts as long as what it has begun: its connection's handlers run one after the other.
    return this.#tails.has(socket) || !taken
      ? this.#tails.get(socket)
      : taken.then(() => this.#tails.get(socket));
  }

  async closed(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> {
    // What the connection has under way ends first, as its last messages do.
    await this.#tails.get(socket);
    await this.#room.onClose(connectionOf(socket, this.#room.name), code, reason, wasClean);
  }

  forget(): void {
    // Nothing is cached: connections are the platform's, and the ledger is the lifecycle's.
  }

  /** Tells the sender of what is over a limit, and drops it; a connection that goes on for long is closed. */
  #isRefused(socket: WebSocket, frame: string | ArrayBuffer): boolean {
    const { limits, rates, tell } = this.#inside();
    const now = Date.now();
    const member = attachmentOf(socket)?.id ?? "";
    const { wait, abuse } = rates.admit(socket, true, now);
    const isLarge = !abuse && wait === 0 && isOver(frame, limits.message);
    if (abuse) closeWith(socket, "limited", rates.sendAway(socket, now));
    else if (wait > 0) socket.send(JSON.stringify({ code: "limited", retryAfter: wait }));
    else if (isLarge) socket.send(JSON.stringify({ code: "too-large" }));
    else return false;
    tell("limit", () => limitOf(member, abuse, wait));
    return true;
  }

  /** One turn: the messages are counted in one row, and then handled one after the other. */
  #turn(messages: readonly RawMessage[]): boolean {
    const { lifecycle } = this.#inside();
    const accepted = messages.filter(({ socket }) => isHeard(socket));
    if (accepted.length === 0) return false;
    lifecycle?.count(accepted.length);
    for (const message of accepted) this.#follow(message);
    return lifecycle !== undefined;
  }

  /** Handles a message behind those of its connection that are under way. */
  #follow({ socket, frame }: RawMessage): void {
    const busy = this.#tails.get(socket);
    const running = busy
      ? busy.then(() => this.#handle(socket, frame))
      : this.#handle(socket, frame);
    if (!(running instanceof Promise)) return;
    const tail = running.then(() => {
      if (this.#tails.get(socket) === tail) this.#tails.delete(socket);
    });
    this.#tails.set(socket, tail);
  }

  #handle(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> | void {
    const { lifecycle } = this.#inside();
    lifecycle?.begin();
    if (socket.readyState !== WebSocket.READY_STATE_OPEN) return lifecycle?.uncount(); // superseded, or kicked
    const failed = (fault: unknown): void => {
      lifecycle?.uncount();
      const id = this.#inside().report(fault, "onMessage", socket);
      if (socket.readyState === WebSocket.READY_STATE_OPEN)
        socket.send(JSON.stringify(detailed({ code: "failed", id }, fault, isDebugged(socket))));
    };
    try {
      const connection = connectionOf(socket, this.#room.name);
      const result = runInScope(HOOK, () => this.#room.onMessage(connection, frame));
      if (!(result instanceof Promise)) return undefined;
      return within(this.#inside().limits.handlerTime, after, result).catch(failed);
    } catch (fault) {
      return failed(fault);
    }
  }
}

/** Whether what comes on a connection is taken; a reader is told that it is not. */
function isHeard(socket: WebSocket): boolean {
  if (socket.readyState !== WebSocket.READY_STATE_OPEN) return false; // superseded, or kicked
  if (!attachmentOf(socket)?.who?.readOnly) return true;
  socket.send(JSON.stringify({ code: "refused", reason: READ_ONLY }));
  return false;
}

/** Whether a message is over the limit, in bytes. */
function isOver(frame: string | ArrayBuffer, limit: number): boolean {
  if (typeof frame !== "string") return frame.byteLength > limit;
  return frame.length > limit / 3 && byteLength(frame) > limit;
}
