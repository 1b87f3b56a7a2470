/** The driver of a contract room: hellos, admission, frames and leaving. */
import { type Hello, parseOffer } from "@greenroom/protocol";

import { idWords, denied, publicId, randomToken, turnedAway, upgraded } from "./accept.ts";
import { sentAway } from "./away.ts";
import type { Who } from "./claims.ts";
import { attach, attachmentOf, markGone, openSockets, platformTags } from "./connection.ts";
import type { Delivery } from "./delivery.ts";
import { wantsDetails } from "./details.ts";
import { denialOfFault } from "./doors.ts";
import type { Extended } from "./extension.ts";
import type { Handshake, Inside, SocketDriver } from "./inside.ts";
import { closeWith, type SocketMembers, supersede } from "./members.ts";
import { runInScope } from "./scope.ts";
import { PROTOCOL } from "./secrets.ts";

/** What the driver asks of its room. */
export interface ContractHooks {
  readonly name: string;
  /** Gives the hook to be run, where the room has one. */
  onConnect(id: string, request: Request): (() => unknown) | undefined;
  /** `socket` is the one that has closed: what it keeps can still be read. */
  onLeave(id: string, code: number, reason: string, socket: WebSocket): unknown;
}

/** An extension at work, and how its frames begin. */
export type Working = Extended & { readonly frames: RegExp };

/** Drives the sockets of one contract room. */
export class ContractDriver implements SocketDriver {
  readonly #hooks: ContractHooks;
  readonly #ctx: DurableObjectState;
  readonly #inside: Inside;
  readonly #members: SocketMembers;
  readonly #delivery: Delivery<WebSocket>;
  readonly #extensions: readonly Working[];

  constructor(
    hooks: ContractHooks,
    ctx: DurableObjectState,
    inside: Inside,
    members: SocketMembers,
    delivery: Delivery<WebSocket>,
    extensions: readonly Working[],
  ) {
    this.#hooks = hooks;
    this.#ctx = ctx;
    this.#inside = inside;
    this.#members = members;
    this.#delivery = delivery;
    this.#extensions = extensions;
  }

  read(request: Request): Handshake {
    const offer = parseOffer(request.headers.get(PROTOCOL));
    const { greenroom, supported, malformed } = offer;
    return greenroom && (!supported || malformed) ? { unwanted: "unsupported" } : { offer };
  }

  async accept(request: Request, { offer }: Handshake, who: Who | undefined): Promise<Response> {
    const { pending, doors, headcount, sweep, lifecycle, report, tell } = this.#inside;
    const hello = offer?.hello;
    const id = await publicId(this.#hooks.name, hello?.session ?? randomToken());
    const away = this.#inside.rates.awayFor(who?.user ?? id, Date.now());
    if (away > 0) return sentAway(request, away);
    const older = openSockets(this.#ctx, { id });
    const dial = hello?.dial;
    if (older.some((socket) => isLate(dial, attachmentOf(socket)?.dial)))
      return turnedAway(request, "superseded");
    const shut = doors.denial(id, who);
    if (shut) return denied(request, shut);
    const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    try {
      // Before the socket is accepted, so that a throw leaves nothing: its claims may be too large.
      attach(socket, {
        id,
        at: Date.now(),
        tags: [],
        state: stateOf(older, who),
        ...(dial && { dial }),
        ...(who && { who }),
        ...(wantsDetails(request) && { debug: true as const }),
      });
    } catch (fault) {
      return denied(
        request,
        denialOfFault(fault, (cause) => report(cause, "the claims")),
      );
    }
    pending.add(socket);
    this.#ctx.acceptWebSocket(socket, platformTags(id, [], who));
    headcount.came();
    supersede(older);
    if (sweep.came(who)) lifecycle?.rearm();
    const scope = this.#delivery.scope();
    try {
      const onConnect = this.#hooks.onConnect(id, request);
      if (onConnect) await runInScope(scope, onConnect);
      for (const each of this.#extensions) await each.entering(socket, older);
      await this.#delivery.admit(socket, hello, scope);
      if (attachmentOf(socket)) tell("connect", () => ({ member: id }));
    } catch (fault) {
      const denial = denialOfFault(fault, (cause) => report(cause, "onConnect"));
      tell("refuse", () => ({ code: denial.code, member: id }));
      markGone(socket);
      closeWith(socket, denial.code, denial.retryAfter, denial.reason ?? idWords(denial.id));
      for (const each of this.#extensions) each.turnedAway(id);
    }
    return upgraded(request, client);
  }

  message(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> | void {
    const extension = this.#extensions.find(({ frames }) => frames.test(frame as string));
    if (extension) {
      const fault = this.#delivery.refusal(socket, frame as string);
      if (fault !== "abuse") extension.frame(socket, frame as string, fault);
      return;
    }
    // Bytes are no frame of ours: their text is not JSON, and the sender is told so.
    return this.#delivery.receive(socket, typeof frame === "string" ? frame : "");
  }

  async closed(socket: WebSocket, code: number, reason: string): Promise<void> {
    const id = attachmentOf(socket)?.id ?? "";
    const current = this.#members.of(id);
    if (current && current !== socket) return; // superseded: the member is still here
    for (const each of this.#extensions) each.left(socket, code);
    const scope = this.#delivery.scope();
    await runInScope(scope, () => this.#hooks.onLeave(id, code, reason, socket));
    this.#delivery.left(id);
    await this.#delivery.release(scope);
  }

  forget(): void {
    this.#delivery.forget();
    for (const each of this.#extensions) each.forget();
  }
}

/** A session that connects anew keeps what the room kept on its older connection, unless as somebody else. */
function stateOf(older: readonly WebSocket[], who: Who | undefined): unknown {
  const last = older.at(-1);
  const kept = last && attachmentOf(last);
  return kept?.who?.user === who?.user ? (kept?.state ?? null) : null;
}

/** Whether a handshake was held back by the network, and a later one of the same client came first. */
function isLate(dial: Hello["dial"], other: Hello["dial"]): boolean {
  return dial !== undefined && other?.[0] === dial[0] && dial[1] < other[1];
}
