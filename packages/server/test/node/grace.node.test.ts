// The grace of presence over SQLite in memory, through a crash that takes what was not durable.
import { expect, test } from "vitest";

import { Tables } from "../../src/tables.ts";
import { GRACE, RoomAttendance, STEP, WorldClock } from "./attendance.ts";
import { type Connection, connectionOf, membersOf } from "./line.ts";
import { nodeStorage } from "./node-sql.ts";
import { settle, shape } from "./world-people.ts";

class Room {
  readonly clock = new WorldClock();
  readonly #storage = nodeStorage();
  #sockets: Connection[] = [];
  #attendance = this.#wake();

  #wake(): RoomAttendance<Connection> {
    return new RoomAttendance<Connection>(shape, {
      clock: this.clock,
      members: membersOf(() => this.#sockets),
      tables: new Tables(this.#storage.sql),
      sockets: () => this.#sockets.filter(({ readyState }) => readyState < 3),
      isCurrent: () => true,
    });
  }

  async dial(id: string): Promise<Connection> {
    const socket = connectionOf(id, false);
    this.#sockets.push(socket);
    await this.#attendance.extended.entering(socket, []);
    return socket;
  }

  /** Lets it in, and gives whom it is told of. */
  letIn(socket: Connection): string[] {
    const [, , , ...entries] = JSON.parse(
      this.#attendance.extended.admitted(socket) ?? "[]",
    ) as unknown[];
    return (entries as [id: string][]).map(([id]) => id);
  }

  lose(socket: Connection): void {
    socket.readyState = 3;
    this.#attendance.extended.left(socket, 1006);
  }

  commit(): void {
    this.#storage.commit();
  }

  /** Every socket breaks, and memory is gone with what was not durable. */
  crash(): void {
    this.#storage.crash();
    this.#sockets = [];
    this.#attendance = this.#wake();
  }

  async pass(ms: number): Promise<void> {
    this.clock.pass(ms);
    for (const { run } of this.#attendance.due()) run();
    await settle();
  }
}

test.each([
  ["is not let in", false],
  ["is let in, which is not durable", true],
])(
  "[E7] who dials again within the grace and %s before a crash is there until that grace is over",
  async (_, isIn) => {
    const room = new Room();
    const [a, b] = [await room.dial("a"), await room.dial("b")];
    room.letIn(a);
    room.letIn(b);
    room.lose(a);
    room.commit();
    await room.pass(3 * STEP);
    const again = await room.dial("a");
    if (isIn) room.letIn(again);
    await room.pass(10 * STEP);
    room.crash();
    expect(room.letIn(await room.dial("b"))).toEqual(["a", "b"]);
    room.commit();
    await room.pass(GRACE - 13 * STEP - 1);
    expect(room.letIn(await room.dial("c"))).toEqual(["a", "b", "c"]);
    await room.pass(1);
    expect(room.letIn(await room.dial("d"))).toEqual(["b", "c", "d"]);
  },
);
