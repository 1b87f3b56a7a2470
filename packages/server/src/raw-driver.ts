/**
 * The driver of a room without a contract: raw text and bytes, as partyserver's users know them.
 *
 * What it adds: ids that no client chooses (`[A3]`), one connection per id (`[A4]`), and one message
 * of a connection after the other (`[A15]`).
 */
import { byteLength } from "./accept.ts";
import type { Claims, Who } from "./claims.ts";
import { attachmentOf, connectionOf, isHeard, isOpen } from "./connection.ts";
import { detailed, isDebugged } from "./details.ts";
import { after, within } from "./handler-time.ts";
import { READ_ONLY } from "./handlers.ts";
import type { Handshake, Inside, SocketDriver } from "./inside.ts";
import { letIn } from "./let-in.ts";
import { closeStuck, closeWith } from "./members.ts";
import { limitOf } from "./observe.ts";
import { shareOf } from "./rates.ts";
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
      share: shareOf(inside().limits),
      sourceOf: ({ socket }) => socket,
      sizeOf: ({ frame }) => (typeof frame === "string" ? frame.length : frame.byteLength),
      after,
      soon: (call) => void setTimeout(call, 0),
      now: () => Date.now(),
      report: (fault, where) => void inside().report(fault, where),
    });
  }

  read(): Handshake {
    return {}; // whatever comes is tried: raw clients offer what they like
  }

  accept(request: Request, _: Handshake, who: Who | undefined): Promise<Response> {
    const room = this.#room;
    const { url } = request;
    const asked = url.includes("?") ? new URL(url).searchParams.get("_pk") : null;
    // SAFETY: a room without a contract has no schema for claims: they are as they came.
    const context = { request: withoutSession(request), claims: who?.claims as Claims | undefined };
    const inside = this.#inside();
    return letIn(this.#ctx, inside, {
      request,
      who,
      // partysocket's ids are shorter than our tokens; whatever it is, only a hash of it is an id.
      session: asked && asked.length <= 256 ? asked : undefined,
      tags: async (socket) => room.getConnectionTags(connectionOf(socket, room.name), context),
      async enter(socket) {
        await room.onConnect(connectionOf(socket, room.name), context);
        inside.pending.delete(socket);
      },
    });
  }

  message(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> | void {
    if (this.#isRefused(socket, frame)) return undefined;
    const taken = this.#turns.push({ socket, frame });
    // An event lasts as long as what it has begun: its connection's handlers run one after the other.
    return this.#tails.has(socket) || !taken
      ? this.#tails.get(socket)
      : taken.then(() => this.#tails.get(socket));
  }

  async finish(socket: WebSocket): Promise<void> {
    await this.#turns.finish(socket);
    await this.#tails.get(socket);
  }

  async closed(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> {
    await this.#room.onClose(connectionOf(socket, this.#room.name), code, reason, wasClean);
  }

  forget(): void {
    // Nothing is cached: connections are the platform's, and the ledger is the lifecycle's.
  }

  /** Tells the sender of what is over a limit, and drops it; a connection that goes on for long is closed. */
  #isRefused(socket: WebSocket, frame: string | ArrayBuffer): boolean {
    const { limits, rates, tell } = this.#inside();
    if (closeStuck(socket, limits.lag)) return true; // it asks for more of what it does not read
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
    const accepted = messages.filter(({ socket }) => isTaken(socket));
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
    lifecycle?.ledger.begin();
    if (!isHeard(socket)) return lifecycle?.ledger.uncount(); // superseded, or kicked
    const failed = (fault: unknown): void => {
      lifecycle?.ledger.uncount();
      const id = this.#inside().report(fault, "onMessage", socket);
      if (isOpen(socket))
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
function isTaken(socket: WebSocket): boolean {
  if (!isHeard(socket)) return false; // superseded, or kicked
  if (!attachmentOf(socket)?.who?.readOnly) return true;
  if (isOpen(socket)) socket.send(JSON.stringify({ code: "refused", reason: READ_ONLY }));
  return false;
}

/** Whether a message is over the limit, in bytes. */
function isOver(frame: string | ArrayBuffer, limit: number): boolean {
  if (typeof frame !== "string") return frame.byteLength > limit;
  return frame.length > limit / 3 && byteLength(frame) > limit;
}
