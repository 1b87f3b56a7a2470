// A world in memory: one room's delivery over SQLite, real client sessions, and a network and a
// machine that fail by a seeded chance. Everything that happens is one step; a seed replays it.
import { helloProtocols, parseOffer, RoomError } from "@greenroom/protocol";

import { Session } from "../../../client/src/session.ts";
import { Delivery } from "../../src/delivery.ts";
import type { Scope } from "../../src/jobs.ts";
import type { Limits } from "../../src/limits.ts";
import { logOptions } from "../../src/log-options.ts";
import { Log } from "../../src/log.ts";
import { Tables } from "../../src/tables.ts";
import { ClientAttendance, RoomAttendance, WorldClock } from "./attendance.ts";
import { judge, type Sent } from "./judge.ts";
import { type Connection, connectionOf, membersOf } from "./line.ts";
import { type NodeStorage, nodeStorage, seeded } from "./node-sql.ts";
import { Register } from "./register.ts";
import { Book } from "./world-book.ts";
import { type Around, note, notesIn, routeIn } from "./world-handlers.ts";
import { keptWith, limitsBy } from "./world-limits.ts";
import { type Client, nameBy, settle, shape } from "./world-people.ts";

/** What a world has come to. */
export interface Verdict {
  readonly steps: number;
  readonly sent: number;
  readonly resumes: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
}

/** Runs one world; throws with what went wrong. */
export async function runWorld(seed: number): Promise<Verdict> {
  const world = new World(seed);
  await world.run();
  return world.verdict;
}

class World {
  readonly #seed: number;
  readonly #random: () => number;
  /** Given up by its own code: it goes before anything of its turn is durable. */
  #isAbandoned = false;
  readonly #storage: NodeStorage = nodeStorage();
  readonly #clock = new WorldClock();
  readonly #register = new Register(this.#clock);
  readonly #clients: Client[] = [];
  #connections: Connection[] = [];
  readonly #pending = new WeakSet<Connection>();
  #delivery: Delivery<Connection>;
  #log: Log;
  #tables: Tables;
  #attendance: RoomAttendance<Connection>;
  /** Timers of the room's instance, and what waits for its commit. */
  #soon: (() => void)[] = [];
  #commits: (() => void)[] = [];
  #laters: (() => void)[] = [];
  #instance = 0;
  readonly #entries: number;
  readonly #limits: Limits;
  /** Whether the room has dropped marks of sessions, in this life or another. */
  #hasDropped = false;
  /** Whether the platform tells what was not read yet. */
  readonly #tells: boolean;
  readonly #book = new Book();
  #step = 0;
  /** What an app was told and should not have been; a listener cannot throw. */
  #wrong: string | undefined;
  /** Whether a client is taking a frame. */
  #isHearing = false;
  #keys = 0;
  readonly #resumes: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seeded(seed);
    this.#entries = 1 + Math.floor(this.#random() * 60);
    this.#tells = this.#random() < 0.5;
    this.#limits = limitsBy(this.#random);
    [this.#delivery, this.#log, this.#tables, this.#attendance] = this.#wake();
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
      if (this.#isAbandoned) this.#crash("abandoned");
      await this.#pass();
    }
    await this.#calmDown();
    this.#judge();
  }

