/** The driver of a contract room: hellos, admission, frames and leaving. */
import { type Hello, parseOffer } from "@greenroom/protocol";

import type { Who } from "./claims.ts";
import { attachmentOf } from "./connection.ts";
import type { Delivery } from "./delivery.ts";
import type { HostedExtension } from "./extension.ts";
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

/** What the driver works on: the inside of its room, and what speaks the contract. */
export interface ContractDriverContext extends Inside {
  readonly hooks: ContractHooks;
  readonly ctx: DurableObjectState;
  readonly members: SocketMembers;
  readonly delivery: Delivery<WebSocket>;
  readonly extensions: readonly HostedExtension[];
}

/** Drives the sockets of one contract room. */
export class ContractDriver implements SocketDriver {
  readonly #room: ContractDriverContext;

  constructor(room: ContractDriverContext) {
    this.#room = room;
  }

  read(request: Request): Handshake {
    const offer = parseOffer(request.headers.get(PROTOCOL));
    const { greenroom, supported, malformed } = offer;
    return greenroom && (!supported || malformed) ? { unwanted: "unsupported" } : { offer };
  }

  accept(request: Request, { offer }: Handshake, who: Who | undefined): Promise<Response> {
    const { session, dial } = offer?.hello ?? {};
    const { ctx, delivery, extensions, hooks } = this.#room;
    return letIn(ctx, this.#room, {
      request,
      who,
      session,
      isLate: (older) => older.some((socket) => isLate(dial, attachmentOf(socket)?.dial)),
      keeps: (older) => ({ state: stateOf(older, who), ...(dial && { dial }) }),
      enter: async (socket, id, older) => {
        const scope = delivery.scope();
        const onConnect = hooks.onConnect(id, request);
        if (onConnect) await runInScope(scope, onConnect);
        for (const each of extensions) await each.entering(socket, older);
        delivery.newcomers.push({ kind: "admit", socket, hello: offer?.hello, scope });
      },
      turnedAway: (id) => {
        for (const each of extensions) each.turnedAway(id);
      },
    });
  }

  message(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> | void {
    this.#room.delivery.newcomers.heard(socket);
    const extension = this.#room.extensions.find(({ frames }) => frames.test(frame as string));
    if (extension) {
      const fault = this.#room.delivery.refusal(socket, frame as string);
      if (fault !== "abuse") extension.frame(socket, frame as string, fault);
      return;
    }
    // Bytes are no frame of ours: their text is not JSON, and the sender is told so.
    return this.#room.delivery.receive(socket, typeof frame === "string" ? frame : "");
  }

  finish(socket: WebSocket): Promise<void> {
    return this.#room.delivery.finish(socket);
  }

  async closed(socket: WebSocket, code: number, reason: string): Promise<void> {
    const id = attachmentOf(socket)?.id ?? "";
    this.#room.members.left(id);
    const current = this.#room.members.of(id);
    if (current && current !== socket) return; // superseded: the member is still here
    this.#room.delivery.newcomers.heard(socket); // what its `onConnect` has published comes before what `onLeave` does
    for (const each of this.#room.extensions) each.left(socket, code);
    const scope = this.#room.delivery.scope();
    await runInScope(scope, () => this.#room.hooks.onLeave(id, code, reason, socket));
    this.#room.delivery.left(id);
    await this.#room.delivery.release(scope);
  }

  forget(): void {
    this.#room.delivery.forget();
    for (const each of this.#room.extensions) each.forget();
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
