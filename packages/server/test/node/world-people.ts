// The clients of a world in memory, and their connections.
import { contract, type ContractShape } from "@greenroom/protocol";
import * as v from "valibot";

import type { Session } from "../../../client/src/session.ts";
import type { ClientAttendance } from "./attendance.ts";
import type { Sent } from "./judge.ts";
import type { Connection } from "./line.ts";

/** What clients and room speak. */
export const shape: ContractShape = contract({
  messages: { say: v.string(), later: v.string(), refused: v.string(), broken: v.string() },
  events: { said: v.string() },
  signals: { seen: v.string() },
  calls: { ask: { input: v.string(), output: v.string() } },
  presence: v.object({ n: v.number() }),
}).shape;

/** A client, and what its app was told. */
export interface Client {
  session: Session;
  attendance: ClientAttendance;
  connection: Connection | undefined;
  /** The step before which it does not come back. */
  awayUntil: number;
  /** The step before which it does not read. */
  slowUntil: number;
  readonly sent: Sent[];
  /** What the app was given since it was last told to start again. */
  seen: string[];
  from: number;
  /** How often it was told that each of the others has left. */
  left: Map<string, number>;
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
