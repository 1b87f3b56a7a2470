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

/** What the load generator must know of a kind of room. */
export interface Dialect {
  /** Whether the room speaks first: a connection is in when its greeting has come. */
  readonly greets: boolean;
  /** The frame of the speaker's next message; `text` needs no escaping. */
  message(speaker: Speaker, text: string): string;
  /** How many messages of the room a frame carries, without parsing it; notes acknowledgements. */
  scan(frame: Buffer, speaker: Speaker): number;
  /** The same frame read properly, for the sample that is checked: throws where it is wrong. */
  texts(frame: string, seen: { seq: number }): string[];
}

/** Loads a dialect by its name. */
export async function loadDialect(name: DialectName): Promise<Dialect> {
  const { dialect } = (await import(`./dialects/${name}.ts`)) as { dialect: Dialect };
  return dialect;
}
