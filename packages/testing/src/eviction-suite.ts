/** A suite that any room can be run through: evicted at every step, it gives the same answers. */
import { type Contract, type ContractShape, type Extension, RoomError } from "@greenroom/client";
import { chai, describe, expect, test } from "vitest";

import type { TestClient } from "./test-client.ts";
import {
  type TestConnectOptions,
  type TestRoom,
  testRoom,
  type TestRoomOptions,
} from "./test-room.ts";
import { time } from "./time.ts";

/**
 * What happens to the room after each step:
 * - `sleep`: it is taken out of memory, its sockets are kept;
 * - `move`: it is taken out of memory, its sockets are closed, as a deploy does;
 * - `crash`: it dies, and every connection breaks.
 */
export type Interruption = "sleep" | "move" | "crash";

/** What a step works with: the room, and each client by its name. */
export type Stage<
  Instance extends Rpc.DurableObjectBranded | undefined,
  Shape extends ContractShape,
  Name extends string,
> = { readonly room: TestRoom<Instance> } & { readonly [Each in Name]: TestClient<Shape> };

/** Options of `evictionSuite`. */
export interface EvictionSuiteOptions<
  Instance extends Rpc.DurableObjectBranded | undefined,
  Shape extends ContractShape,
  Name extends string,
> extends Omit<TestRoomOptions, "name"> {
  /** The binding of the room's class. */
  readonly room: DurableObjectNamespace<Instance>;
  readonly contract: Contract<Shape>;
  /** The clients, by name. */
  readonly clients: readonly Name[];
  /** What each passes to `connect`; what it uses, as presence, is there for the steps. */
  readonly connect?: (name: Name) => TestConnectOptions & { readonly use?: readonly Extension[] };
  /** What is done, one after the other; what a step gives, or rejects with, is compared. */
  readonly steps: readonly ((stage: Stage<Instance, Shape, Name>) => unknown)[];
  /** @default all three */
  readonly interruptions?: readonly Interruption[];
}

/** What can be seen of a step. */
export interface Seen {
  readonly step: number;
  readonly answer: unknown;
  /** What each client was given, up to here. */
  readonly came: Readonly<Record<string, readonly unknown[]>>;
}

const TITLES: Readonly<Record<Interruption, string>> = {
  sleep: "asleep after each step",
  move: "moved after each step, its sockets closed",
  crash: "crashed after each step",
};

/**
 * Adds tests that run the steps in a room that stays in memory, and again in one that does not, and
 * hold what the clients see against each other: answers, rejections and events, and where the
 * sockets are kept signals, too. Ids of members may differ; times do not, because time is virtual.
 *
 * @example
 * ```ts
 * import { env } from "cloudflare:workers";
 * import { evictionSuite } from "@greenroom/testing/workers";
 * import { chat } from "./contract.ts";
 * evictionSuite("a chat room", {
 *   room: env.ChatRoom,
 *   contract: chat,
 *   clients: ["anna", "ben"],
 *   steps: [
 *     ({ anna }) => anna.send("say", { text: "one" }),
 *     ({ ben }) => ben.send("say", { text: "two" }),
 *   ],
 * });
 * ```
 */
export function evictionSuite<
  Instance extends Rpc.DurableObjectBranded | undefined,
  Shape extends ContractShape,
  const Name extends string,
>(title: string, options: EvictionSuiteOptions<Instance, Shape, Name>): void {
  const { interruptions = ["sleep", "move", "crash"], steps } = options;
  if (steps.length < 2 || interruptions.length === 0) {
    throw new RangeError(
      `evictionSuite has ${steps.length} steps and ${interruptions.length} interruptions: it takes at least two steps and one interruption, because it compares what a step gives after the room was interrupted.`,
    );
  }
  const { clients } = options;
  if (new Set<string>([...clients, "room"]).size !== clients.length + 1) {
    throw new RangeError(
      `evictionSuite has the clients ${clients.join(", ")}: each takes a name of its own, and "room" is the room's.`,
    );
  }
  // oxlint-disable-next-line vitest/valid-title -- the suite is the user's
  describe(title, () => {
    test.each(interruptions.map((each) => [TITLES[each], each] as const))(
      "gives the same answers, %s",
      async (_title, interruption) => {
        const undisturbed = await seenIn(options);
        expect(undisturbed).toHaveLength(steps.length);
        const disturbed = await seenIn(options, interruption);
        holdAgainst(
          interruption === "sleep" ? undisturbed : undisturbed.map(eventsOnly),
          disturbed,
        );
      },
    );
  });
}

