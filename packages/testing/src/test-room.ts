/** `testRoom`: a room in the real runtime, held by a test. */
import type {
  AddedBy,
  ConnectOptions,
  Contract,
  ContractShape,
  Extension,
} from "@greenroom/client";
import { PING, roomPath } from "@greenroom/protocol";

import { type AlarmOutcome, type AlarmSource, alarmOf, behind, ringAlarm } from "./alarm.ts";
import type { RowsBySql, Spent } from "./expect-cost.ts";
import { look } from "./look.ts";
import { type Fetcher, Network } from "./network.ts";
import { noteWrites } from "./note-writes.ts";
import { plugin } from "./plugin.ts";
import { type RawSocket, rawSocket } from "./raw-socket.ts";
import { type TestClient, testClient } from "./test-client.ts";
import { afterThisTest, time } from "./time.ts";
import { realTimers, within } from "./waits.ts";

/** Options of `testRoom`. */
export interface TestRoomOptions {
  /** @default a name that no other room of the tests has */
  readonly name?: string;
  /**
   * The Worker through which clients come, as they do from outside: `exports.default` of
   * "cloudflare:workers". Its `authenticate` and its routes are then part of the test.
   * @default straight to the object
   */
  readonly through?: Fetcher;
  /** The room's kind in the Worker's routes. @default the contract's name; "room" for sockets and requests */
  readonly kind?: string;
  /** How long anything that a test waits for may take, in ms of the real clock. @default 4/5 of the test's time limit */
  readonly patience?: number;
}

/** Options of a test client: those of `connect`, all optional. */
export interface TestConnectOptions extends Omit<Partial<ConnectOptions>, "use"> {
  /** Headers of the handshake, as a cookie. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Options of a bare socket. */
export interface TestSocketOptions {
  /** After the room's own path: "?query" or "/more". */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** Whether it is not read until `network.flow()`: what the room sends waits there, as for a slow reader. @default false */
  readonly unread?: boolean;
  /** The room's kind, where sockets come through a Worker. @default that of the room */
  readonly kind?: string;
}

/** What there is of a room in storage. */
export interface Stored {
  /** Rows of all tables; 0 where there is not even a table. */
  readonly rows: number;
  readonly tables: readonly string[];
  /** Keys of the key-value storage. */
  readonly keys: number;
  /** When the platform rings next, in ms since 1970. */
  readonly alarm: number | null;
}

/** A room that a test holds. */
export class TestRoom<Instance extends Rpc.DurableObjectBranded | undefined> {
  readonly name: string;
  readonly #namespace: DurableObjectNamespace<Instance>;
  readonly #options: TestRoomOptions;
  readonly #clients = new Set<Pick<TestClient, "close">>();
  readonly #networks = new Set<Network>();
  readonly #alarm: AlarmSource;
  readonly #leave: () => void;
  /** Whether pings reach nobody but the platform: once known, it stays so. */
  #answersPings = false;
  #isClosed = false;

  /** Use `testRoom`. */
  constructor(namespace: DurableObjectNamespace<Instance>, name: string, options: TestRoomOptions) {
    this.name = name;
    this.#namespace = namespace;
    this.#options = options;
    this.#alarm = { stub: () => this.stub, retries: 0 };
    this.#leave = time.add(this);
  }

