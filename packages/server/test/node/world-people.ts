// The clients of a world in memory, and their connections.
import type { Session } from "../../../client/src/session.ts";
import type { Socket } from "../../src/members.ts";
import type { ClientAttendance } from "./attendance.ts";
import type { Sent } from "./judge.ts";

/** A connection in memory, with what is under way on it. */
export interface Connection extends Socket {
  readyState: number;
  readonly id: string;
  /** Frames under way to the room; a half-open connection loses them. */
  up: string[];
  down: string[];
  /** Frames that wait for the commit. */
  gate: string[];
  open: boolean;
  /** What presence keeps on it, across sleep. */
  part: unknown;
}

/** A client, and what its app was told. */
export interface Client {
  session: Session;
  attendance: ClientAttendance;
  connection: Connection | undefined;
  /** The step before which it does not come back. */
  awayUntil: number;
  readonly sent: Sent[];
  /** What the app was given since it was last told to start again. */
  seen: string[];
  from: number;
  /** How often it was told that each of the others has left. */
  left: Map<string, number>;
}

/** An open connection of a session. */
export function connectionOf(id: string): Connection {
  return {
    id,
    readyState: 1,
    open: true,
    up: [],
    down: [],
    gate: [],
    part: undefined,
    send(frame) {
      if (this.readyState !== 1) throw new Error("sent on a closed socket");
      this.gate.push(frame);
    },
    close() {
      this.readyState = 2;
    },
  };
}

/** What a client sends, by chance. */
export function nameBy(chance: number): string {
  if (chance < 0.6) return "say";
  if (chance < 0.7) return "later";
  if (chance < 0.8) return "refused";
  return chance < 0.85 ? "broken" : "ask";
}

/** Lets everything that was promised happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}
