import { sleep } from "../../loads/stretch.ts";
import { memoryOf } from "../../server.ts";
import { type Curve, Points } from "../curve.ts";
import { GrownRoom, middleOf, timeOf, workOf } from "../room.ts";

/** Rooms that are measured at a step. */
const SOME = 10;
/** With so many rooms, it is seen that they fall asleep. */
const MANY = 100;
const ASLEEP = 11_000;

export const curve: Curve = {
  name: "rooms",
  about: "more and more rooms in one process, each with a member",
  counts: "rooms",
  steps: [10, 30, 100, 300, 1_000, 2_000],
  measures: [
    { name: "rows and alarms written by a message", unit: "rows", allowed: "constant" },
    { name: "a message", unit: "us of processor time", allowed: "constant" },
    { name: "opening a room", unit: "us of processor time", allowed: "constant" },
    { name: "the first answer after sleep", unit: "ms", allowed: "constant" },
    { name: "memory of a room", unit: "KB", allowed: "constant" },
    { name: "doing nothing", unit: "ms of processor time a second", allowed: "constant" },
  ],
  async run({ server, steps, progress }) {
    const points = new Points();
    const rooms: GrownRoom[] = [];
    const open = async (): Promise<void> => {
      const room = new GrownRoom(server, `rooms-${rooms.length}`);
      rooms.push(room);
      await room.join(1);
      await room.say(1);
    };
    const openMany = async (count: number): Promise<void> => {
      for (let left = count; left > 0; left -= SOME)
        await Promise.all(Array.from({ length: Math.min(SOME, left) }, open));
    };
    await openMany(2);
    const empty = memoryOf(server) ?? 0;
    for (const count of steps) {
      progress(`rooms: ${count}`);
      await openMany(count - rooms.length - SOME / 2);
      const last = count - rooms.length;
      const opening = (await workOf(server, () => openMany(last))) / last;
      await sleep(200);
      const memory = memoryOf(server);
      const some = Array.from({ length: SOME }, (_, n) => rooms[Math.floor((n * count) / SOME)]!);
      const message = await middleOf(3, async () => {
        return (await workOf(server, () => inTurn(some, (room) => room.say(5)))) / (SOME * 5);
      });
      const { written } = await rooms[0]!.billOf(() => rooms[0]!.say(10));
      const first = await middleOf(5, async () => {
        await some[1]!.sleep();
        return timeOf(() => some[1]!.say(1));
      });
      // Rooms fall asleep 10 s after their last event, and that is work: of many, it is waited for.
      if (count >= MANY) await sleep(ASLEEP);
      const nothing = await middleOf(3, async () => (await workOf(server, () => sleep(500))) / 500);
      points.add(count, {
        "rows and alarms written by a message": written / 10,
        "a message": message,
        "opening a room": opening,
        "the first answer after sleep": first,
        "memory of a room": memory === undefined ? undefined : (memory - empty) / 1_024 / count,
        "doing nothing": nothing,
      });
    }
    for (const room of rooms) room.end();
    return points.all;
  },
};

async function inTurn(
  rooms: readonly GrownRoom[],
  run: (room: GrownRoom) => Promise<void>,
): Promise<void> {
  for (const room of rooms) await run(room);
}
