// A world in memory: one room's delivery over SQLite, real client sessions, and a network and a
// machine that fail by a seeded chance. Everything that happens is one step; a seed replays it.
import { contract, helloProtocols, parseOffer, RoomError } from "@greenroom/protocol";
import * as v from "valibot";

import { Session } from "../../../client/src/session.ts";
import { Delivery } from "../../src/delivery.ts";
import type { Route, Scope } from "../../src/jobs.ts";
import { limitsOf } from "../../src/limits.ts";
import { Log, type LogEntry, logOptions } from "../../src/log.ts";
import type { Members, Socket } from "../../src/members.ts";
import { Rates } from "../../src/rates.ts";
import { refuse } from "../../src/report.ts";
import { Tables } from "../../src/tables.ts";
import { judge, type Sent } from "./judge.ts";
import { type NodeStorage, nodeStorage, seeded } from "./node-sql.ts";

const shape = contract({
  messages: { say: v.string(), later: v.string(), refused: v.string(), broken: v.string() },
  events: { said: v.string() },
  signals: { seen: v.string() },
  calls: { ask: { input: v.string(), output: v.string() } },
}).shape;

/** What a world has come to. */
export interface Verdict {
  readonly steps: number;
  readonly sent: number;
  readonly resumes: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
}

interface Connection extends Socket {
  readyState: number;
  readonly id: string;
  /** Frames under way to the room; a half-open connection loses them. */
  up: string[];
  down: string[];
  /** Frames that wait for the commit. */
  gate: string[];
  open: boolean;
}

interface Client {
  session: Session;
  connection: Connection | undefined;
  /** The step before which it does not come back. */
  awayUntil: number;
  readonly sent: Sent[];
  /** What the app was given since it was last told to start again. */
  seen: string[];
  from: number;
}

/** Runs one world; throws with what went wrong. */
export async function runWorld(seed: number): Promise<Verdict> {
  const world = new World(seed);
  await world.run();
  return world.verdict;
}

