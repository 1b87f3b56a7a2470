import { randomBytes } from "node:crypto";

import { helloProtocols } from "@greenroom/protocol";

import { memoryOf } from "../../server.ts";
import { type Curve, Points } from "../curve.ts";
import { GrownRoom, middle, middleOf, timeOf, workOf } from "../room.ts";

const BISECTION = "an entry is found by bisection";
/** Entries that are published together while the log is filled. */
const TOGETHER = 5_000;
/** What a member that comes back has missed. */
const MISSED = 100;

export const curve: Curve = {
  name: "log",
  about: "one room whose log gets longer and longer",
  counts: "entries",
  steps: [0, 100, 1_000, 10_000, 100_000, 1_000_000],
  measures: [
    { name: "rows read by a message", unit: "rows", allowed: "constant" },
    { name: "rows and alarms written by a message", unit: "rows", allowed: "constant" },
    { name: "a message", unit: "us of processor time", allowed: "constant" },
    { name: "rows read by waking", unit: "rows", allowed: "constant" },
    { name: "rows read by waking for a stranger", unit: "rows", allowed: "constant" },
    { name: "the first answer after sleep", unit: "ms", allowed: "constant" },
    {
      name: `rows read for who has missed ${MISSED}`,
      unit: "rows",
      allowed: "logarithmic",
      because: BISECTION,
    },
    { name: `who has missed ${MISSED} comes back`, unit: "ms", allowed: "constant" },
    {
      name: "rows read for a page in the middle",
      unit: "rows",
      allowed: "logarithmic",
      because: BISECTION,
    },
    { name: "memory of the server, started anew", unit: "MB", allowed: "constant" },
    { name: "filling it", unit: "us of processor time an entry", allowed: "constant" },
  ],
  async run({ server: first, restart, steps, progress }) {
    const points = new Points();
    let server = first;
    let entries = 0;
    for (const length of steps) {
      progress(`log: ${length}`);
      const missing = length - entries;
      let room = new GrownRoom(server, "log");
      const filling = await workOf(server, async () => {
        for (; entries < length; entries += Math.min(TOGETHER, length - entries))
          await room.ask({ publish: Math.min(TOGETHER, length - entries) });
      });
      // What filling it left in memory is not what the log holds there.
      server = await restart();
      room = new GrownRoom(server, "log");
      await room.join(1);
      await room.say(20);
      entries += 20;
      const memory = memoryOf(server);
      const rowsRead = async (): Promise<number> =>
        (await room.ask<{ rowsRead: number }>({})).rowsRead;
      const times: number[] = [];
      // The middle of several: one of them may begin a segment of the log.
      const woken = await middleOf(5, async () => {
        await room.sleep();
        times.push(await timeOf(() => room.say(1)));
        return rowsRead();
      });
      const stranger = await middleOf(3, async () => {
        await room.sleep();
        await room.visit();
        return rowsRead();
      });
      const messages = 20;
      const message = await middleOf(3, async () => {
        return (await workOf(server, () => room.say(messages))) / messages;
      });
      const said = await room.billOf(() => room.say(messages));
      entries += 5 + 4 * messages;
      const { epoch, head } = await room.ask<{ epoch: string; head: number }>({ position: 1 });
      const back = (): Promise<void> => room.visit(comesBack(epoch, Math.max(0, head - MISSED)));
      const missed = await room.billOf(back);
      const time = await middleOf(5, () => timeOf(back));
      const page = await room.billOf(async () => {
        await room.ask({ page: Math.ceil(head / 2) });
      });
      room.end();
      const isLong = head > MISSED * 2;
      points.add(length, {
        "rows read by a message": said.read / messages,
        "rows and alarms written by a message": said.written / messages,
        "a message": message,
        "rows read by waking": woken,
        "rows read by waking for a stranger": stranger,
        "the first answer after sleep": middle(times),
        [`rows read for who has missed ${MISSED}`]: isLong ? missed.read : undefined,
        [`who has missed ${MISSED} comes back`]: isLong ? time : undefined,
        "rows read for a page in the middle": isLong ? page.read : undefined,
        "memory of the server, started anew": memory === undefined ? undefined : memory / 2 ** 20,
        "filling it": missing > 0 ? filling / missing : undefined,
      });
    }
    return points.all;
  },
};

/** The handshake of a client that was there before, and stopped at an entry. */
function comesBack(epoch: string, seq: number): string[] {
  return helloProtocols({ session: randomBytes(16).toString("base64url"), epoch, seq });
}
