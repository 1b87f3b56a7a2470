/** Members who come, so many at a time, and stay: how many get in a second. */
import type { Dialect } from "../dialect.ts";
import { joinAll, Member } from "../member.ts";
import type { ConnectsPlan, Outcome } from "../plan.ts";
import { Faults, quantile, stretch } from "./stretch.ts";

/** Members who come first, so that the room is there. */
const FIRST = 20;

/** Runs the plan. */
export async function connectsLoad(
  { origin, paths, members, atOnce }: ConnectsPlan,
  dialect: Promise<Dialect>,
  measured: (at: "begin" | "end") => void,
): Promise<Outcome> {
  const speaks = await dialect;
  const faults = new Faults();
  const trips: number[] = [];
  const join = async (index: number): Promise<Member> => {
    const began = performance.now();
    const member = await Member.join({
      dialect: speaks,
      url: new URL(paths[index % paths.length]!, origin),
      index,
      frame: () => undefined,
      closed: (_member, why) => faults.add(`connection ${index}: ${why}`),
    });
    trips.push((performance.now() - began) * 1_000);
    return member;
  };
  const all = await joinAll(FIRST, atOnce, join);
  trips.length = 0;
  const time = await stretch(measured, async () => {
    all.push(...(await joinAll(members, atOnce, (index) => join(FIRST + index))));
  });
  for (const member of all) member.leave();
  return {
    ...time,
    values: {
      connects: members / time.seconds,
      p50: quantile(trips, 0.5),
      p99: quantile(trips, 0.99),
    },
    units: members,
    faults: faults.all,
  };
}
