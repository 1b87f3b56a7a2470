/** The driver of a contract room: hellos, admission, frames and leaving. */
import { type Hello, parseOffer } from "@greenroom/protocol";

import type { Who } from "./claims.ts";
import { attachmentOf } from "./connection.ts";
import type { Delivery } from "./delivery.ts";
import type { Extended } from "./extension.ts";
import type { Handshake, Inside, SocketDriver } from "./inside.ts";
import { letIn } from "./let-in.ts";
import type { SocketMembers } from "./members.ts";
import { runInScope } from "./scope.ts";
import { PROTOCOL } from "./secrets.ts";

/** What the driver asks of its room. */
export interface ContractHooks {
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

  accept(request: Request, { offer }: Handshake, who: Who | undefined): Promise<Response> {
    const { session, dial } = offer?.hello ?? {};
    const delivery = this.#delivery;
    return letIn(this.#ctx, this.#inside, {
      request,
      who,
      session,
      isLate: (older) => older.some((socket) => isLate(dial, attachmentOf(socket)?.dial)),
      keeps: (older) => ({ state: stateOf(older, who), ...(dial && { dial }) }),
      enter: async (socket, id, older) => {
        const scope = delivery.scope();
        const onConnect = this.#hooks.onConnect(id, request);
        if (onConnect) await runInScope(scope, onConnect);
        for (const each of this.#extensions) await each.entering(socket, older);
        await delivery.admit(socket, offer?.hello, scope);
      },
      turnedAway: (id) => {
        for (const each of this.#extensions) each.turnedAway(id);
      },
    });
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
