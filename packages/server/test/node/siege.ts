// A siege: hostile connections, handshakes and requests against a live room, beside honest clients
// whose every message is accounted for. The seeds replay what was sent, not when it arrived.
import { once } from "node:events";
import { request } from "node:http";

import { WebSocket } from "ws";

import { connect } from "../../../client/src/index.ts";
import { besieged, type State } from "./besieged.ts";
import { type Chance, frameBy, type Loot, pick, protocolsBy, requestBy } from "./hostile-input.ts";
import { seeded } from "./node-sql.ts";

/** How large a siege is, and where. */
export interface SiegeOptions {
  readonly url: URL;
  /** Hostile connections; each sends `FRAMES` frames, two requests and one handshake more. */
  readonly seeds: number;
  readonly from?: number;
  progress?(line: string): void;
}

/** What came of it. */
export interface SiegeReport {
  readonly frames: number;
  readonly handshakes: number;
  readonly requests: number;
  /** Messages of the honest, all of them taken. */
  readonly honest: number;
  /** What went wrong, in words; empty when nothing did. */
  readonly faults: readonly string[];
}

/** Frames of one hostile connection. */
export const FRAMES = 50;
/** Hostile connections at once. */
const AT_ONCE = 4;
/** How long one of them may take, in ms. */
const PATIENCE = 20_000;
const PATH = "/rooms/typed/besieged";
/** Texts that only an exception of ours, a path or a query could have. */
const LEAK = /\bat .*:\d+|\/packages\/|\.ts\b|SQLITE|Error:|secret|strangers/;