  /** One thing happens, by chance. */
  #act(): void {
    const client = this.#pick(this.#clients);
    const acts: readonly (readonly [weight: number, act: () => void])[] = [
      [28, () => this.#send(client)],
      [4, () => this.#sendMany(client)],
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
      [6, () => this.#show(client)],
      [1, () => this.#bye(client)],
      [1.5, () => this.#slowDown(client)],
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

  #wake(): [Delivery<Connection>, Log, Tables, RoomAttendance<Connection>] {
    const tables = new Tables(this.#storage.sql);
    const log = new Log(
      tables,
      logOptions({ entries: this.#entries, history: 20 }),
      this.#limits.sessions,
    );
    const instance = (this.#instance += 1);
    const members = membersOf(() => this.#connections, this.#pending);
    const around: Around = {
      note: (key) => note(this.#storage.sql, key),
      publish: (value) =>
        this.#delivery.emit({ entry: JSON.stringify(["said", value, this.#step]) }),
      later: async () => {
        await new Promise<void>((resolve) => this.#laters.push(resolve));
        return instance === this.#instance;
      },
    };
    const delivery = new Delivery<Connection>({
      log,
      members,
      history: 20,
      route: (name) => routeIn(name, around),
      snapshot: () => undefined,
      kind: `world ${this.#seed}`,
      proven: 3,
      touches: () => this.#storage.statements.length,
      abandon: () => (this.#isAbandoned = true),
      transaction: (run) => this.#storage.transactionSync(run),
      committed: () => new Promise((resolve) => this.#commits.push(resolve)),
      now: () => 1_000 + this.#step,
      soon: (call) => this.#soon.push(() => instance === this.#instance && call()),
      after: (_ms, call) => {
        let isCancelled = false;
        this.#soon.push(() => !isCancelled && instance === this.#instance && call());
        return () => {
          isCancelled = true;
        };
      },
      ...keptWith(
        this.#limits,
        (what) => this.#count(what),
        this.#seed % 3 ? undefined : this.#random,
      ),
      report: () => "id",
      wrote: () => undefined,
      settled: () => undefined,
      admitted: (socket) => attendance.extended.admitted(socket),
    });
    const attendance = new RoomAttendance<Connection>(shape, {
      clock: this.#clock,
      members,
      tables,
      sockets: () => this.#connections.filter(({ readyState }) => readyState < 3),
      isCurrent: () => instance === this.#instance,
    });
    return [delivery, log, tables, attendance];
  }

  #commit(): void {
    this.#storage.commit();
    if (this.#log.hasDropped() && !this.#hasDropped) this.#count("dropped marks");
    this.#hasDropped ||= this.#log.hasDropped();
    this.#book.read(this.#log);
    for (const { connection } of this.#clients)
      if (connection && !this.#pending.has(connection)) this.#register.letIn(connection.id);
    for (const connection of this.#connections) connection.down.push(...connection.gate.splice(0));
    for (const resolve of this.#commits.splice(0)) resolve();
  }

  /** Evicted while nothing is under way: memory is gone, sockets stay. */
  #sleep(): void {
    if (this.#soon.length > 0 || this.#commits.length > 0 || this.#laters.length > 0) return;
    if (this.#attendance.isAwake) return;
    this.#count("sleep");
    this.#commit();
    [this.#delivery, this.#log, this.#tables, this.#attendance] = this.#wake();
  }

  /** What was not committed is gone, what it would have sent never leaves, and every socket breaks. */
  #crash(why = "crash"): void {
    this.#count(why);
    this.#isAbandoned = false;
    this.#storage.crash();
    this.#register.crashed();
    this.#soon = [];
    this.#commits = [];
    this.#laters = [];
    for (const connection of this.#connections) {
      connection.readyState = 3;
      connection.gate = [];
      connection.open = false;
    }
    for (const client of this.#clients) if (client.connection) this.#lost(client, "reconnecting");
    this.#connections = [];
    [this.#delivery, this.#log, this.#tables, this.#attendance] = this.#wake();
  }

  #purge(): void {
    this.#count("purge");
    this.#commit();
    this.#storage.deleteAll();
    this.#tables.forget();
    this.#delivery.forget();
    this.#attendance.forget();
    this.#commit();
    for (const connection of this.#connections) {
      connection.readyState = 3; // done with: nothing of it reaches the room
      connection.open = false;
    }
    for (const client of this.#clients) {
      this.#lost(client, "closed");
      this.#register.went(client.session.hello().session, true);
    }
  }

  // The network.

  #dial(client: Client): void {
    this.#sentAway(client);
    if (client.connection?.open || this.#step < client.awayUntil) return;
    client.session.away();
    const offer = parseOffer(helloProtocols(client.session.hello()).join(", "));
    if (!offer.hello) throw new Error("the hello cannot be read");
    const id = offer.hello.session;
    const older = this.#connections.filter((each) => each.id === id && each.readyState === 1);
    for (const other of older) other.close();
    const connection = connectionOf(id, this.#tells);
    client.connection = connection;
    this.#connections.push(connection);
    this.#pending.add(connection);
    const scope: Scope = { kind: "scope", outgoing: [{ item: JSON.stringify(["s", "seen", id]) }] };
    const { hello } = offer;
    this.#register.came(id);
    void this.#attendance.extended
      .entering(connection, older)
      .then(() =>
        this.#delivery.newcomers.push({ kind: "admit", socket: connection, hello, scope }),
      );
  }

  #carryUp({ connection }: Client): void {
    const frame = connection?.open ? connection.up.shift() : undefined;
    if (frame === undefined || !connection || connection.readyState !== 1) return;
    if (frame.startsWith('["p"')) this.#attendance.extended.frame(connection, frame, undefined);
    else void this.#delivery.receive(connection, frame);
  }

  #carryAllUp(client: Client): void {
    while (client.connection?.open && client.connection.up.length > 0) this.#carryUp(client);
  }

  #carryDown(client: Client): void {
    const { connection } = client;
    if (this.#step < client.slowUntil) return;
    const frame = connection?.open ? connection.down.shift() : undefined;
    this.#isHearing = true;
    if (frame !== undefined) client.session.receive(frame);
    this.#isHearing = false;
  }

  #drop(client: Client): void {
    if (!client.connection?.open) return;
    this.#count("drop");
    this.#leave(client);
    this.#ended(client.connection, 1006);
  }

  /** Closed by the app, for good; it may come back all the same. */
  #bye(client: Client): void {
    if (!client.connection?.open) return;
    this.#count("bye");
    this.#leave(client, "closed");
    this.#ended(client.connection, 1000);
  }

  /** The room has closed its connection. */
  #sentAway(client: Client): void {
    if (client.connection?.readyState !== 2) return;
    this.#count("sent away");
    this.#leave(client);
    this.#ended(client.connection, 4201);
  }

  /** The room hears that a connection has ended. */
  #ended(connection: Connection, code: number): void {
    connection.readyState = 3;
    this.#delivery.left(connection.id);
    this.#attendance.extended.left(connection, code);
  }

  /** The client is gone, and the room does not know. */
  #halfOpen(client: Client): void {
    if (!client.connection?.open) return;
    this.#count("half-open");
    this.#leave(client);
  }

  #leave(client: Client, state: "reconnecting" | "closed" = "reconnecting"): void {
    if (client.connection) client.connection.open = false;
    client.session.away();
    this.#lost(client, state);
  }

  /** A client that was connected is so no more, as it knows itself. */
  #lost(client: Client, state: "reconnecting" | "closed"): void {
    this.#register.went(client.session.hello().session, state === "closed");
    client.attendance.tell(state);
  }

  /** Time passes; the alarm rings. */
  async #pass(): Promise<void> {
    this.#clock.step();
    if (this.#wrong !== undefined) throw new Error(this.#wrong);
    await settle();
    const due = this.#attendance.due();
    if (due.length > 0) this.#delivery.perform(due);
    await settle();
  }

  /** A client shows something of itself. */
  #show({ attendance }: Client): void {
    attendance.presence.set({ n: (this.#keys += 1) });
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
      slowUntil: 0,
      sent: [],
      seen: [],
      from: 0,
      left: new Map(),
      session: this.#session(token, true, () => client),
      attendance: this.#mirror(() => client),
    };
    return client;
  }

  #mirror(client: () => Client): ClientAttendance {
    return new ClientAttendance(shape, this.#clock, {
      id: () => client().session.id,
      send: (text) => client().connection?.up.push(text),
      left: (id) => this.#wasTold(client(), id),
    });
  }

  /** A client that was there, or away for less than the grace, is told of real leavings alone. */
  #wasTold(client: Client, id: string): void {
    // Where it goes by its clock, what is on its way to it may say otherwise.
    const { down = [], gate = [] } = client.connection ?? {};
    const isBlind = !this.#isHearing && down.length + gate.length > 0;
    if (isBlind) return;
    const times = (client.left.get(id) ?? 0) + 1;
    client.left.set(id, times);
    const most = this.#register.mayHaveLeft(id);
    if (times > most) this.#wrong ??= `${id} has left ${most} times, and was told as left ${times}`;
  }

  #session(token: string, fresh: boolean, client: () => Client): Session {
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
      { shape, token, fresh, outbox: 1_000 },
      {
        transmit: (text) => client().connection?.up.push(text),
        welcomed: () => client().attendance.tell("connected"),
        replace: () => {
          throw new Error("a gap was seen");
        },
        hear: (name, value, meta) =>
          hear(name, value, meta.kind === "event" ? meta.seq : undefined),
        ask: () => undefined,
        resumed: ({ kind }) => resumed(kind),
        item: (item) => client().attendance.take(item),
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
    client.session = this.#session(session, false, () => client);
    client.from = 0;
    client.seen = [];
    client.attendance = this.#mirror(() => client);
    client.left = new Map();
  }

  /** Gone for long: the log may be trimmed meanwhile. */
  #goAway(client: Client): void {
    this.#count("long absence");
    this.#leave(client);
    client.awayUntil = this.#step + 100;
  }

  /** Reads nothing for a while. */
  #slowDown(client: Client): void {
    this.#count("slow");
    client.slowUntil = this.#step + 40 + Math.floor(this.#random() * 100);
  }

  #sendMany(client: Client): void {
    for (let i = 0; i < 40; i++) this.#send(client);
  }

  #send(client: Client): void {
    const name = nameBy(this.#random());
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
        Object.assign(client, { awayUntil: 0, slowUntil: 0 });
        this.#dial(client);
        while (client.connection?.open && client.connection.up.length > 0) this.#carryUp(client);
      }
      await settle();
      if (this.#isAbandoned) this.#crash("abandoned");
      for (const soon of this.#soon.splice(0)) soon();
      await settle();
      for (const later of this.#laters.splice(0)) later();
      await settle();
      if (this.#isAbandoned) this.#crash("abandoned");
      this.#commit();
      await settle();
      for (const client of this.#clients)
        while (client.connection?.open && client.connection.down.length > 0)
          this.#carryDown(client);
      await this.#pass();
    }
  }

  #judge(): void {
    judge({
      clients: this.#clients,
      durable: this.#book.close(),
      noted: notesIn(this.#storage.sql),
      done: this.#book.done,
      purges: this.#faults["purge"] ?? 0,
      sleeps: this.#faults["sleep"] ?? 0,
      present: Object.fromEntries(
        this.#clients.map(({ connection }) => {
          const part = connection?.part as { presence?: string } | undefined;
          return [connection?.id ?? "", part?.presence ?? "-"];
        }),
      ),
      hasDropped: this.#hasDropped,
      isLimited: this.#limits.rate.burst !== Infinity,
    });
  }
}