  /** Whether all of its clients are there, so that nobody is about to dial. */
  get isSteady(): boolean {
    return [...this.#networks].every(({ isSteady }) => isSteady);
  }

  /** Counts what has come to it. */
  get activity(): number {
    let activity = 0;
    for (const network of this.#networks) activity += network.activity;
    return activity;
  }

  /** How many frames have travelled, in both directions. */
  get #frames(): number {
    let frames = 0;
    for (const network of this.#networks) frames += network.frames;
    return frames;
  }

  /** A stub: a new one each time, because a crash breaks those that there are. */
  get stub(): DurableObjectStub<Instance> {
    return this.#namespace.getByName(this.name);
  }

  /** Connects a client and waits until it is in. Rejects when it is sent away. */
  async connect<Shape extends ContractShape, const Use extends readonly Extension[] = []>(
    contract: Contract<Shape>,
    options: TestConnectOptions & { readonly use?: Use } = {},
  ): Promise<TestClient<Shape> & AddedBy<Shape, Use>> {
    const client = this.dial(contract, options);
    await client.connected();
    return client;
  }

  /** Connects a client and does not wait: for one that is to be sent away, say. */
  dial<Shape extends ContractShape, const Use extends readonly Extension[] = []>(
    contract: Contract<Shape>,
    { headers, ...options }: TestConnectOptions & { readonly use?: Use } = {},
  ): TestClient<Shape> & AddedBy<Shape, Use> {
    const network = this.#network(headers);
    const client = testClient<Shape, Use>(
      contract,
      { ...this.clientOptions(network, this.#options.kind ?? contract.shape.name), ...options },
      network,
      this.#options.patience,
    );
    this.#clients.add(client);
    return client;
  }

  /** What a client of this room passes to `connect`, over a network of its own. */
  clientOptions(network: Network, kind: string = this.#kind): Omit<ConnectOptions, "use"> {
    return {
      host: "room.test",
      kind,
      room: this.name,
      WebSocket: network.WebSocket,
      clock: time.clock,
      // At once after a drop, and spread as if by the middle of all chances after a failure.
      random: () => (network.refused > 0 ? 0.5 : 0),
    };
  }

  /** Opens a bare WebSocket. Rejects with what the room answered when it does not take it. */
  open(options: TestSocketOptions = {}): Promise<RawSocket> {
    const { path = "", headers, protocols = [], kind = this.#kind, unread } = options;
    const url = `wss://room.test${roomPath(kind, this.name)}${path}`;
    const network = this.#network(headers);
    if (unread) network.unreadNext();
    return rawSocket(network, url, protocols, this.#options.patience);
  }

  /** A network of its own, with this room at the other end. */
  network(): Network {
    return this.#network();
  }

  /** A request to the room over HTTP; the path is what follows the room's own. */
  async fetch(path = "", init?: RequestInit): Promise<Response> {
    const url = `https://room.test${roomPath(this.#kind, this.name)}${path}`;
    const response = await this.#fetcher().fetch(new Request(url, init));
    // A body that no test reads would keep the request under way, and the room from being evicted.
    // Whoever does read it is told of its faults.
    if (response.body)
      void response
        .clone()
        .arrayBuffer()
        .catch(() => undefined);
    return response;
  }

  /** Runs something inside of the room. */
  async run<Result>(
    callback: (room: Inside<Instance>, state: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result> {
    const { runInDurableObject } = await plugin();
    return runInDurableObject(
      this.stub,
      (room, state) => callback(room as unknown as Inside<Instance>, state), // SAFETY: the stub's class
    );
  }

  /**
   * Takes the room out of memory, as the platform does whenever it likes. Sockets are kept, as when
   * it sleeps, or closed, as when it moves. What the room is doing ends first; `crash` waits for nothing.
   */
  async evict({ sockets = "keep" }: { readonly sockets?: "keep" | "close" } = {}): Promise<void> {
    const { evictDurableObject } = await plugin();
    await this.#look(() => undefined); // only what is in memory can be taken out
    await within(
      evictDurableObject(this.stub, {
        webSockets: sockets === "keep" ? "hibernate" : "close",
      }).catch((fault: unknown) => {
        // It has crashed meanwhile, or something else has evicted it.
        if (!String(fault).includes("not currently running")) throw fault;
      }),
      () =>
        `Room "${this.name}" is still doing something, as a handler that waits, or room.run, and was not evicted`,
      this.#options.patience,
    );
  }

  /** Lets the room die: what was not durable is gone, and every connection breaks. */
  async crash(): Promise<void> {
    const why = `crashed by a test: ${this.name}`;
    await this.run((_room, state) => state.abort(why)).catch((fault: unknown) => {
      if (!String(fault).includes(why)) throw fault;
    });
  }

  /** When the platform rings next, in ms since 1970; null for never. */
  alarm(): Promise<number | null> {
    return alarmOf(this.#alarm);
  }

  /**
   * Rings now, whenever the alarm is due; `time.advance` does it at its time. A room that fails is no
   * error here: what it threw is told, and the platform's next try is set.
   */
  ring(): Promise<AlarmOutcome> {
    return ringAlarm(this.#alarm);
  }

  /** What there is of the room in storage: after its end, nothing. */
  async stored(): Promise<Stored> {
    const alarm = await this.alarm();
    return this.#look(async (_room, { storage }) => {
      // Beside the room's own access to SQL, which may have it migrate first.
      const sql = <Row extends Record<string, SqlStorageValue>>(query: string): Row[] =>
        behind(storage.sql)
          .exec.call<SqlStorage, [string], SqlStorageCursor<Row>>(storage.sql, query)
          .toArray();
      const tables = sql<{ name: string }>(TABLES).map(({ name }) => name);
      let rows = 0;
      for (const name of tables) {
        for (const { n } of sql<{ n: number }>(`SELECT count(*) AS n FROM "${name}"`)) rows += n;
      }
      return { rows, tables, keys: (await storage.list()).size, alarm };
    });
  }

  /** What the room has cost since it woke, and since its epoch began: for `expectCost(room)`. */
  cost(): Promise<{ readonly wake: Spent; readonly epoch: Spent }> {
    type Costs = { cost(): { wake: Spent; epoch: Spent } };
    return this.#look((room) => (room as unknown as Costs).cost()); // SAFETY: every room has it
  }

  /** Begins to note which SQL writes rows: `expectCost(room)` does, and tells it of a price that is exceeded. */
  noteWrites(): Promise<RowsBySql> {
    return this.#look((_room, { storage }) => noteWrites(storage.sql));
  }

  /** Waits until what the room has sent has arrived at its clients. */
  async settle(): Promise<void> {
    if (this.#networks.size === 0) return;
    this.#answersPings ||= await this.#look(
      (_room, state) => state.getWebSocketAutoResponse()?.request === PING,
    );
    if (this.#answersPings) {
      await Promise.all([...this.#networks].map((network) => network.settle()));
    } else {
      // An object that is no room would take a ping for a message. It has been asked something, and
      // what it sent before the answer arrives in the turn after it.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /**
   * Waits until the room has done what it was told, as far as it needs no time to pass, and its
   * clients have heard of it. A handler that waits for something outside is not waited for.
   */
  async quiet(): Promise<void> {
    for (let heard = -1; heard !== this.#frames;) {
      heard = this.#frames;
      await this.settle();
      await this.#look(async (_room, { storage }) => {
        await new Promise((resolve) => setTimeout(resolve, 0)); // a burst is closed by such a timer
        await storage.sync();
      });
      await this.settle();
    }
  }

  /** Closes its clients and sockets; this happens by itself at the end of the test that has started it. */
  close(): void {
    this.#isClosed = true;
    this.#leave();
    for (const client of this.#clients) client.close();
    for (const network of this.#networks) network.down(); // bare sockets, too
    this.#clients.clear();
    this.#networks.clear();
  }

  /** As `run`, for what the kit itself wants to know: a room may die while it is looked at. */
  #look<Result>(
    callback: (room: DurableObject, state: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result> {
    return look(() => this.stub, callback);
  }

  get #kind(): string {
    return this.#options.kind ?? "room";
  }

  #network(headers?: Readonly<Record<string, string>>): Network {
    realTimers();
    if (this.#isClosed) {
      throw new Error(
        `Room "${this.name}" is closed: its test has ended, or has called room.close(). Is everything awaited?`,
      );
    }
    const network = new Network(() => this.#fetcher(), headers);
    this.#networks.add(network);
    return network;
  }

  #fetcher(): Fetcher {
    return this.#options.through ?? this.stub;
  }
}

/** An instance of the room's class. */
export type Inside<Instance> = Instance extends undefined ? DurableObject : Instance;

const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'";

let rooms = 0;

/**
 * Starts a room of this class, with a name of its own, and freezes time: see `time`.
 *
 * @example
 * ```ts
 * import { env } from "cloudflare:workers";
 * import { testRoom } from "@greenroom/testing/workers";
 * import { chat } from "./contract.ts";
 * const room = await testRoom(env.ChatRoom);
 * const anna = await room.connect(chat);
 * const ben = await room.connect(chat);
 * await anna.send("say", { text: "hello" });
 * await ben.next("said"); // { text: "hello" }
 * ```
 */
export async function testRoom<Instance extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<Instance>,
  options: TestRoomOptions = {},
): Promise<TestRoom<Instance>> {
  await plugin();
  if (typeof namespace?.getByName !== "function") {
    throw new TypeError(
      `testRoom takes a binding of a room's class, as env.ChatRoom, not ${typeof namespace}: is it in the wrangler configuration of the tests?`,
    );
  }
  rooms += 1;
  time.freeze();
  const room = new TestRoom(namespace, options.name ?? `test-${LIFE}-${rooms}`, options);
  afterThisTest(() => room.close());
  return room;
}

/** Tells apart the runs that share a storage. */
const LIFE = Math.random().toString(36).slice(2, 8);