/** Lays siege to the room, and gives the report when the honest have been heard to the end. */
export async function siege({
  url,
  seeds,
  from = 1,
  progress = () => undefined,
}: SiegeOptions): Promise<SiegeReport> {
  const faults = new Set<string>();
  const before = await stateOf(url);
  const honest = [1, 2].map((who) => new Honest(url, who, faults));
  await Promise.all(honest.map((each) => each.arrived));
  const loot: Loot = {
    ids: honest.map((each) => each.room.id ?? ""),
    epoch: honest[0]?.room.epoch ?? "",
  };
  const counts = { frames: 0, handshakes: 0, requests: 0 };
  let next = from;
  const attack = async (): Promise<void> => {
    for (let seed = next++; seed < from + seeds; seed = next++) {
      const chance = seeded(seed);
      await within(PATIENCE, hostile(url, chance, loot, counts), `seed ${seed}`, faults);
      for (let i = 0; i < 2; i++) await ask(url, chance, loot, seed, counts, faults);
      await shake(url, chance, loot, counts);
      if (seed % 200 === 0) progress(`${seed - from + 1} of ${seeds}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, attack));
  const sent = await Promise.all(honest.map((each) => each.leave()));
  await judge(url, before, honest, sent, faults);
  return { ...counts, honest: sent.flat().length, faults: [...faults] };
}

/** An honest client, which sends one message after the other and holds the room to its promises. */
class Honest {
  readonly room: ReturnType<typeof connect<typeof besieged.shape>>;
  readonly arrived: Promise<void>;
  readonly heard: string[] = [];
  readonly #taken: string[] = [];
  readonly #faults: Set<string>;
  readonly #done: Promise<void>;
  #isLeaving = false;

  constructor(url: URL, who: number, faults: Set<string>) {
    this.#faults = faults;
    this.room = connect(besieged, {
      host: url.host,
      room: "besieged",
      session: `an-honest-session-${who}`,
    });
    const { room } = this;
    this.arrived = new Promise((resolve) => {
      room.watch("resume", () => resolve());
    });
    room.on("said", (key) => this.heard.push(key));
    room.watch("fault", (fault) => faults.add(`an honest client was told ${fault.code}`));
    room.watch("status", ({ state }) => {
      if (state === "reconnecting") faults.add("an honest client has lost its connection");
    });
    this.#done = this.#talk(who);
  }

  /** Ends when what it has sent is taken; gives the keys of all of it. */
  async leave(): Promise<string[]> {
    this.#isLeaving = true;
    await this.#done;
    return this.#taken;
  }

  async #talk(who: number): Promise<void> {
    await this.arrived;
    for (let n = 1; !this.#isLeaving; n++) {
      const key = `honest ${who} ${n}`;
      const message = { secret: "not for strangers", key } as const;
      try {
        if (n % 5 === 0) {
          const answer = await this.room.call("echo", message);
          if (answer !== key) this.#faults.add(`${key} was answered ${answer}`);
          this.#taken.push(key);
        } else {
          await this.room.send(n % 3 === 0 ? "later" : "say", message);
          this.#taken.push(key);
        }
      } catch (fault) {
        this.#faults.add(`${key} failed: ${String(fault)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

/** One hostile connection: what it may say first, its frames, and a word that must be answered. */
async function hostile(
  url: URL,
  chance: Chance,
  loot: Loot,
  counts: { frames: number; handshakes: number },
): Promise<void> {
  const isRaw = chance() < 0.2;
  const target = new URL(isRaw ? "/rooms/raw/besieged" : PATH, url);
  const socket = new WebSocket(target.href.replace("http", "ws"), isRaw ? [] : ["greenroom.1"], {
    perMessageDeflate: chance() < 0.3,
    skipUTF8Validation: true,
  });
  const closed = once(socket, "close");
  socket.on("error", () => undefined); // a refused handshake is closed, too
  let last = "";
  const answered = new Promise<void>((resolve) => {
    socket.on("message", (frame: Buffer) => {
      last = frame.toString();
      if (last.includes('["x",77777777,') || (isRaw && last === "string")) resolve();
    });
  });
  counts.handshakes += 1;
  await Promise.race([once(socket, "open"), closed]);
  for (let i = 0; i < FRAMES; i++) {
    const frame = frameBy(chance, loot);
    socket.send(frame, { binary: typeof frame !== "string" && chance() < 0.5 });
    counts.frames += 1;
  }
  socket.send(isRaw ? "still there?" : '["c",77777777,"nope"]');
  await Promise.race([answered, closed]);
  if (chance() < 0.5) socket.terminate();
  else socket.close();
}

/** One request over HTTP. */
async function ask(
  url: URL,
  chance: Chance,
  loot: Loot,
  seed: number,
  counts: { requests: number },
  faults: Set<string>,
): Promise<void> {
  const { method, path, headers } = requestBy(chance, loot);
  counts.requests += 1;
  const [status, text] = await raw(url, method, path, headers);
  if (status >= 500) faults.add(`seed ${seed}: ${method} ${path} was answered ${status}`);
  if (LEAK.test(text)) faults.add(`seed ${seed}: ${method} ${path} was told ${text.slice(0, 200)}`);
}

/** One handshake with whatever it says of itself; a socket that opens is dropped at once. */
async function shake(
  url: URL,
  chance: Chance,
  loot: Loot,
  counts: { handshakes: number },
): Promise<void> {
  const { path, headers } = requestBy(chance, loot);
  counts.handshakes += 1;
  await raw(url, "GET", chance() < 0.5 ? PATH : path, {
    ...headers,
    Connection: "Upgrade",
    Upgrade: pick(chance, ["websocket", "WebSocket", "websocket", "h2c"]),
    "Sec-WebSocket-Key": pick(chance, ["dGhlIHNhbXBsZSBub25jZQ==", "short", ""]),
    "Sec-WebSocket-Version": pick(chance, ["13", "13", "12", "x"]),
    "Sec-WebSocket-Protocol": protocolsBy(chance, loot),
  });
}

/** A request as it is, without a client's good manners; 0 where the connection was cut. */
async function raw(
  url: URL,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<[status: number, text: string]> {
  return new Promise((resolve) => {
    const { hostname, port } = url;
    const asking = request({ hostname, port, method, path, headers });
    asking.on("upgrade", (response, socket) => {
      socket.on("error", () => undefined); // cut while it is dropped
      socket.destroy();
      resolve([response.statusCode ?? 0, ""]);
    });
    asking.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve([response.statusCode ?? 0, text]));
      response.on("error", () => resolve([0, text]));
    });
    asking.on("error", () => resolve([0, ""])); // the server may cut what it cannot read
    asking.end();
  });
}

/** Holds what the room has stored against what the honest were told. */
async function judge(
  url: URL,
  before: State,
  honest: readonly Honest[],
  sent: readonly string[][],
  faults: Set<string>,
): Promise<void> {
  const after = await stateOf(url);
  if (after.isolate !== before.isolate) faults.add("the Worker has crashed and was started anew");
  for (const fault of after.escaped) faults.add(`out of the object came ${fault}`);
  for (const line of after.logged) faults.add(`the room has logged ${line}`);
  const answer = await fetch(new URL(`${PATH}?stored`, url));
  const stored = await answer.json<{
    sessions: string[];
    entries: string[];
    counted: number;
  }>();
  const taken = sent.flat();
  const published = taken.filter((key) => Number(key.split(" ")[2]) % 5 !== 0);
  if (stored.counted !== taken.length)
    faults.add(`the room has counted ${stored.counted} messages, the honest sent ${taken.length}`);
  const ids = honest.map(({ room }) => room.id);
  const strangers = stored.sessions.filter((id) => !ids.includes(id));
  if (strangers.length > 0) faults.add(`marks are stored of ${strangers.length} strangers`);
  const foreign = stored.entries.filter((key) => !key.startsWith("honest "));
  if (foreign.length > 0) faults.add(`the log has ${foreign.slice(0, 3).join(", ")}`);
  const last = stored.entries.at(-1);
  for (const { heard, room } of honest) {
    const until = performance.now() + 5_000;
    while (heard.at(-1) !== last && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 5));
    if (heard.length !== published.length || new Set(heard).size !== heard.length)
      faults.add(`an honest client heard ${heard.length} of ${published.length}`);
    room.close();
  }
  for (const [at, keys] of sent.entries()) {
    const own = keys.filter((key) => published.includes(key));
    const order = honest[0]?.heard.filter((key) => key.startsWith(`honest ${at + 1} `));
    if (order?.join() !== own.join())
      faults.add(`the messages of client ${at + 1} came in another order`);
  }
}

/** Waits for one attack, and no longer than it may take. */
async function within(
  ms: number,
  attack: Promise<void>,
  what: string,
  faults: Set<string>,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  if ((await Promise.race([attack, late])) === "late")
    faults.add(`${what} was not answered in ${ms} ms`);
  clearTimeout(timer);
}

async function stateOf(url: URL): Promise<State> {
  const answer = await fetch(new URL("/state", url));
  return await answer.json<State>();
}
