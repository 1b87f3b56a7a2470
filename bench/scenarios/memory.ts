/** What a server holds in memory: for a connection that is idle, and for a room. */
import { loadDialect } from "../dialect.ts";
import { startServer } from "../fleet.ts";
import { sleep } from "../loads/stretch.ts";
import { joinAll, Member } from "../member.ts";
import type { Sample } from "../results.ts";
import { type Bench, Repetitions, type Scenario, Standing } from "../scenario.ts";
import { memoryOf, type Server } from "../server.ts";
import { pathOf, type Target, targetsFor } from "../target.ts";

const CONNECTIONS = 500;
const ROOMS = 200;
/** Rooms and connections that come first, so that what is made once is made. */
const FIRST = 30;
const AT_ONCE = 20;
/** How long a server comes to rest before it is weighed, in ms, unless runs are shorter (--seconds). */
const REST = 700;

export const scenario: Scenario = {
  name: "memory",
  about:
    "memory of the server for an idle connection (500 in a room, then 500 more; --members), and for a room (200)",
  reps: 2,
  takes: ["members"],
  async run(bench) {
    const targets = targetsFor("memory", bench.targets);
    const samples: Sample[] = [];
    const standing = new Standing("memory", bench);
    const repetitions = new Repetitions("memory", bench);
    for (let rep = 0; repetitions.goesOn(rep); rep++) {
      for (const target of targets) {
        bench.progress(`memory: repetition ${rep + 1} of ${bench.settings.reps}, ${target.name}`);
        const server = await startServer(target);
        try {
          samples.push(...(await standing.ask(target, server, () => weigh(target, server, bench))));
        } finally {
          await server.stop();
        }
      }
    }
    return standing.of(samples);
  },
};

async function weigh(target: Target, server: Server, bench: Bench): Promise<Sample[]> {
  const dialect = await loadDialect(target.dialect);
  const { origin } = server.url;
  const connections = bench.settings.members ?? CONNECTIONS;
  const rooms = Math.ceil((connections * ROOMS) / CONNECTIONS);
  const all: Member[] = [];
  let next = 0;
  /** So many members come and say one thing; each to a room of its own, or all to one. */
  const come = async (count: number, room: (index: number) => string): Promise<void> => {
    const joined = await joinAll(count, AT_ONCE, (index) =>
      Member.join({
        dialect,
        url: new URL(pathOf(target, room(index)), origin.replace("http", "ws")),
        index: next++,
        frame: (member, bytes, from, to) => void dialect.scan(bytes, from, to, member),
        closed: (_member, why) => bench.warn(`memory, ${target.name}: ${why}`),
      }),
    );
    all.push(...joined);
  };
  const resting = async (): Promise<number> => {
    await sleep(Math.min(REST, bench.times.measure));
    return memoryOf(server) ?? Number.NaN; // no figure where the system does not tell
  };

  await come(FIRST, (index) => `first-${index}`);
  all.forEach((member) => member.say("x"));
  await come(FIRST, () => "one");
  const before = await resting();
  await come(connections, () => "one");
  const connected = await resting();
  // What grows once, as compiled code and the heap's spare room do, is in the first; what a connection holds is in both.
  await come(connections, () => "one");
  const doubled = await resting();
  const known = all.length;
  await come(rooms, (index) => `many-${index}`);
  all.slice(known).forEach((member) => member.say("x"));
  const opened = await resting();
  const sample = (metric: string, bytes: number, count: number): Sample => ({
    target: target.name,
    metric,
    unit: "KB",
    value: bytes / 1_024 / count,
  });
  for (const member of all) member.leave();
  return [
    sample("an idle connection", connected - before, connections),
    sample("a further idle connection", doubled - connected, connections),
    sample("a room with one connection", opened - doubled, rooms),
  ];
}
