import { loadDialect } from "../../dialect.ts";
import { sleep } from "../../loads/stretch.ts";
import { memoryOf } from "../../server.ts";
import { type Curve, Points } from "../curve.ts";
import { GrownRoom, middleOf, workOf } from "../room.ts";

/** Members who come, and go, to be measured at a step. */
const SOME = 8;

export const curve: Curve = {
  name: "members",
  about: "one room with more and more members",
  counts: "members",
  steps: [10, 30, 100, 300, 1_000, 2_000, 5_000],
  measures: [
    { name: "rows read by a message", unit: "rows", allowed: "constant" },
    { name: "rows and alarms written by a message", unit: "rows", allowed: "constant" },
    { name: "a delivery", unit: "us of processor time", allowed: "constant" },
    { name: "a join", unit: "us of processor time", allowed: "constant" },
    { name: "a leave", unit: "us of processor time", allowed: "constant" },
    { name: "memory of a member", unit: "KB", allowed: "constant" },
    { name: "rows read by waking", unit: "rows", allowed: "constant" },
  ],
  async run({ server, steps, progress }) {
    await loadDialect("greenroom");
    const points = new Points();
    const room = new GrownRoom(server, "members");
    await room.join(2);
    await room.say(3);
    const empty = memoryOf(server) ?? 0;
    for (const members of steps) {
      progress(`members: ${members}`);
      await room.join(members - SOME - room.members.length);
      const join = await middleOf(3, async () => {
        const work = await workOf(server, () => room.join(SOME / 2));
        room.leave(SOME / 2);
        await sleep(50);
        return work / (SOME / 2);
      });
      await room.join(SOME);
      const leave = await middleOf(3, async () => {
        const work = await workOf(server, async () => {
          room.leave(SOME / 2);
          await sleep(100);
        });
        await room.join(SOME / 2);
        return work / (SOME / 2);
      });
      await sleep(300);
      const memory = memoryOf(server);
      await room.say(2);
      const messages = 10;
      const message = await middleOf(3, async () => {
        return (await workOf(server, () => room.say(messages))) / messages;
      });
      const { read, written } = await room.billOf(() => room.say(messages));
      await room.sleep();
      await room.say(1);
      const woken = await room.ask<{ rowsRead: number }>({});
      points.add(members, {
        "rows read by a message": read / messages,
        "rows and alarms written by a message": written / messages,
        "a delivery": message / members,
        "a join": join,
        "a leave": leave,
        "memory of a member": memory === undefined ? undefined : (memory - empty) / 1_024 / members,
        "rows read by waking": woken.rowsRead,
      });
    }
    room.end();
    return points.all;
  },
};
