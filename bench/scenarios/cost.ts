/**
 * What a message costs in writes: exact counts, not times.
 *
 * One member of a fresh room sends over a WebSocket. Bursts come first, so that the log is full
 * and its rows are used again when the lone messages are counted, one by one.
 */
import { loadDialect } from "../dialect.ts";
import { until } from "../loads/stretch.ts";
import { Member } from "../member.ts";
import type { Sample } from "../results.ts";
import { type Bench, type Scenario, Standing } from "../scenario.ts";
import { inWorkerd, type WorkerTarget } from "../target.ts";

/** How many messages are sent together, and how often: more in all than a log keeps. */
const BURSTS = [
  { messages: 8, times: 20 },
  { messages: 32, times: 20 },
  { messages: 100, times: 8 },
] as const;
/** Lone messages, each after the answer to the one before (--entries). */
const LONE = 100;
/** For so many of them, one more in a second of its own. */
const SPACED = 25;

export const scenario: Scenario = {
  name: "cost",
  about: "rows and alarms that a message writes, exactly: alone, and 8, 32 or 100 together",
  reps: 1,
  takes: ["entries"],
  async run(bench) {
    const standing = new Standing("cost", bench);
    const costs = await Promise.all(
      bench.targets.filter(inWorkerd).map(async (target) => {
        const server = bench.fleet.of(target);
        const samples = await standing.ask(target, server, () => costOf(target, bench));
        bench.progress(`cost: ${target.name} counted`);
        return samples;
      }),
    );
    return costs.flat();
  },
};

/** How long a room may take to answer, in ms. */
const SLOWEST = 20_000;

interface Written {
  readonly rows: number;
  readonly alarms: number;
}

async function costOf(target: WorkerTarget, { fleet, settings, warn }: Bench): Promise<Sample[]> {
  const url = new URL(`/${target.room}Counted/cost`, fleet.of(target).url);
  const dialect = await loadDialect(target.dialect);
  let closed: string | undefined;
  const member = await Member.join({
    dialect,
    url,
    index: 0,
    frame: (member, bytes, from, to) => void dialect.scan(bytes, from, to, member),
    closed: (_member, why) => void (closed = why),
  });
  /** Sends so many messages in one write, and waits for all acknowledgements. */
  const send = async (messages: number): Promise<void> => {
    member.sayMany("x".repeat(settings.size), messages);
    const isOver = (): boolean => closed !== undefined || member.acknowledged >= member.sent;
    if (!(await until(isOver, SLOWEST))) throw new Error("its room has not answered");
    if (closed !== undefined) throw new Error(closed);
  };
  const samples: Sample[] = [];
  let before = await written(url);
  const note = async (label: string, messages: number): Promise<void> => {
    const now = await written(url);
    const rows = (now.rows - before.rows) / messages;
    const alarms = (now.alarms - before.alarms) / messages;
    before = now;
    const add = (metric: string, unit: string, value: number): void => {
      samples.push({ target: target.name, metric: `${label}: ${metric}`, unit, value });
    };
    add("rows", "rows a message", rows);
    add("alarms", "setAlarm a message", alarms);
    add("rows + alarms", "writes a message", rows + alarms);
  };

  const lone = settings.entries ?? LONE;
  const end = performance.now() + settings.limit * 1_000;
  const isLate = (): boolean => performance.now() > end;
  await send(1);
  await note("first message of a room", 1);
  for (const { messages, times } of BURSTS) {
    for (let time = 0; time < (times * lone) / LONE && !isLate(); time++) {
      await send(messages);
      await note(`${messages} together`, messages);
    }
  }
  for (let time = 0; time < lone && !isLate(); time++) {
    await send(1);
    await note("alone, one after the other", 1);
  }
  for (let time = 0; time < lone / SPACED && !isLate(); time++) {
    await new Promise((resolve) => setTimeout(resolve, 1_005 - (Date.now() % 1_000)));
    await send(1);
    await note("alone, in a new second", 1);
  }
  if (isLate()) warn(`cost, ${target.name}: fewer messages than were asked for (--limit).`);
  member.leave();
  return samples;
}

async function written(url: URL): Promise<Written> {
  const response = await fetch(`${url.href}?written`);
  return (await response.json()) as Written;
}
