/** A member of a contract room, as its handlers see it. */
import {
  type CallInput,
  type CallOutput,
  type ContractShape,
  encodeItem,
  type InputOf,
  type NameOf,
  type OutputOf,
  RoomError,
  type Schema,
  type SchemaOf,
} from "@greenroom/protocol";

import type { Claims, Who } from "./claims.ts";
import { attach, attachmentOf } from "./connection.ts";
import { closeWith } from "./members.ts";
import { bounded } from "./size.ts";

/** How a question to a member may be asked. */
export interface AskOptions {
  /** How long to wait for the answer, in ms. @default 10_000 */
  readonly timeout?: number;
}

/** The claims of a contract's members: what its schema gives, or as they came. */
export type ClaimsOf<Shape extends ContractShape> = Shape["claims"] extends Schema
  ? OutputOf<Shape["claims"]>
  : Claims | undefined;

/** A member: one session that the room has let in. */
export interface Member<Shape extends ContractShape = ContractShape> {
  /** The public id: safe to show to everybody. */
  readonly id: string;
  /** What the Worker's `authenticate` says of the member; kept with the connection, across sleep. */
  readonly claims: ClaimsOf<Shape>;
  /** The `sub` of the claims: the same on every device of this user. */
  readonly user: string | undefined;
  /** Whether the room takes no message of it, and no call that does not only read. */
  readonly readOnly: boolean;
  /** What the room keeps on this connection, up to 15 KiB; it survives sleep. */
  readonly state: unknown;
  /** What the member shows of itself; `undefined` until it has, and in a room that does not use presence. */
  readonly presence: OutputOf<Shape["presence"]> | undefined;
  /** What the room shows of the member: what `onProfile` has said. */
  readonly profile: OutputOf<Shape["profile"]>;
  /** Keeps a value on this connection. Throws `state-too-large`. */
  setState(state: unknown): void;
  /** Sends a signal to this member alone. */
  signal<Name extends NameOf<Shape, "signals">>(
    name: Name,
    value: InputOf<SchemaOf<Shape, "signals", Name>>,
  ): void;
  /** Asks this member; rejects with `refused`, `timeout` or `closed`. Only in an async handler. */
  ask<Name extends NameOf<Shape, "asks">>(
    name: Name,
    input: InputOf<CallInput<Shape, "asks", Name>>,
    options?: AskOptions,
  ): Promise<OutputOf<CallOutput<Shape, "asks", Name>>>;
  /** Sends this member away with close code 4003: its client stops. At most 100 bytes of the reason arrive. */
  kick(reason?: string): void;
}

/** What a member needs of its room. */
export interface MemberContext {
  of(id: string): WebSocket | undefined;
  shown(socket: WebSocket): { readonly presence: unknown; readonly profile: unknown } | undefined;
  emitTo(id: string, signal: string, value: unknown): void;
  ask(id: string, name: string, input: unknown, timeout: number): Promise<unknown>;
}

/** The member with an id; it stands for the session, whichever connection it is on now. */
export function memberOf(id: string, context: MemberContext): Member {
  return new SessionMember(id, context);
}

/** One is made for each message: its methods are on the prototype, and its fields are few. */
class SessionMember implements Member {
  readonly id: string;
  readonly #context: MemberContext;
  /** Kept once it was read: an async handler may outlast the connection. */
  #who: Who | undefined;

  constructor(id: string, context: MemberContext) {
    this.id = id;
    this.#context = context;
  }

  get claims(): Claims | undefined {
    return this.#whoIsIt()?.claims as Claims | undefined; // SAFETY: of the type that the schema gives
  }

  get user(): string | undefined {
    return this.#whoIsIt()?.user;
  }

  get readOnly(): boolean {
    return this.#whoIsIt()?.readOnly === true;
  }

  get state(): unknown {
    const open = this.#context.of(this.id);
    return (open && attachmentOf(open)?.state) ?? null;
  }

  get presence(): unknown {
    return this.#shown()?.presence;
  }

  get profile(): unknown {
    return this.#shown()?.profile;
  }

  #shown(): { readonly presence: unknown; readonly profile: unknown } | undefined {
    const open = this.#context.of(this.id);
    return open && this.#context.shown(open);
  }

  setState(state: unknown): void {
    const open = this.#context.of(this.id);
    const kept = open && attachmentOf(open);
    if (open && kept) attach(open, { ...kept, state });
  }

  signal(name: string, value: unknown): void {
    this.#context.emitTo(this.id, name, value);
  }

  ask(name: string, input: unknown, options: AskOptions = {}): Promise<never> {
    // SAFETY: the answer is validated by the contract's schema before it gets here.
    return this.#context.ask(this.id, name, input, options.timeout ?? 10_000) as Promise<never>;
  }

  kick(reason?: string): void {
    const open = this.#context.of(this.id);
    if (open) closeWith(open, "kicked", undefined, reason);
  }

  #whoIsIt(): Who | undefined {
    const open = this.#who ? undefined : this.#context.of(this.id);
    if (open) this.#who = attachmentOf(open)?.who;
    return this.#who;
  }
}

interface Question {
  readonly member: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RoomError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Questions of the room that wait for a member's answer; they cannot outlive the instance. */
export class Questions {
  readonly #waiting = new Map<number, Question>();
  #id = 0;

  /** Asks; the answer is not validated yet. */
  ask(
    socket: WebSocket | undefined,
    member: string,
    name: string,
    input: unknown,
    timeout: number,
  ): Promise<unknown> {
    if (!socket)
      return Promise.reject(new RoomError("closed", { message: "The member is not connected." }));
    // Not from 1: an answer to a question of an earlier instance must find nothing.
    this.#id ||= crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
    const id = (this.#id += 1);
    socket.send(`[${bounded(encodeItem(["q", id, name, input]), `The question "${name}"`)}]`);
    return new Promise((resolve, reject) => {
      // A timer keeps the instance awake, and so it must: the handler that asks waits in memory.
      const timer = setTimeout(() => this.#end(id)?.reject(new RoomError("timeout")), timeout);
      this.#waiting.set(id, { member, resolve, reject, timer });
    });
  }

  /** Gives a question its answer; one to nobody's question is passed over. */
  settle(
    id: number,
    member: string,
    value: { readonly answer: unknown } | { readonly refusal: string },
  ): void {
    if (this.#waiting.get(id)?.member !== member) return;
    const question = this.#end(id);
    if ("answer" in value) question?.resolve(value.answer);
    else {
      const message = `The member refused: ${value.refusal}.`;
      question?.reject(new RoomError("refused", { message, reason: value.refusal }));
    }
  }

  /** Ends what a member that has left was asked. */
  left(member: string): void {
    for (const [id, question] of this.#waiting) {
      if (question.member === member)
        this.#end(id)?.reject(new RoomError("closed", { message: "The member has left." }));
    }
  }

  #end(id: number): Question | undefined {
    const question = this.#waiting.get(id);
    if (question) clearTimeout(question.timer);
    this.#waiting.delete(id);
    return question;
  }
}
