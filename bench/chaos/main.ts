// `npm run -s chaos`: clients, a room in real workerd, cut connections and `kill -9`, and the verdict.
import { join } from "node:path";

import { chaos, type ChaosReport, WorkerProcess } from "@greenroom/testing";

import { commandLine, failed, numberIn } from "../command-line.ts";
import { chaosRoom } from "./contract.ts";

const HELP = `npm run -s chaos -- [options]

Sends numbered messages from many clients to a room in real workerd, through a proxy that cuts,
stalls, delays and half-opens their connections, while workerd is killed with \`kill -9\` in the
middle of writes. Ends with 1 if a message was lost, duplicated or reordered.

  --seed N        decides every fault and its time (1)
  --clients N     clients (8)
  --rooms N       rooms that they are divided among (1)
  --messages N    messages of all clients together (2000)
  --rate N        messages a second of all clients together (200)
  --in-flight N   messages of one client that wait for their answers at once (8)
  --kills N       \`kill -9\` of workerd (2)
  --cuts N        connections that are cut (40); the rest follows from it:
  --stalls N      connections that deliver nothing for a while, and then everything
  --delays N      connections that are slow for a while
  --half-opens N  connections of which one end dies and the other is not told
  --refusals N    times in which new connections are refused
  --blackouts N   times in which nothing is delivered to anybody
  --late-handshakes N  handshakes that arrive when their client has dialed again
  --timeout S     seconds after which what has no answer counts as lost (180)
  --json          one line for machines
  --help`;

const NUMBERS = {
  seed: "seed",
  clients: "clients",
  rooms: "rooms",
  messages: "messages",
  rate: "rate",
  "in-flight": "inFlight",
  kills: "kills",
  cuts: "cuts",
  stalls: "stalls",
  delays: "delays",
  "half-opens": "halfOpens",
  refusals: "refusals",
  blackouts: "blackouts",
  "late-handshakes": "lateHandshakes",
} as const;

/** What counts faults, and the seed, may be 0; without clients or messages there is nothing to judge. */
const FROM_ONE = new Set(["clients", "rooms", "messages", "rate", "in-flight", "timeout"]);

const ROOT = join(import.meta.dirname, "../..");

const { values } = commandLine({
  options: {
    ...Object.fromEntries(
      [...Object.keys(NUMBERS), "timeout"].map((name) => [name, { type: "string" as const }]),
    ),
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const given = values as Readonly<Record<string, string | boolean | undefined>>;

if (given["help"]) console.log(HELP);
else await main().catch(failed);

async function main(): Promise<void> {
  process.loadEnvFile(join(ROOT, "wrangler.env"));
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).flatMap(([flag, option]) => {
      const number = numberOf(flag);
      return number === undefined ? [] : [[option, number]];
    }),
  );
  const seconds = numberOf("timeout");
  progress("starting workerd");
  const server = await WorkerProcess.start({ config: join(import.meta.dirname, "wrangler.jsonc") });
  try {
    const report = await chaos(chaosRoom, {
      ...numbers,
      ...(seconds !== undefined && { timeout: seconds * 1_000 }),
      server,
      send: (room, key) => room.send("put", { key }),
      keys: { put: ({ key }) => key },
      carriedOut: async (room) => {
        const answer = await fetch(`${server.url}/rooms/chaos/${room}`);
        return await answer.json<string[]>();
      },
      onProgress: progress,
    });
    print(report);
  } finally {
    await server.stop();
  }
}

function print(report: ChaosReport): void {
  const { faults, ...numbers } = report;
  console.log(given["json"] ? JSON.stringify(numbers) : JSON.stringify(numbers, null, 2));
  for (const fault of faults) console.error(fault);
  if (report.lost + report.duplicated + report.reordered > 0) process.exitCode = 1;
}

function progress(line: string): void {
  console.error(line);
}

function numberOf(flag: string): number | undefined {
  const text = given[flag] as string | undefined;
  return numberIn(flag, text, { least: FROM_ONE.has(flag) ? 1 : 0 });
}
