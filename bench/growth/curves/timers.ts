import { sleep } from "../../loads/stretch.ts";
import { memoryOf } from "../../server.ts";
import { type Curve, Points } from "../curve.ts";
import { GrownRoom, middleOf, timeOf, workOf } from "../room.ts";

const TOGETHER = 500;

export const curve: Curve = {
  name: "timers",
  about: "one room with more and more timers that are pending",
  counts: "timers",
  steps: [0, 10, 100, 1_000, 3_000, 10_000],
  measures: [
    { name: "rows read by a message", unit: "rows", allowed: "constant" },
    { name: "rows and alarms written by a message", unit: "rows", allowed: "constant" },
    { name: "a message", unit: "us of processor time", allowed: "constant" },
    { name: "rows and alarms written by a timer", unit: "rows", allowed: "constant" },
    {
      name: "setting a timer and cancelling it",
      unit: "us of processor time",
      allowed: "constant",
    },
    { name: "a timer that rings", unit: "us of processor time", allowed: "constant" },
    { name: "rows read by waking", unit: "rows", allowed: "constant" },
    { name: "the first answer after sleep", unit: "ms", allowed: "constant" },
    { name: "memory of the server", unit: "MB", allowed: "constant" },
  ],
  async run({ server, steps, progress }) {
    const points = new Points();
    const room = new GrownRoom(server, "timers");
    await room.join(1);
    await room.say(2);
    let timers = 0;
    for (const count of steps) {
      progress(`timers: ${count}`);
      for (; timers < count; timers += Math.min(TOGETHER, count - timers))
        await room.ask({ set: Math.min(TOGETHER, count - timers), from: timers });
      const memory = memoryOf(server);
      const messages = 20;
      const message = await middleOf(3, async () => {
        return (await workOf(server, () => room.say(messages))) / messages;
      });
      const said = await room.billOf(() => room.say(messages));
      const times = 20;
      const toggle = await middleOf(3, async () => {
        return (await workOf(server, () => room.ask({ toggle: times }))) / times;
      });
      const toggled = await room.billOf(async () => {
        await room.ask({ toggle: times });
      });
      const rings = 10;
      const ring = await middleOf(3, async () => {
        const work = await workOf(server, async () => {
          await room.ask({ ring: rings });
          await sleep(150);
        });
        return work / rings;
      });
      const first = await middleOf(5, async () => {
        await room.sleep();
        return timeOf(() => room.say(1));
      });
      const woken = await room.ask<{ rowsRead: number }>({});
      points.add(count, {
        "rows read by a message": said.read / messages,
        "rows and alarms written by a message": said.written / messages,
        "a message": message,
        "rows and alarms written by a timer": toggled.written / times,
        "setting a timer and cancelling it": toggle,
        "a timer that rings": ring,
        "rows read by waking": woken.rowsRead,
        "the first answer after sleep": first,
        "memory of the server": memory === undefined ? undefined : memory / 2 ** 20,
      });
    }
    room.end();
    return points.all;
  },
};
