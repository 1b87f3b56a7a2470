/**
 * What a message costs in writes: exact counts, not times.
 *
 * One member of a fresh room sends over a WebSocket. Bursts come first, so that the log is full
 * and its rows are used again when the lone messages are counted, one by one.
 */
import { on } from "node:events";

import { WebSocket } from "ws";

import { type Dialect, loadDialect, type Speaker } from "../dialect.ts";
import type { Sample } from "../results.ts";
import type { Bench, Scenario } from "../scenario.ts";
import type { Target } from "../target.ts";

/** How many messages are sent together, and how often: more in all than a log keeps. */
const BURSTS = [
  { messages: 8, times: 20 },
  { messages: 32, times: 20 },
  { messages: 100, times: 8 },
] as const;
/** Lone messages, each after the answer to the one before. */
const LONE = 100;
/** Lone messages, each in a second of its own. */
const SPACED = 4;

export const scenario: Scenario = {
  name: "cost",
  about: "rows and alarms that a message writes, exactly: alone, and 8, 32 or 100 together",
  reps: 1,
  async run(bench) {
    const costs = await Promise.all(
      bench.targets.map(async (target) => {
        const samples = await costOf(target, bench);
        bench.progress(`cost: ${target.name} counted`);
        return samples;
      }),
    );
    return costs.flat();
  },
};

interface Written {
  readonly rows: number;
  readonly alarms: number;
}

async function costOf(target: Target, { server, settings }: Bench): Promise<Sample[]> {
  const url = new URL(`/${target.room}Counted/cost`, server.url);
  const member = await dial(url, await loadDialect(target.dialect), "x".repeat(settings.size));
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

  await member.send(1);
  await note("first message of a room", 1);
  for (const { messages, times } of BURSTS) {
    for (let time = 0; time < times; time++) {
      await member.send(messages);
      await note(`${messages} together`, messages);
    }
  }
  for (let time = 0; time < LONE; time++) {
    await member.send(1);
    await note("alone, one after the other", 1);
  }
  for (let time = 0; time < SPACED; time++) {
    await new Promise((resolve) => setTimeout(resolve, 1_005 - (Date.now() % 1_000)));
    await member.send(1);
    await note("alone, in a new second", 1);
  }
  member.close();
  return samples;
}

async function written(url: URL): Promise<Written> {
  const response = await fetch(`${url.href}?written`);
  return (await response.json()) as Written;
}

/** One member: `send` sends so many messages in one write and waits for all acknowledgements. */
async function dial(
  url: URL,
  dialect: Dialect,
  text: string,
): Promise<{ send(messages: number): Promise<void>; close(): void }> {
  const socket = new WebSocket(url.href.replace("http", "ws"), { perMessageDeflate: false });
  const frames = on(socket, "message", { close: ["close"] });
  const speaker: Speaker = { index: 0, sent: 0, acknowledged: 0 };
  const next = async (): Promise<Buffer> => {
    const { value, done } = await frames.next();
    if (done) throw new Error(`${url.pathname} has closed the connection.`);
    return (value as [Buffer])[0];
  };
  if (dialect.greets) await next();
  else await new Promise((resolve) => socket.once("open", resolve));
  return {
    async send(messages) {
      // SAFETY: ws writes to a net.Socket; corked, the frames leave in one piece.
      const { _socket: wire } = socket as unknown as { _socket: { cork(): void; uncork(): void } };
      wire.cork();
      for (let n = 0; n < messages; n++) {
        speaker.sent += 1;
        socket.send(dialect.message(speaker, text));
      }
      wire.uncork();
      while (speaker.acknowledged < speaker.sent) dialect.scan(await next(), speaker);
    },
    close: () => socket.terminate(),
  };
}
