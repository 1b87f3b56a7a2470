/** Members who each say where they are, many times a second, and see everyone else. */
import { type Dialect, loadDialect } from "../dialect.ts";
import { joinAll, Member } from "../member.ts";
import type { Outcome, PresencePlan } from "../plan.ts";
import { Faults, quantile, sleep, stretch } from "./stretch.ts";

/** Members whose frames are read properly: what they see tells how old it is. */
const WATCHING = 5;
const OPENING = 20;

/** Runs the plan. */
export async function presenceLoad(
  plan: PresencePlan,
  measured: (at: "begin" | "end") => void,
): Promise<Outcome> {
  const dialect: Dialect = await loadDialect(plan.dialect);
  const { origin, paths, members, rate } = plan;
  const faults = new Faults();
  const ages: number[] = [];
  const seen = { moves: 0, frames: 0, bytes: 0 };
  let isMeasuring = false;
  const watch = (frame: Buffer): void => {
    seen.frames += 1;
    seen.bytes += frame.length;
    const now = performance.now();
    for (const text of dialect.texts(frame, { seq: 0 })) {
      seen.moves += 1;
      ages.push((now - Number(text)) * 1_000);
    }
  };
  const all = await joinAll(members, OPENING, (index) =>
    Member.join({
      dialect,
      url: new URL(paths[0]!, origin),
      index,
      frame(_member, bytes, from, to) {
        if (isMeasuring && index < WATCHING) watch(bytes.subarray(from, to));
      },
      closed: (_member, why) => faults.add(`connection ${index}: ${why}`),
    }),
  );
  let moves = 0;
  const timers = startMoving(all, 1_000 / rate, () => (moves += 1));
  await sleep(plan.warmUp);
  moves = 0;
  isMeasuring = true;
  const time = await stretch(measured, () => sleep(plan.measure));
  isMeasuring = false;
  timers.stop();
  const due = members * rate * time.seconds;
  if (moves < due * 0.9) faults.add(`${moves} moves where ${Math.round(due)} were due`);
  for (const member of all) member.leave();
  const each = Math.min(WATCHING, members) * time.seconds;
  return {
    ...time,
    values: {
      seen: seen.moves / each,
      frames: seen.frames / each,
      bytes: seen.bytes / 1_024 / each,
      p50: quantile(ages, 0.5),
      p99: quantile(ages, 0.99),
    },
    units: moves,
    faults: faults.all,
  };
}

/** Everyone moves once in `every` ms, each at a moment of its own, in steps of one timer. */
function startMoving(
  members: readonly Member[],
  every: number,
  moved: () => void,
): { stop(): void } {
  const began = performance.now();
  const next = members.map((_, index) => began + (index / members.length) * every);
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [index, member] of members.entries()) {
      if (now < next[index]!) continue;
      next[index]! += every;
      member.say(now.toFixed(3).padStart(12, "0"));
      moved();
    }
  }, 1);
  return { stop: () => clearInterval(timer) };
}
