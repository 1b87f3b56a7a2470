/** The typed client of a Greenroom room. */

export { connect } from "./connect.ts";
export type { ConnectOptions, TokenProvider } from "./options.ts";
export type {
  Answerer,
  CallArguments,
  EventMeta,
  Heard,
  HeardMeta,
  HeardValue,
  LogEntry,
  Moments,
  OutboxMoment,
  ResumeMoment,
  RoomClient,
  SignalMeta,
  SnapshotOf,
  Unanswered,
} from "./room-client.ts";
export type { Status } from "./connection.ts";
export type { Clock } from "./clock.ts";
export type { WaitOptions } from "./waiting.ts";
export type { WebSocketClass } from "./socket.ts";

// What extends a client: each has a path of its own, as "@greenroom/client/presence".
export type { AddedBy, Extended, Extension, ExtensionContext } from "./extension.ts";

// The session's core, without I/O, for those who test against it or bring their own transport.
export { Session } from "./session.ts";
export type { SessionOptions, SessionSink } from "./session.ts";
export type { Settler } from "./outbox.ts";

// What frontend developers need of the protocol, so that they import one package.
export { contract, RoomError } from "@greenroom/protocol";
export type {
  CallOutput,
  Contract,
  ContractShape,
  ErrorCode,
  InputOf,
  Issue,
  NameOf,
  OutputOf,
  ResumeKind,
  SchemaOf,
} from "@greenroom/protocol";
