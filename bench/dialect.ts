/** How the load generator speaks to a kind of room: one file in `dialects/`. */
import type { DialectName } from "./target.ts";

/** One connection, as its dialect needs it. */
export interface Speaker {
  /** Its number among all connections of the run. */
  readonly index: number;
  /** Messages sent, the one being written included. */
  sent: number;
  /** Messages acknowledged. */
  acknowledged: number;
}

/** What a newcomer does about a frame that it gets before it is in. */
export interface Step {
  readonly reply?: string | Buffer;
  readonly isIn?: boolean;
}

/** What the load generator must know of a kind of room. */
export interface Dialect {
  /** Where a connection to a room is opened, where that is not the room's path; may cost a request. */
  address?(url: URL): URL | Promise<URL>;
  /** What a newcomer does until it is in; without this, the handshake lets it in. */
  join?(frame: Buffer): Step;
  /** The frame of the speaker's next message; `text` needs no escaping. */
  message(speaker: Speaker, text: string): string | Buffer;
  /** How many messages of the room a frame carries, without parsing it; notes acknowledgements. */
  scan(bytes: Buffer, from: number, to: number, speaker: Speaker): number;
  /** The same frame read properly, for the sample that is checked: throws where it is wrong. */
  texts(frame: Buffer, seen: { seq: number }): string[];
  /** One client that leaves and comes back; without this, what it missed is gone. */
  returning?(): Returning;
}

/** A client that knows where it stopped. */
export interface Returning {
  /** Where it dials, and what it says in the handshake. */
  dial(url: URL): { readonly url: URL; readonly protocols?: readonly string[] };
  /** Like the dialect's, where that must know this client. */
  join?(frame: Buffer): Step;
  /** Notes a frame, the one that let it in as well; gives how many messages were in it. */
  note(frame: Buffer): number;
}

/** Loads a dialect by its name. */
export async function loadDialect(name: DialectName): Promise<Dialect> {
  const { dialect } = (await import(`./dialects/${name}.ts`)) as { dialect: Dialect };
  return dialect;
}

/** The decimal number at a place. */
export function numberAt(bytes: Buffer, at: number): number {
  let number = 0;
  for (let place = at; bytes[place]! >= 48 && bytes[place]! <= 57; place++)
    number = number * 10 + bytes[place]! - 48;
  return number;
}
