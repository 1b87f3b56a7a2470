/**
 * `getRoom`: a room as a Worker has it, over RPC. A contract room then takes events and signals of
 * its contract, from a route, a queue or a schedule.
 *
 * A room's own `publish` is a field and cannot be called over RPC; what can is one method of its
 * prototype, `fromWorker`, which only code with the binding reaches.
 */
import {
  type Contract,
  type ContractShape,
  type Fault,
  type InputOf,
  isRoomName,
  type NameOf,
  RoomError,
  type SchemaOf,
} from "@greenroom/protocol";

import { checkDate } from "./checks.ts";
import type { ContractRoom } from "./contract-room.ts";

/** What a Worker can tell a contract room. */
export interface WorkerSide<Shape extends ContractShape> {
  /**
   * Publishes an event into the room; resolves when it is durable. It counts as a message: the
   * room's deadline moves. Rejects with a `RoomError`: `invalid`, `unknown`, `too-large`, `expired`.
   */
  publish<Name extends NameOf<Shape, "events">>(
    name: Name,
    value: InputOf<SchemaOf<Shape, "events", Name>>,
  ): Promise<void>;
  /** Sends a signal to whoever is there; nothing is written. Rejects as `publish` does. */
  signal<Name extends NameOf<Shape, "signals">>(
    name: Name,
    value: InputOf<SchemaOf<Shape, "signals", Name>>,
  ): Promise<void>;
}

/** The fields of a contract room, which exist inside of it only. */
type Fields = Exclude<
  keyof ContractRoom<ContractShape>,
  keyof Rpc.DurableObjectBranded | "fetch" | "alarm" | "onRequest"
>;

/** A room's stub: the room's own methods, and for a contract room what its contract lets a Worker tell it. */
export type RoomStub<T extends Rpc.DurableObjectBranded | undefined> = T extends {
  readonly contract: Contract<infer Shape extends ContractShape>;
}
  ? Omit<DurableObjectStub<T>, Fields> & WorkerSide<Shape>
  : DurableObjectStub<T>;

/** What `fromWorker` of a contract room is called with. */
export type Told = "publish" | "signal";

/** What `setName` of a contract room answers, so that `getRoom` knows what it has. */
export const CONTRACT = "contract";

/**
 * A room whose start is complete: its own methods over RPC, and where it has a contract `publish` and `signal`.
 *
 * @example
 * ```ts
 * import { getRoom, Room } from "@greenroom/server";
 * declare class Inbox extends Room { unread(): Promise<number> }
 * export async function unread(env: { Inbox: DurableObjectNamespace<Inbox> }) {
 *   const inbox = await getRoom(env.Inbox, "anna");
 *   return await inbox.unread();
 * }
 * ```
 * @throws RoomError `bad-name`
 */
export async function getRoom<T extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<T>,
  name: string,
): Promise<RoomStub<T>> {
  if (!isRoomName(name))
    throw new RoomError("bad-name", {
      message: `${JSON.stringify(name)} cannot be a room's name.`,
    });
  checkDate(); // without RPC the call below would fail with a text about functions
  const stub = namespace.getByName(name);
  // SAFETY: every room is a Server, whose setName waits for its start.
  const room = stub as unknown as Entries;
  if ((await room.setName(name)) === CONTRACT) {
    // Own properties of a stub come before what would be looked for in the room.
    const teller = (kind: Told) => ({
      value: (event: string, value: unknown) => tell(room, kind, event, value),
    });
    Object.defineProperties(stub, { publish: teller("publish"), signal: teller("signal") });
  }
  // SAFETY: the two were just added, where there is a contract.
  return stub as unknown as RoomStub<T>;
}

/** What of a contract room is called over RPC. */
interface Entries {
  setName(name: string): Promise<unknown>;
  fromWorker(kind: Told, name: string, value: unknown): Promise<Fault | null>;
}

async function tell(room: Entries, kind: Told, name: string, value: unknown): Promise<void> {
  const fault = await room.fromWorker(kind, name, value);
  if (!fault) return;
  const what = kind === "publish" ? "event" : "signal";
  const { code, ...details } = fault;
  throw new RoomError(code, {
    ...details,
    message: `The room did not take the ${what} "${name}".`,
  });
}
