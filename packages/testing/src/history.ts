/** What a run leaves behind of one room: what was sent, and what everybody heard. Plain data. */
import type { ResumeKind } from "@greenroom/protocol";

/** One message, known by its key; `outcome` is how its promise was settled. */
export interface SentMessage {
  readonly key: string;
  /** `taken`, or the code with which it was rejected; `undefined` while there is no answer. */
  outcome?: string;
}

/** The room has let a client in, and has told it where it stands. */
export interface HeardResume {
  readonly resume: ResumeKind;
  /** The entry after which it goes on. */
  readonly seq: number;
  readonly epoch: string | null;
}

/** A client was given an entry. */
export interface HeardEntry {
  readonly seq: number;
  readonly epoch: string | null;
  /** The key of the message that it tells of; `undefined` for an entry of another kind. */
  readonly key: string | undefined;
}

/** What one client did and heard, each in order. */
export interface ClientHistory {
  /** It has left of its own accord: what came after that it is not owed. */
  readonly left?: boolean;
  readonly sent: readonly SentMessage[];
  readonly heard: readonly (HeardResume | HeardEntry)[];
}

/** A room's history. */
export interface RoomHistory {
  readonly clients: readonly ClientHistory[];
  /** The keys that the room's own storage says were carried out, in order; `undefined` if it was not asked. */
  readonly carriedOut?: readonly string[] | undefined;
}
