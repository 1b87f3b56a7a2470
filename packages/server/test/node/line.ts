// A connection in memory, with what is under way on it in both directions.
import type { Members, Socket } from "../../src/members.ts";
import type { Spent } from "../../src/rates.ts";

/** One connection of a world. */
export interface Connection extends Socket {
  readyState: number;
  readonly id: string;
  /** Frames under way to the room; a half-open connection loses them. */
  up: string[];
  down: string[];
  /** Frames that wait for the commit. */
  gate: string[];
  open: boolean;
  /** What the room keeps with it over sleep. */
  behind?: number | undefined;
  spent?: Spent;
  /** What presence keeps on it, across sleep. */
  part: unknown;
}

/** An open connection; `tells` where its platform says what was not read yet. */
export function connectionOf(id: string, tells: boolean): Connection {
  const connection: Connection = {
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
      this.open = false;
    },
  };
  const waiting = (): number => [...connection.gate, ...connection.down].join("").length;
  if (tells) Object.defineProperty(connection, "bufferedAmount", { get: waiting });
  return connection;
}

/** The members of a room with these connections, less those that wait to be let in. */
export function membersOf(
  connections: () => readonly Connection[],
  pending: WeakSet<Connection> = new WeakSet(),
): Members<Connection> {
  const open = (): Connection[] => connections().filter(({ readyState }) => readyState === 1);
  return {
    all: () => open().filter((each) => !pending.has(each)),
    count: () => connections().length,
    of: (id) => open().findLast((each) => each.id === id),
    idOf: ({ id }) => id,
    isHeard: ({ readyState }) => readyState === 1,
    admit: (connection) => pending.delete(connection),
    isPending: (connection) => pending.has(connection),
    isReadOnly: () => false,
  };
}
