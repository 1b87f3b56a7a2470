/** What delivery works on: routes, jobs and turns, and what it asks of its room. */
import type { Fault, Hello, History } from "@greenroom/protocol";

import type { Outgoing } from "./burst.ts";
import type { After } from "./handler-time.ts";
import type { Numbered, Settled } from "./intake.ts";
import type { LaggingContext } from "./lagging.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Members, Socket } from "./members.ts";
import type { Tell } from "./observe.ts";
import type { Rates } from "./rates.ts";
import type { Task } from "./ringing.ts";
import type { SavepointContext } from "./savepoints.ts";
import type { Session } from "./sessions.ts";

/** What a message or call does; found by its name. */
export interface Route {
  readonly kind: "message" | "call";
  /** Async functions leave the turn; all others are one transaction with their message. */
  readonly isAsync: boolean;
  /** Whether read-only members may ask it. */
  readonly reads?: boolean;
  /** Validates the value: the schema's output, or a typed error. */
  input(value: unknown): unknown;
  /** Validates the answer. */
  output(value: unknown): void;
  run(id: string, value: unknown): unknown;
}

/** What delivery asks of its room. */
export interface DeliveryContext<S extends Socket> extends SavepointContext {
  readonly log: Log;
  readonly members: Members<S>;
  readonly history: History;
  route(name: string): Route | undefined;
  /** The app's snapshot; only asked for where `history` is "snapshot". */
  snapshot(): unknown;
  /** Resolves when everything written so far is durable. */
  committed(): Promise<void>;
  now(): number;
  /** Calls back when what has arrived together is here: a zero timer. */
  soon(call: () => void): void;
  readonly after: After;
  readonly limits: Limits;
  readonly rates: Rates<S>;
  readonly places: LaggingContext<S>["places"];
  /** Reports a fault of the room's own code and gives its id. */
  report(fault: unknown, where: string, socket?: S): string;
  /** Adds the text of an exception, where the sender's page may have it. */
  detail?(fault: Fault, cause: unknown, socket: S | undefined): Fault;
  /** Tells whoever listens what happens. */
  readonly tell?: Tell;
  /** What the room has cost, to be kept with what a burst writes. */
  bill?(): string;
  /** Calls back when user code's own transaction is committed; says whether one is under way. */
  afterCommit?(call: () => void): boolean;
  /** Storage was written to by this burst. */
  wrote(): void;
  /** A connection is let in: the items that follow its welcome, joined by commas. */
  admitted?(socket: S): string;
  /** The answer to a question of the room. */
  settled(
    id: number,
    member: string,
    value: { readonly answer: unknown } | { readonly refusal: string },
  ): void;
}

/** What an asynchronous hook or handler has published, until it ends. */
export interface Scope {
  readonly kind: "scope";
  readonly outgoing: (
    | Omit<Extract<Outgoing, { item: string }>, "seq">
    | { readonly entry: string }
  )[];
  /** Whether the handler was given up: what it publishes from there on has no place. */
  isOver?: boolean;
  /** The life of the room in which a hook has begun: what it publishes has no place in a later one. */
  readonly life?: number;
}

/** A frame of a client. */
export interface FrameJob<S> {
  readonly kind: "frame";
  readonly socket: S;
  readonly text: string;
  /** What is left of a frame that is refused: it waits for its turn as any other. */
  readonly refused?: Numbered | Settled | undefined;
}

/** What waits for a turn. */
export type Job<S> =
  | FrameJob<S>
  | {
      readonly kind: "done";
      /** The connection that asked: a newer one asks again, and must not hear of it before. */
      readonly socket: S;
      readonly life: number;
      readonly session: string;
      readonly n: number;
      readonly scope: Scope;
      readonly end: () => unknown;
      readonly route: Route;
      readonly name: string;
    }
  /** `counts`: it came from outside, as a message does. */
  | { readonly kind: "publish"; readonly scope: Scope; readonly counts?: true }
  | { readonly kind: "task"; readonly task: Task }
  | {
      readonly kind: "admit";
      readonly socket: S;
      readonly hello: Hello | undefined;
      readonly scope: Scope;
    };

/** A message or call that is new and known to the contract. */
export interface Request<S> {
  readonly socket: S;
  readonly session: Session<FrameJob<S>>;
  readonly n: number;
  readonly route: Route;
  readonly name: string;
}

/** What one turn has before it and leaves behind it. */
export interface Turn<S> {
  readonly queue: Job<S>[];
  /** Asynchronous handlers, which start when the turn has ended. */
  readonly starts: (() => void)[];
  readonly admitted: Extract<Job<S>, { kind: "admit" }>[];
  /** Whether it is one message and nothing else: its own transaction then writes its row, too. */
  readonly isAlone: boolean;
  written: boolean;
}

/** Whether the running code publishes into a scope of ours. */
export function isScope(scope: unknown): scope is Scope {
  return typeof scope === "object" && scope !== null && (scope as Scope).kind === "scope";
}
