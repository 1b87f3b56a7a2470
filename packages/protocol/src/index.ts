/** What both ends of a room agree on: contracts, frames, the hello, close codes and errors. */

// The contract.
export { contract, validate } from "./contract.ts";
export type {
  CallInput,
  CallOutput,
  CallShape,
  Contract,
  ContractShape,
  InputOf,
  NameOf,
  OutputOf,
  Schema,
  SchemaOf,
  Validated,
} from "./contract.ts";

// Frames.
export {
  decodeClientFrame,
  decodeRoomFrame,
  encodeClientFrame,
  encodeEntries,
  encodeItem,
  encodeMessage,
  encodeRoomFrame,
  knownFault,
  PING,
  PONG,
} from "./frames.ts";
export type {
  ClientFrame,
  Decoded,
  Entry,
  Fault,
  ResumeKind,
  RoomItem,
  Welcome,
} from "./frames.ts";

// Pages of the log.
export { encodePageRequest, readPage, readPageRequest } from "./pages.ts";
export type { Page, PageRequest } from "./pages.ts";

// Presence.
export { byPerson, readPresence, release, takeDiff, takeState } from "./presence.ts";
export type { Known, Knowledge, PresenceDiff, PresenceEntry, PresenceItem } from "./presence.ts";

// The hello and the answer to it.
export {
  DEBUG,
  helloProtocols,
  isSessionToken,
  parseOffer,
  SUBPROTOCOL,
  VERSION,
} from "./hello.ts";
export type { Hello, Offer } from "./hello.ts";
export { resume } from "./resume.ts";
export type { History, LogSpan, Resume } from "./resume.ts";

// Marks: exactly once.
export { advance, decodeMarks, encodeMarks, NO_MARK, OUTCOMES_KEPT, outcomeOf } from "./mark.ts";
export type { Mark, Outcome } from "./mark.ts";

// Names of rooms.
export { isRoomName, NAME_LIMIT, parseRoomPath, PREFIX, roomPath } from "./name.ts";
export type { ParsedPath } from "./name.ts";

// Closing, and errors.
export { CLOSE_CODES, closeName, closePolicy, closeReason, EXPIRED } from "./close.ts";
export { CLOSES } from "./close-meanings.ts";
export type { CloseName, ClosePolicy } from "./close.ts";
export { ERRORS, isWireCode, RoomError } from "./errors.ts";
export type {
  DenialCode,
  ErrorCode,
  ErrorDetails,
  ErrorText,
  Issue,
  MisuseCode,
  OwnCode,
  WireCode,
} from "./errors.ts";
export { DENIALS } from "./denials.ts";
export { OWN_ERRORS, ownError } from "./own-errors.ts";
export { badOption, HINTS, misuse } from "./misuse.ts";
export { MISUSES } from "./misuse-meanings.ts";
