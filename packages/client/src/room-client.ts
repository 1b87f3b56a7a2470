/** What `connect` gives: the types of a room as its clients see it, inferred from the contract. */
import type {
  CallInput,
  CallOutput,
  ContractShape,
  InputOf,
  NameOf,
  OutputOf,
  ResumeKind,
  RoomError,
  SchemaOf,
} from "@greenroom/protocol";

import type { Status } from "./connection.ts";
import type { WaitOptions } from "./waiting.ts";

/** What came with an event: its place in the log, and when it was published (ms since 1970). */
export interface EventMeta {
  readonly kind: "event";
  readonly seq: number;
  readonly at: number;
}

/** What came with a signal, which is not kept and has no place. */
export interface SignalMeta {
  readonly kind: "signal";
}

/** An entry of the log: an event, with its place and when it was published (ms since 1970). */
export type LogEntry<Shape extends ContractShape = ContractShape> = {
  readonly [Name in NameOf<Shape, "events">]: {
    readonly seq: number;
    readonly event: Name;
    readonly value: OutputOf<SchemaOf<Shape, "events", Name>>;
    readonly at: number;
  };
}[NameOf<Shape, "events">];

/** What the app has handed over and the room has not answered: a message (`m`) or a call (`c`). */
export type Unanswered<Shape extends ContractShape = ContractShape> =
  | {
      readonly [Name in NameOf<Shape, "messages">]: {
        readonly kind: "m";
        readonly name: Name;
        /** As it was passed to `send`. */
        readonly value: InputOf<SchemaOf<Shape, "messages", Name>>;
      };
    }[NameOf<Shape, "messages">]
  | { readonly kind: "c"; readonly name: NameOf<Shape, "calls">; readonly value: unknown };

/** What has changed in the outbox: an item that was handed over, or settled, perhaps with an error. */
export interface OutboxMoment<Shape extends ContractShape = ContractShape> {
  readonly item: Unanswered<Shape>;
  readonly error?: RoomError | undefined;
}

/** How the room took the client back. */
export interface ResumeMoment<Shape extends ContractShape = ContractShape> {
  /**
   * `joined` for the first time; `resumed` with all that was missed; `snapshot`: the log does not
   * reach back that far; `reset`: the room began anew, so forget what came from it before.
   */
  readonly kind: ResumeKind;
  /** How many events follow at once. */
  readonly missed: number;
  /** The app's snapshot, where the room made one: it stands for all events before those that follow. */
  readonly snapshot: SnapshotOf<Shape> | undefined;
}

/** The app's snapshot, as the contract has it. */
export type SnapshotOf<Shape extends ContractShape> = Shape extends { readonly snapshot: infer S }
  ? OutputOf<S>
  : unknown;

/** The moments of a connection, each with what its watchers are given. */
export interface Moments<Shape extends ContractShape = ContractShape> {
  /** The status has changed. */
  status: Status;
  /** The room has let the client in, for the first time or again. */
  resume: ResumeMoment<Shape>;
  /** An entry of the log has come, whatever its event; told after the listeners of the event. */
  entry: LogEntry<Shape>;
  /** Something was put into the outbox, or settled. */
  outbox: OutboxMoment<Shape>;
  /** There has been no connection for `lostAfter`. */
  lost: undefined;
  /** There is a connection again, after `lost`. */
  restored: undefined;
  /** There will be no connection again, after `lost`; `status` says why. */
  failed: undefined;
  /** Something went wrong that no promise of the app tells: a token, a value of the room that does not match. */
  fault: RoomError;
}

/** What can be listened to. */
export type Heard<Shape extends ContractShape> = NameOf<Shape, "events"> | NameOf<Shape, "signals">;

/** The value of an event or a signal. */
export type HeardValue<Shape extends ContractShape, Name extends Heard<Shape>> =
  Name extends NameOf<Shape, "events">
    ? OutputOf<SchemaOf<Shape, "events", Name>>
    : Name extends NameOf<Shape, "signals">
      ? OutputOf<SchemaOf<Shape, "signals", Name>>
      : never;

/** What comes with the value of an event or a signal. */
export type HeardMeta<Shape extends ContractShape, Name extends Heard<Shape>> =
  Name extends NameOf<Shape, "events"> ? EventMeta : SignalMeta;

/** What `call` takes after the name: no input where the contract has none. */
export type CallArguments<Shape extends ContractShape, Name extends NameOf<Shape, "calls">> =
  CallInput<Shape, "calls", Name> extends undefined
    ? [options?: WaitOptions]
    : [input: InputOf<CallInput<Shape, "calls", Name>>, options?: WaitOptions];

/** What answers a question of the room; an async one is waited for. */
export type Answerer<Shape extends ContractShape, Name extends NameOf<Shape, "asks">> = (
  input: OutputOf<CallInput<Shape, "asks", Name>>,
) => InputOf<CallOutput<Shape, "asks", Name>> | Promise<InputOf<CallOutput<Shape, "asks", Name>>>;

/** A room as one of its clients sees it. */
export interface RoomClient<Shape extends ContractShape = ContractShape> {
  /** The member's public id; `undefined` before the first welcome. */
  readonly id: string | undefined;
  /** Where the connection is. */
  readonly status: Status;
  /** The newest entry that was seen; null before the first welcome. */
  readonly seq: number | null;
  /** The room's epoch; null while nothing was ever kept. */
  readonly epoch: string | null;
  /** What was handed over and is not settled, oldest first. */
  readonly outbox: readonly Unanswered<Shape>[];

  /** Listens to an event or a signal; gives what stops it. Events come in order, each once. */
  on<Name extends Heard<Shape>>(
    name: Name,
    listener: (value: HeardValue<Shape, Name>, meta: HeardMeta<Shape, Name>) => void,
  ): () => void;

  /**
   * Sends a message; resolves when the room has durably taken it, exactly once.
   *
   * While away it waits in the outbox. Rejects with a `RoomError`: `invalid`, `refused`, `limited`,
   * `too-large`, `outbox-full`, `timeout`, `aborted`, `closed`, `expired`, `outcome-unknown`, `failed`.
   */
  send<Name extends NameOf<Shape, "messages">>(
    name: Name,
    value: InputOf<SchemaOf<Shape, "messages", Name>>,
    options?: WaitOptions,
  ): Promise<void>;

  /** Asks the room; resolves with its answer. Rejects as `send` does, and with `timeout` by default. */
  call<Name extends NameOf<Shape, "calls">>(
    name: Name,
    ...args: CallArguments<Shape, Name>
  ): Promise<OutputOf<CallOutput<Shape, "calls", Name>>>;

  /**
   * Answers a question of the room, in place of an earlier answerer; gives what stops it. To refuse,
   * throw a `RoomError` with a `reason`; of any other error the room learns only that it `failed`.
   */
  answer<Name extends NameOf<Shape, "asks">>(
    name: Name,
    answerer: Answerer<Shape, Name>,
  ): () => void;

  /** Watches the connection; gives what stops it. */
  watch<Moment extends keyof Moments<Shape>>(
    moment: Moment,
    watcher: (told: Moments<Shape>[Moment]) => void,
  ): () => void;

  /** Closes for good; what waits is rejected with `closed`. */
  close(): void;

  /** Gives up the connection there is and dials at once, with a fresh token; also after `close`. */
  reconnect(): void;
}
