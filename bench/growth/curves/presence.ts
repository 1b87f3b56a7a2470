import { sleep } from "../../loads/stretch.ts";
import { type Curve, Points } from "../curve.ts";
import { GrownRoom, middleOf, workOf } from "../room.ts";

const STATE = "who comes is told of everybody who is there";
const DIFFS = "who comes is told of everybody, and everybody of who comes";
/** Members of a step who come last, in so many tries, and are measured. */
const SOME = 2;
const TRIES = 3;
/** Changes are told together, at most so often, in ms. */
const TOLD = 150;

export const curve: Curve = {
  name: "presence",
  about: "one room with presence, and more and more members",
  counts: "members",
  steps: [10, 30, 100, 300, 1_000],
  measures: [
    { name: "what a newcomer is sent", unit: "bytes", allowed: "linear", because: STATE },
    { name: "a join", unit: "us of processor time", allowed: "linear", because: DIFFS },
  ],
  async run({ server, steps, progress }) {
    const points = new Points();
    const room = new GrownRoom(server, "presence", "GreenroomPresence");
    await room.join(2);
    for (const members of steps) {
      progress(`presence: ${members}`);
      await room.join(members - TRIES * SOME - room.members.length);
      await sleep(TOLD);
      const join = await middleOf(TRIES, async () => {
        const work = await workOf(server, async () => {
          await room.join(SOME);
          await sleep(TOLD);
        });
        return work / SOME;
      });
      points.add(members, { "what a newcomer is sent": room.greeting, "a join": join });
    }
    room.end();
    return points.all;
  },
};
