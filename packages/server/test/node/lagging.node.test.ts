// Rules Q12, Q16 and Q17 against a room in memory, where the test decides what was read.
import { expect, test } from "vitest";

import { Delivery } from "../../src/delivery.ts";
import type { Route } from "../../src/jobs.ts";
import { limitsOf } from "../../src/limits.ts";
import { logOptions } from "../../src/log-options.ts";
import { Log } from "../../src/log.ts";
import { Tables } from "../../src/tables.ts";
import { type Connection, connectionOf } from "./line.ts";
import { nodeStorage } from "./node-sql.ts";
import { keptWith } from "./world-limits.ts";

const LAG = 1_000;

const plain = (kind: Route["kind"], run: Route["run"]): Route => ({
  kind,
  isAsync: false,
  input: (value) => value,
  output: () => undefined,
  run,
});

/** A room of two members, of whom `b` reads only when the test takes its frames away. */
function roomOf(tells: boolean): {
  /** The room's instance: another after sleep. */
  readonly delivery: Delivery<Connection>;
  sleep(): void;
  a: Connection;
  b: Connection;
  /** What has come to `b` since it was asked for the last time. */
  read(): unknown[];
  say(text: string): Promise<void>;
  ring(): void;
} {
  const storage = nodeStorage();
  const tables = new Tables(storage.sql);
  const [a, b] = [connectionOf("a", tells), connectionOf("b", tells)];
  const limits = limitsOf({ lag: LAG, rate: false, roomRate: false });
  const timers: (() => void)[] = [];
  const pending = new Set<Connection>([a, b]);
  const wake = (): Delivery<Connection> =>
    new Delivery<Connection>({
      log: new Log(tables, logOptions({})),
      members: {
        all: () => [a, b].filter((each) => each.readyState === 1 && !pending.has(each)),
        count: () => 2,
        of: (id) => [a, b].find((each) => each.id === id && each.readyState === 1),
        idOf: ({ id }) => id,
        admit: (socket) => pending.delete(socket),
        isPending: (socket) => pending.has(socket),
        isReadOnly: () => false,
        isHeard: ({ readyState }) => readyState === 1,
      },
      history: 50,
      route: (name) =>
        name === "say"
          ? plain("message", (_, value) => {
              delivery.emit({ entry: JSON.stringify(["said", value, 0]) });
            })
          : plain("call", (_, size) => "x".repeat(size as number)),
      snapshot: () => undefined,
      transaction: (run) => storage.transactionSync(run),
      committed: () => Promise.resolve(),
      now: () => 0,
      soon: (call) => queueMicrotask(call),
      after: (_, call) => {
        timers.push(call);
        return () => undefined;
      },
      ...keptWith(limits, () => undefined),
      kind: "lagging",
      proven: 3,
      touches: () => storage.statements.length,
      abandon: () => undefined,
      report: (fault) => {
        throw fault;
      },
      wrote: () => undefined,
      settled: () => undefined,
    });
  let delivery = wake();
  let n = 0;
  return {
    get delivery() {
      return delivery;
    },
    sleep() {
      timers.length = 0;
      delivery = wake();
    },
    a,
    b,
    read: () => b.gate.splice(0).flatMap((frame) => JSON.parse(frame) as unknown[]),
    say: async (text) => delivery.receive(a, JSON.stringify(["m", (n += 1), "say", text])),
    ring: () => timers.splice(0).forEach((ring) => ring()),
  };
}

const letIn = ({ delivery, a, b }: ReturnType<typeof roomOf>): Promise<void> => {
  for (const each of [a, b]) {
    const scope = { kind: "scope" as const, outgoing: [] };
    delivery.newcomers.push({ kind: "admit", socket: each, hello: undefined, scope });
  }
  return Promise.resolve(); // what is answered by a microtask is, by then
};
/** Reads all that the room has for it, as its timers bring it. */
function readOn(room: ReturnType<typeof roomOf>): unknown[] {
  return Array.from({ length: 10 }, () => {
    room.ring();
    return room.read();
  }).flat();
}
const kinds = (items: unknown[]): unknown[] => items.map((item) => (item as unknown[])[0]);
const taken = [["a", 1]];

test("[Q12] what a lagging member is answered still reaches it", async () => {
  const room = roomOf(true);
  await letIn(room);
  room.read();
  for (let i = 0; i < 10; i++) await room.say("x".repeat(200));
  const before = room.b.gate.length;
  await room.delivery.receive(room.b, '["m",1,"say","mine"]');
  const frames = room.b.gate.slice(before).map((frame) => JSON.parse(frame) as unknown);
  expect(frames).toEqual([taken]);
  // Its own entry comes with all the others, when it has read.
  room.read();
  expect(JSON.stringify(readOn(room))).toContain("mine");
});

test("[Q15] who lags before sleep lags after it, from where it stopped", async () => {
  const room = roomOf(true);
  await letIn(room);
  for (let i = 0; i < 10; i++) await room.say("x".repeat(200));
  const waiting = room.b.gate.length;
  room.sleep();
  room.read();
  await room.say("after sleep");
  expect(room.b.gate).toEqual([]); // it lags, and has got nothing of what is new
  const items = readOn(room) as [string, number, ...unknown[]][];
  expect(items[0]?.slice(0, 2)).toEqual(["e", waiting]); // the first frame was the welcome
  expect(JSON.stringify(items)).toContain('"after sleep"');
  expect(room.b.behind).toBeUndefined();
});

test("[Q16] where the platform does not tell, the welcome asks the client to, and a quarter of `lag` is given free each time", async () => {
  const room = roomOf(false);
  await letIn(room);
  expect(room.read()[0]).toMatchObject(["w", { ack: LAG / 4 }]);
  for (let i = 0; i < 10; i++) await room.say("x".repeat(200));
  const first = room.read();
  const got = first.length;
  expect(got).toBeLessThan(8);
  room.ring();
  expect(room.read()).toEqual([]); // nothing was acknowledged
  for (let i = 0; i < 3; i++) await room.delivery.receive(room.b, `["k",${got}]`);
  expect(kinds(room.read())).toContain("e");
  for (let i = 0; i < 20; i++) await room.delivery.receive(room.b, '["k",9]');
  await room.say("live");
  expect(JSON.stringify(room.read())).toContain("live");
  // What acknowledges nothing is passed over.
  for (let i = 0; i < 20; i++) await room.delivery.receive(room.b, '["k",9]');
  expect(room.read()).toEqual([]);
  const told = roomOf(true);
  await letIn(told);
  expect((told.read()[0] as [string, object])[1]).not.toHaveProperty("ack");
});

test("[Q17] who has a mebibyte beyond `lag` unread and asks for more is answered `limited`, and closed where it asks again for what it was answered", async () => {
  const room = roomOf(true);
  await letIn(room);
  room.read();
  const ask = (n: number, size: number): Promise<void> | undefined =>
    room.delivery.receive(room.b, JSON.stringify(["c", n, "ask", size]));
  for (let n = 1; n <= 6; n++) await ask(n, 300_000);
  for (let i = 0; i < 8; i++) await room.say("x".repeat(200));
  const before = room.b.gate.length;
  await ask(7, 300_000);
  expect(room.b.gate.slice(before)).toEqual(['[["x",7,{"code":"limited","retryAfter":1000}]]']);
  await ask(6, 300_000);
  expect(room.b.readyState).toBe(2);
});