class World {
  readonly #random: () => number;
  readonly #storage: NodeStorage = nodeStorage();
  readonly #clients: Client[] = [];
  #connections: Connection[] = [];
  #pending = new WeakSet<Socket>();
  #delivery: Delivery<Connection>;
  #log: Log;
  #tables: Tables;
  /** Timers of the room's instance, and what waits for its commit. */
  #soon: (() => void)[] = [];
  #commits: (() => void)[] = [];
  #laters: (() => void)[] = [];
  #instance = 0;
  readonly #entries: number;
  /** What is durable, epoch after epoch. */
  #durable: LogEntry[] = [];
  #epoch: string | null = null;
  readonly #done = new Map<string, number>();
  #step = 0;
  #keys = 0;
  readonly #resumes: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#entries = 1 + Math.floor(this.#random() * 60);
    [this.#delivery, this.#log, this.#tables] = this.#wake();
    const clients = 1 + Math.floor(this.#random() * 4);
    for (let i = 0; i < clients; i++) this.#clients.push(this.#client(`token-of-client-${i}`));
  }

  get verdict(): Verdict {
    const sent = this.#clients.reduce((sum, client) => sum + client.sent.length, 0);
    return { steps: this.#step, sent, resumes: this.#resumes, faults: this.#faults };
  }

  async run(): Promise<void> {
    const steps = 50 + Math.floor(this.#random() * 250);
    for (; this.#step < steps; this.#step++) {
      this.#act();
      await settle();
    }
    await this.#calmDown();
    this.#judge();
  }

  /** One thing happens, by chance. */
  #act(): void {
    const client = this.#pick(this.#clients);
    const acts: readonly (readonly [weight: number, act: () => void])[] = [
      [28, () => this.#send(client)],
      [2, () => this.#sendMany(client)],
      [20, () => this.#carryUp(client)],
      [6, () => this.#carryAllUp(client)],
      [12, () => this.#carryDown(client)],
      [12, () => this.#soon.shift()?.()],
      [10, () => this.#commit()],
      [4, () => this.#laters.shift()?.()],
      [8, () => this.#dial(client)],
      [2, () => this.#drop(client)],
      [2, () => this.#halfOpen(client)],
      [2, () => this.#sleep()],
      [1, () => this.#crash()],
      [0.3, () => this.#purge()],
      [1, () => this.#repeatFrame(client)],
      [0.5, () => this.#reload(client)],
      [0.7, () => this.#goAway(client)],
    ];
    let chance = this.#random() * acts.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, act] of acts) {
      chance -= weight;
      if (chance < 0) return act();
    }
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }

  #count(what: string): void {
    this.#faults[what] = (this.#faults[what] ?? 0) + 1;
  }

  // The room.

  #wake(): [Delivery<Connection>, Log, Tables] {
    const sql = () => this.#storage.sql;
    const tables = new Tables(sql);
    const log = new Log(sql, tables, logOptions({ entries: this.#entries, history: 20 }));
    const instance = (this.#instance += 1);
    const members: Members<Connection> = {
      all: () =>
        this.#connections.filter((each) => each.readyState === 1 && !this.#pending.has(each)),
      of: (id) => this.#connections.findLast((each) => each.readyState === 1 && each.id === id),
      idOf: (socket) => socket.id,
      admit: (socket) => this.#pending.delete(socket),
      isPending: (socket) => this.#pending.has(socket),
      isReadOnly: () => false,
    };
    const delivery = new Delivery<Connection>({
      log,
      members,
      history: 20,
      route: (name) => this.#route(name, instance),
      snapshot: () => undefined,
      transaction: (run) => this.#storage.transactionSync(run),
      committed: () => new Promise((resolve) => this.#commits.push(resolve)),
      now: () => this.#step,
      soon: (call) => this.#soon.push(() => instance === this.#instance && call()),
      after: () => () => undefined,
      limits: limitsOf({ handlerTime: false }),
      rates: new Rates<Connection>(limitsOf({ rate: false, roomRate: false }), {
        read: () => undefined,
        write: () => undefined,
      }),
      report: () => "id",
      wrote: () => undefined,
      settled: () => undefined,
    });
    return [delivery, log, tables];
  }

  #route(name: string, instance: number): Route | undefined {
    const plain = (run: Route["run"], kind: Route["kind"] = "message", isAsync = false): Route => ({
      kind,
      isAsync,
      input: (value) => value,
      output: () => undefined,
      run,
    });
    const say = (value: unknown): void => {
      this.#note(String(value));
      this.#delivery.emit({ entry: JSON.stringify(["said", value, this.#step]) });
    };
    if (name === "say") return plain((_id, value) => say(value));
    if (name === "ask") {
      return plain((_id, value) => {
        say(value);
        return `answer to ${String(value)}`;
      }, "call");
    }
    if (name === "refused" || name === "broken") {
      return plain((_id, value) => {
        say(value);
        throw name === "refused" ? refuse("no") : new Error("broken");
      });
    }
    if (name !== "later") return undefined;
    return plain(
      async (_id, value) => {
        await new Promise<void>((resolve) => this.#laters.push(resolve));
        if (instance !== this.#instance) return;
        this.#delivery.emit({ entry: JSON.stringify(["said", value, this.#step]) });
      },
      "message",
      true,
    );
  }

  /** The handler's own SQL. */
  #note(key: string): void {
    this.#storage.sql.exec("CREATE TABLE IF NOT EXISTS done (key TEXT)");
    this.#storage.sql.exec("INSERT INTO done VALUES (?)", key);
  }

  #commit(): void {
    this.#storage.commit();
    this.#readDurable();
    for (const connection of this.#connections) connection.down.push(...connection.gate.splice(0));
    for (const resolve of this.#commits.splice(0)) resolve();
  }

  /** Notes what has become durable: the authority of the verdict. */
  #readDurable(): void {
    const { epoch, head } = this.#log.span();
    if (epoch !== this.#epoch) {
      this.#closeEpoch();
      this.#epoch = epoch;
    }
    const fresh = this.#log.after(this.#durable.length, head);
    for (const entry of fresh) {
      if (entry.seq !== this.#durable.length + 1) {
        throw new Error(`the log jumps from ${this.#durable.length} to ${entry.seq}`);
      }
      this.#durable.push(entry);
    }
  }

  #closeEpoch(): void {
    for (const { value } of this.#durable) {
      this.#done.set(String(value), (this.#done.get(String(value)) ?? 0) + 1);
    }
    this.#durable = [];
  }

  /** Evicted while nothing is under way: memory is gone, sockets stay. */
  #sleep(): void {
    if (this.#soon.length > 0 || this.#commits.length > 0 || this.#laters.length > 0) return;
    this.#count("sleep");
    this.#commit();
    [this.#delivery, this.#log, this.#tables] = this.#wake();
  }

  /** What was not committed is gone, what it would have sent never leaves, and every socket breaks. */
  #crash(): void {
    this.#count("crash");
    this.#storage.crash();
    this.#soon = [];
    this.#commits = [];
    this.#laters = [];
    for (const connection of this.#connections) {
      connection.readyState = 3;
      connection.gate = [];
      connection.open = false;
    }
    this.#connections = [];
    [this.#delivery, this.#log, this.#tables] = this.#wake();
  }

  #purge(): void {
    this.#count("purge");
    this.#commit();
    this.#storage.deleteAll();
    this.#tables.forget();
    this.#delivery.forget();
    this.#commit();
    for (const connection of this.#connections) {
      connection.readyState = 2;
      connection.open = false;
    }
  }

  // The network.

  #dial(client: Client): void {
    if (client.connection?.open || this.#step < client.awayUntil) return;
    client.session.away();
    const offer = parseOffer(helloProtocols(client.session.hello()).join(", "));
    if (!offer.hello) throw new Error("the hello cannot be read");
    const id = offer.hello.session;
    for (const other of this.#connections)
      if (other.id === id && other.readyState === 1) other.close();
    const connection: Connection = {
      id,
      readyState: 1,
      open: true,
      up: [],
      down: [],
      gate: [],
      send(frame) {
        if (this.readyState !== 1) throw new Error("sent on a closed socket");
        this.gate.push(frame);
      },
      close() {
        this.readyState = 2;
      },
    };
    client.connection = connection;
    this.#connections.push(connection);
    this.#pending.add(connection);
    const scope: Scope = { kind: "scope", outgoing: [{ item: JSON.stringify(["s", "seen", id]) }] };
    void this.#delivery.admit(connection, offer.hello, scope);
  }

  #carryUp({ connection }: Client): void {
    const frame = connection?.open ? connection.up.shift() : undefined;
    if (frame !== undefined && connection) void this.#delivery.receive(connection, frame);
  }

  #carryAllUp(client: Client): void {
    while (client.connection?.open && client.connection.up.length > 0) this.#carryUp(client);
  }

  #carryDown(client: Client): void {
    const { connection } = client;
    const frame = connection?.open ? connection.down.shift() : undefined;
    if (frame !== undefined) client.session.receive(frame);
  }

  #drop(client: Client): void {
    if (!client.connection?.open) return;
    this.#count("drop");
    this.#leave(client);
    this.#delivery.left(client.connection.id);
    client.connection.readyState = 3;
  }

  /** The client is gone, and the room does not know. */
  #halfOpen(client: Client): void {
    if (!client.connection?.open) return;
    this.#count("half-open");
    this.#leave(client);
  }

  #leave(client: Client): void {
    if (client.connection) client.connection.open = false;
    client.session.away();
  }

  /** A frame comes twice, as from a client that is not ours. */
  #repeatFrame({ connection }: Client): void {
    if (!connection?.open || connection.up.length === 0) return;
    this.#count("repeat");
    connection.up.splice(1, 0, connection.up[0] as string);
  }

  // The clients.

  #client(token: string): Client {
    const client: Client = {
      connection: undefined,
      awayUntil: 0,
      sent: [],
      seen: [],
      from: 0,
      session: this.#session(token, () => client),
    };
    return client;
  }

  #session(token: string, client: () => Client): Session {
    const hear = (name: string, value: unknown, seq: number | undefined): void => {
      const { from, seen } = client();
      if (name !== "said" || seq === undefined) return;
      if (seq !== from + seen.length + 1) throw new Error(`seq ${seq} after ${from + seen.length}`);
      seen.push(String(value));
    };
    const resumed = (kind: string): void => {
      const each = client();
      this.#resumes[kind] = (this.#resumes[kind] ?? 0) + 1;
      const seq = each.session.seq ?? 0;
      if (kind === "resumed") {
        if (seq !== each.from + each.seen.length) throw new Error(`resumed at ${seq}`);
        return;
      }
      each.from = seq;
      each.seen = [];
    };
    return new Session(
      { shape, token, outbox: 1_000 },
      {
        transmit: (text) => client().connection?.up.push(text),
        welcomed: () => undefined,
        replace: () => {
          throw new Error("a gap was seen");
        },
        hear: (name, value, meta) =>
          hear(name, value, meta.kind === "event" ? meta.seq : undefined),
        ask: () => undefined,
        resumed: ({ kind }) => resumed(kind),
        item: () => undefined,
        fault: (error) => {
          throw error;
        },
      },
    );
  }

  /** The page is loaded anew: the token stays, and everything else is forgotten. */
  #reload(client: Client): void {
    this.#count("reload");
    this.#leave(client);
    for (const sent of client.sent) if (sent.state === "waiting") sent.state = "abandoned";
    const { session } = client.session.hello();
    client.session = this.#session(session, () => client);
    client.from = 0;
    client.seen = [];
  }

  /** Gone for long: the log may be trimmed meanwhile. */
  #goAway(client: Client): void {
    this.#count("long absence");
    this.#leave(client);
    client.awayUntil = this.#step + 100;
  }

  #sendMany(client: Client): void {
    for (let i = 0; i < 40; i++) this.#send(client);
  }

  #send(client: Client): void {
    const chance = this.#random();
    const name =
      chance < 0.6
        ? "say"
        : chance < 0.7
          ? "later"
          : chance < 0.8
            ? "refused"
            : chance < 0.85
              ? "broken"
              : "ask";
    const sent: Sent = { key: `${name} ${(this.#keys += 1)}`, state: "waiting" };
    client.sent.push(sent);
    client.session.enqueue(name === "ask" ? "c" : "m", name, sent.key, {
      resolve: (value) => {
        if (sent.state !== "waiting") throw new Error(`${sent.key} is settled twice`);
        if (name === "ask" && value !== `answer to ${sent.key}`)
          throw new Error(`${sent.key} has a wrong answer`);
        sent.state = "taken";
      },
      reject: (error) => {
        if (sent.state !== "waiting") throw new Error(`${sent.key} is settled twice`);
        sent.state = "rejected";
        sent.code = error instanceof RoomError ? error.code : String(error);
      },
    });
  }

  /** Faults end; everybody comes back, and everything arrives. */
  async #calmDown(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      for (const client of this.#clients) {
        client.awayUntil = 0;
        this.#dial(client);
        while (client.connection?.open && client.connection.up.length > 0) this.#carryUp(client);
      }
      for (const soon of this.#soon.splice(0)) soon();
      await settle();
      for (const later of this.#laters.splice(0)) later();
      await settle();
      this.#commit();
      await settle();
      for (const client of this.#clients)
        while (client.connection?.down.length) this.#carryDown(client);
    }
  }

  #judge(): void {
    const durable = this.#durable.map(({ value }) => String(value));
    this.#closeEpoch();
    judge({
      clients: this.#clients,
      durable,
      noted: this.#notes(),
      done: this.#done,
      purges: this.#faults["purge"] ?? 0,
      sleeps: this.#faults["sleep"] ?? 0,
    });
  }

  /** What the handlers' own SQL holds. */
  #notes(): string[] {
    const { sql } = this.#storage;
    const query = "SELECT name FROM sqlite_master WHERE name = 'done'";
    if (sql.exec<{ name: string }>(query).toArray().length === 0) return [];
    return sql
      .exec<{ key: string }>("SELECT key FROM done")
      .toArray()
      .map(({ key }) => key);
  }
}

/** Lets everything that was promised happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}