/** Throws at the first step that shows something else, and says what to do; exported for the kit's own tests. */
export function holdAgainst(undisturbed: readonly Seen[], disturbed: readonly Seen[]): void {
  for (const [index, expected] of undisturbed.entries()) {
    expect(
      disturbed[index],
      `Step ${expected.step} shows something else in a room that was interrupted before it. ` +
        "What a room keeps in fields is gone then: keep it in storage, and read it again where it is needed",
    ).toEqual(expected);
  }
}

/** What can be seen of the steps in a new room; exported for the kit's own tests. */
export async function seenIn<
  Instance extends Rpc.DurableObjectBranded | undefined,
  Shape extends ContractShape,
  Name extends string,
>(
  options: EvictionSuiteOptions<Instance, Shape, Name>,
  interruption?: Interruption,
): Promise<Seen[]> {
  const { contract, connect, steps } = options;
  time.freeze();
  time.freeze(START);
  const room = await testRoom(options.room, options);
  const clients = new Map<string, TestClient<Shape>>();
  for (const name of options.clients) {
    clients.set(name, await room.connect(contract, connect?.(name)));
  }
  // SAFETY: there is a client for each name.
  const stage = { room, ...Object.fromEntries(clients) } as Stage<Instance, Shape, Name>;
  // The room's own name is another one in each run, too: `time.advance` tells it.
  const named = new Map<string, { readonly id: string | undefined }>([
    ...clients,
    ...[...clients].map(([name, client]) => [`person of ${name}`, personOf(client)] as const),
    ["room", { id: room.name }],
  ]);
  const seen: Seen[] = [];
  for (const [index, step] of steps.entries()) {
    const answer = await answerOf(() => step(stage));
    await room.settle();
    const whole: Seen = {
      step: index + 1,
      answer: withoutIds(answer, named),
      came: Object.fromEntries(
        [...clients].map(([name, { came }]) => [name, came.map((each) => cameOf(each, named))]),
      ),
    };
    seen.push(interruption && interruption !== "sleep" ? eventsOnly(whole) : whole);
    if (interruption) await interrupt(room, [...clients.values()], interruption);
  }
  room.close();
  return seen;
}

/** The same moment for every run. */
const START = Date.UTC(2100, 0, 1, 12);

async function interrupt<Shape extends ContractShape>(
  room: Pick<TestRoom<undefined>, "evict" | "crash">,
  clients: readonly TestClient<Shape>[],
  interruption: Interruption,
): Promise<void> {
  if (interruption === "sleep") return room.evict();
  const back = clients
    .filter(({ status }) => status.state !== "closed")
    .map(async (client) => {
      await new Promise<void>((resolve) => {
        const stop = client.watch("status", ({ state }) => {
          if (state !== "connected" && state !== "closed") return;
          stop();
          resolve();
        });
      });
    });
  await (interruption === "crash" ? room.crash() : room.evict({ sockets: "close" }));
  await Promise.all(back);
}

async function answerOf(step: () => unknown): Promise<unknown> {
  try {
    const answer = await step();
    // What `expect` gives is no answer of the room.
    return answer instanceof chai.Assertion ? undefined : answer;
  } catch (fault) {
    if (!(fault instanceof RoomError)) throw fault;
    const { code, reason, issues } = fault;
    return { rejected: code, reason, issues };
  }
}

function cameOf(
  { name, kind, value, seq, at }: TestClient["came"][number],
  named: Named,
): { readonly kind: string } {
  return { kind, name, value: withoutIds(value, named), seq, at } as { kind: string };
}

function eventsOnly({ step, answer, came }: Seen): Seen {
  const isEvent = (each: unknown): boolean => (each as { kind: string }).kind === "event"; // SAFETY: made by cameOf
  const events = Object.entries(came).map(([name, all]) => [name, all.filter(isEvent)] as const);
  return { step, answer, came: Object.fromEntries(events) };
}

/** The person that a client is to others, where it uses presence: its id is made of the room's name. */
function personOf<Shape extends ContractShape>(
  client: TestClient<Shape>,
): { readonly id: string | undefined } {
  const { presence } = client as { readonly presence?: RoomPresence };
  let known: string | undefined;
  return {
    get id() {
      known ??= presence?.members.find(({ id }) => id === client.id)?.person;
      return known;
    },
  };
}

/** The part of presence that tells who a member is. */
interface RoomPresence {
  readonly members: readonly { readonly id: string; readonly person: string }[];
}

/** Clients, and the room, by their names in the suite. */
type Named = ReadonlyMap<string, { readonly id: string | undefined }>;

/** A value in which each member's id is its client's name: ids differ from room to room. */
function withoutIds(value: unknown, named: Named): unknown {
  if (typeof value === "string") {
    let text = value;
    for (const [name, { id }] of named) if (id) text = text.replaceAll(id, `<${name}>`);
    return text;
  }
  if (Array.isArray(value)) return value.map((each) => withoutIds(each, named));
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [withoutIds(key, named), withoutIds(each, named)]),
  );
}
