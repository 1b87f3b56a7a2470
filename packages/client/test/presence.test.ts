// Presence on the client: what it knows, what it tells, and what it sends. Time is vitest's.
import { contract, type PresenceEntry, type Welcome } from "@greenroom/protocol";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { connect, type ConnectOptions, type RoomError } from "../src/index.ts";
import { type CrowdChange, presence, presenceEvery } from "../src/presence.ts";
import { FakeServer, type Peer } from "./fake-server.ts";

const chat = contract({
  name: "chat",
  presence: v.object({ x: v.number(), hue: v.optional(v.string()) }),
  profile: v.object({ name: v.string() }),
});

const join = (server: FakeServer, options: Partial<ConnectOptions> = {}) =>
  connect(chat, {
    host: "localhost:1",
    room: "lobby",
    WebSocket: server.WebSocket,
    ...options,
    use: [presence],
  });
let room: ReturnType<typeof join>;
/** Each change, as names of persons. */
let told: { joined?: string[]; changed?: string[]; left?: string[] }[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(async () => {
  room.close();
  await pass(1);
  if (vi.getTimerCount() > 0) throw new Error("a timer was left behind");
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A member; a person of its own where none is given. */
function entry(id: string, shown?: unknown, person = id): PresenceEntry {
  const bare = [id, person, 5, { name: person.toUpperCase() }] as const;
  return shown === undefined ? bare : [...bare, shown];
}

/** A server that lets in with a state; `me` is the client. */
function having(...states: { hold?: number; entries: PresenceEntry[] }[]): FakeServer {
  return new FakeServer((peer, index) => {
    peer.open();
    const { hold = 0, entries } = states[Math.min(index, states.length - 1)] ?? { entries: [] };
    peer.welcome(ME, ["p", "state", hold, ...entries]);
  });
}
const ME: Partial<Welcome> = { id: "me" };

async function start(server: FakeServer): Promise<void> {
  room = join(server);
  told = [];
  room.presence.watch((change) => told.push(namesOf(change)));
  await pass(1);
}

function namesOf({ joined, changed, left }: CrowdChange): (typeof told)[number] {
  const names = (people: readonly { id: string }[]) => people.map(({ id }) => id);
  return {
    ...(joined.length > 0 && { joined: names(joined) }),
    ...(changed.length > 0 && { changed: names(changed) }),
    ...(left.length > 0 && { left: names(left) }),
  };
}

const sees = (): unknown => Object.fromEntries(room.presence.people.map((p) => [p.id, p.presence]));
const sent = (peer: Peer): unknown[] => peer.frames;

/** Breaks the connection, and comes back after a moment. */
async function blip(server: FakeServer): Promise<void> {
  server.last.break();
  await pass(2_000);
}

describe("who is there", () => {
  test("[E2] [E12] is told by the state, then by diffs, with profiles", async () => {
    const server = having({ entries: [entry("ann", { x: 1 }), entry("me")] });
    await start(server);
    expect(told).toEqual([{ joined: ["ann", "me"] }]);
    expect(room.presence.people).toEqual([
      {
        id: "ann",
        profile: { name: "ANN" },
        presence: { x: 1 },
        connections: [{ id: "ann", presence: { x: 1 } }],
        isSelf: false,
      },
      {
        id: "me",
        profile: { name: "ME" },
        presence: undefined,
        connections: [{ id: "me", presence: undefined }],
        isSelf: true,
      },
    ]);
    server.last.send(["p", "diff", { joined: [entry("ben")], changed: [["ann", { x: 2 }]] }]);
    server.last.send(["p", "diff", { left: ["ann"] }]);
    expect(told.slice(1)).toEqual([{ joined: ["ben"], changed: ["ann"] }, { left: ["ann"] }]);
    expect(sees()).toEqual({ me: undefined, ben: undefined });
    expect(room.presence.members).toEqual([
      { id: "me", person: "me", profile: { name: "ME" }, presence: undefined },
      { id: "ben", person: "ben", profile: { name: "BEN" }, presence: undefined },
    ]);
  });

  test("[E3] diffs that come ahead of the state wait for it, and twice is once", async () => {
    const server = new FakeServer((peer) => {
      peer.open();
      peer.welcome(ME);
    });
    await start(server);
    const diff = ["p", "diff", { changed: [["ann", { x: 2 }]], left: ["ben"] }] as const;
    server.last.send(diff);
    expect(told).toEqual([]);
    server.last.send(["p", "state", 0, entry("ann", { x: 1 }), entry("ben"), entry("me")]);
    expect(told).toEqual([{ joined: ["ann", "me"] }]);
    expect(sees()).toEqual({ ann: { x: 2 }, me: undefined });
    server.last.send(diff);
    server.last.send(["p", "diff", { joined: [entry("ann", { x: 2 })] }]);
    expect(told).toHaveLength(1);
  });

  test("[E1] [F5] what cannot be read is passed over", async () => {
    const server = having({ entries: [entry("me")] });
    await start(server);
    for (const odd of [
      ["p"],
      ["p", "later", 1],
      ["p", "diff", { left: [1] }],
      ["p", "diff", null],
    ]) {
      server.last.text(JSON.stringify([odd]));
    }
    expect(room.status.state).toBe("connected");
    expect(told).toHaveLength(1);
  });

  test("[E10] a value that does not match is told as a fault, and what was seen stays", async () => {
    const server = having({ entries: [entry("ann", { x: 1 }), entry("me")] });
    await start(server);
    const faults: string[] = [];
    room.watch("fault", ({ code }) => faults.push(code));
    server.last.send(["p", "diff", { changed: [["ann", { x: "far" }]] }]);
    expect(faults).toEqual(["invalid"]);
    expect(sees()).toEqual({ ann: { x: 1 }, me: undefined });
  });

  test("[E11] several members of a person are one, which shows what was shown last", async () => {
    const server = having({
      entries: [entry("tab1", { x: 1 }, "ann"), entry("tab2", undefined, "ann"), entry("me")],
    });
    await start(server);
    expect(told).toEqual([{ joined: ["ann", "me"] }]);
    server.last.send(["p", "diff", { changed: [["tab2", { x: 2 }]] }]);
    server.last.send(["p", "diff", { changed: [["tab1", { x: 3 }]] }]);
    expect(room.presence.people[0]).toMatchObject({
      id: "ann",
      presence: { x: 3 },
      connections: [
        { id: "tab1", presence: { x: 3 } },
        { id: "tab2", presence: { x: 2 } },
      ],
    });
    server.last.send(["p", "diff", { left: ["tab1"] }]);
    expect(sees()).toEqual({ ann: { x: 2 }, me: undefined });
    server.last.send(["p", "diff", { left: ["tab2"] }]);
    expect(told.slice(1)).toEqual([
      { changed: ["ann"] },
      { changed: ["ann"] },
      { changed: ["ann"] },
      { left: ["ann"] },
    ]);
  });

  test("[E15] who has not changed stays the same object", async () => {
    const server = having({
      entries: [entry("ann", { x: 1 }), entry("ben", { x: 1 }), entry("me")],
    });
    await start(server);
    const { people, members } = room.presence;
    server.last.send(["p", "diff", { changed: [["ben", { x: 2 }]] }]);
    expect(room.presence.people).not.toBe(people);
    expect(room.presence.people[0]).toBe(people[0]);
    expect(room.presence.people[1]).not.toBe(people[1]);
    expect(room.presence.members[0]).toBe(members[0]);
    const after = room.presence.people;
    server.last.send(["p", "diff", { changed: [["ben", { x: 2 }]] }]);
    expect(room.presence.people).toBe(after);
    expect(told).toHaveLength(2);
  });

  test("[E15] what the room tells a member of itself, which it knows already, is not told", async () => {
    const server = having({ entries: [entry("me")] }, { hold: 9_000, entries: [entry("me")] });
    await start(server);
    room.presence.set({ x: 1 });
    const { people } = room.presence;
    const { length } = told;
    server.last.send(["p", "diff", { changed: [["me", { x: 1 }]] }]);
    server.last.send(["p", "diff", { changed: [["me", { x: 0 }]] }]);
    await blip(server);
    server.last.send(["p", "diff", { changed: [["me", { x: 1 }]] }]);
    expect(told).toHaveLength(length);
    expect(room.presence.people).toBe(people);
    server.last.send(["p", "diff", { joined: [entry("me", { x: 1 }, "somebody")] }]);
    expect(told.slice(length)).toEqual([{ joined: ["somebody"], left: ["me"] }]);
  });

  test("subscribers are called after each change, until they stop", async () => {
    const server = having({ entries: [entry("me")] });
    await start(server);
    let calls = 0;
    const stop = room.presence.subscribe(() => calls++);
    server.last.send(["p", "diff", { joined: [entry("ann")] }]);
    room.presence.set({ x: 1 });
    stop();
    server.last.send(["p", "diff", { left: ["ann"] }]);
    expect(calls).toBe(2);
  });
});

describe("coming back", () => {
  test("[E6] [E15] a reconnect to the same people tells nothing", async () => {
    const first = [entry("ann", { x: 1 }), entry("me")];
    const again = [["ann", "ann", 9, { name: "ANN" }, { x: 1 }], entry("me")] as PresenceEntry[];
    const server = having({ entries: first }, { entries: again });
    await start(server);
    const { people } = room.presence;
    await blip(server);
    expect(server.peers).toHaveLength(2);
    expect(room.status.state).toBe("connected");
    expect(told).toHaveLength(1);
    expect(room.presence.people).toBe(people);
  });

  test("the state tells who has left and come meanwhile, in one change", async () => {
    const server = having(
      { entries: [entry("ann", { x: 1 }), entry("ben"), entry("me")] },
      { entries: [entry("cay"), entry("ann", { x: 2 }), entry("me")] },
    );
    await start(server);
    await blip(server);
    expect(told.slice(1)).toEqual([{ joined: ["cay"], changed: ["ann"], left: ["ben"] }]);
  });

  test("[E8] after a crash nobody leaves, and nothing shown is forgotten, until the grace is over", async () => {
    const server = having(
      { entries: [entry("ann", { x: 1 }), entry("ben", { x: 2 }), entry("me")] },
      { hold: 15_000, entries: [entry("me")] },
    );
    await start(server);
    const { people } = room.presence;
    await blip(server);
    expect(told).toHaveLength(1);
    expect(room.presence.people).toBe(people);
    // Ann is back, first without, then with what she shows.
    server.last.send(["p", "diff", { joined: [entry("ann")] }]);
    server.last.send(["p", "diff", { changed: [["ann", { x: 1 }]] }]);
    expect(told).toHaveLength(1);
    await pass(12_999);
    expect(told).toHaveLength(1);
    await pass(2_001);
    expect(told.slice(1)).toEqual([{ left: ["ben"] }]);
    expect(sees()).toEqual({ ann: { x: 1 }, me: undefined });
  });

  test("[E8] who comes back and shows nothing any more is told so when the grace is over", async () => {
    const server = having(
      { entries: [entry("ann", { x: 1 }), entry("me")] },
      { hold: 15_000, entries: [entry("ann"), entry("me")] },
    );
    await start(server);
    await blip(server);
    expect(told).toHaveLength(1);
    await pass(15_000);
    expect(told.slice(1)).toEqual([{ changed: ["ann"] }]);
    expect(sees()).toEqual({ ann: undefined, me: undefined });
  });

  test("[E8] who leaves after a crash leaves at once", async () => {
    const server = having(
      { entries: [entry("ann", { x: 1 }), entry("ben", { x: 2 }), entry("me")] },
      { hold: 15_000, entries: [entry("ann"), entry("me")] },
      { hold: 13_000, entries: [entry("me")] },
    );
    await start(server);
    await blip(server);
    server.last.send(["p", "diff", { left: ["ann"] }]);
    expect(told.slice(1)).toEqual([{ left: ["ann"] }]);
    // Back once more, to a room that has its sockets.
    await blip(server);
    await pass(15_000);
    expect(told.slice(2)).toEqual([{ left: ["ben"] }]);
  });

  test("[E8] who was away for over a minute holds nobody", async () => {
    const server = having(
      { entries: [entry("ann", { x: 1 }), entry("me")] },
      { hold: 15_000, entries: [entry("me")] },
    );
    await start(server);
    vi.mocked(Math.random).mockReturnValue(1);
    const { last } = server;
    last.break();
    vi.setSystemTime(Date.now() + 60_000);
    await pass(25_000);
    expect(server.peers.length).toBeGreaterThan(1);
    expect(told.slice(1)).toEqual([{ left: ["ann"] }]);
  });

  test("closing forgets everybody, and own presence is kept for the next time", async () => {
    const server = having({ entries: [entry("ann"), entry("me")] });
    await start(server);
    room.presence.set({ x: 4 });
    room.close();
    expect(told.at(-1)).toEqual({ left: ["ann", "me"] });
    expect(room.presence.people).toEqual([]);
    expect(room.presence.get()).toEqual({ x: 4 });
    room.reconnect();
    await pass(100);
    expect(sent(server.last)).toEqual([["p", { x: 4 }]]);
    expect(sees()).toEqual({ ann: undefined, me: { x: 4 } });
  });
});

describe("own presence", () => {
  test("[E13] is shown at once here, and sent at most once an interval, the latest last", async () => {
    const server = having({ entries: [entry("me")] });
    await start(server);
    const at: number[] = [];
    const begin = Date.now();
    for (let ms = 0; ms < 200; ms += 4) {
      const before = sent(server.last).length;
      room.presence.set({ x: ms });
      expect(room.presence.get()).toEqual({ x: ms });
      expect(sees()).toEqual({ me: { x: ms } });
      await pass(4);
      if (sent(server.last).length > before) at.push(Date.now() - begin);
    }
    await pass(50);
    expect(sent(server.last)).toEqual([
      ["p", { x: 0 }],
      ["p", { x: 48 }],
      ["p", { x: 96 }],
      ["p", { x: 148 }],
      ["p", { x: 196 }],
    ]);
  });

  test("[E13] is sent after a welcome where the room does not have it, and only there", async () => {
    const server = having(
      { entries: [entry("me")] },
      { entries: [entry("me", { x: 1 })] },
      { hold: 15_000, entries: [entry("me")] },
    );
    await start(server);
    room.presence.set({ x: 1 });
    await pass(60);
    await blip(server);
    expect(sent(server.last)).toEqual([]);
    await blip(server);
    expect(sent(server.last)).toEqual([["p", { x: 1 }]]);
  });

  test("[E13] what was set while away is sent once, the latest", async () => {
    const server = having({ entries: [entry("me")] });
    room = join(server, { startClosed: true });
    told = [];
    room.presence.set({ x: 1 });
    room.presence.set({ x: 2 });
    expect(room.presence.people).toEqual([]);
    room.reconnect();
    await pass(100);
    expect(sent(server.last)).toEqual([["p", { x: 2 }]]);
    expect(sees()).toEqual({ me: { x: 2 } });
    room.presence.set({ x: 2 });
    await pass(100);
    expect(sent(server.last)).toHaveLength(1);
  });

  test("[E13] another interval may be asked for", async () => {
    const server = having({ entries: [entry("me")] });
    room = connect(chat, {
      host: "localhost:1",
      room: "lobby",
      WebSocket: server.WebSocket,
      use: [presenceEvery(500)],
    });
    told = [];
    await pass(1);
    room.presence.set({ x: 1 });
    room.presence.set({ x: 2 });
    await pass(499);
    expect(sent(server.last)).toEqual([["p", { x: 1 }]]);
    await pass(1);
    expect(sent(server.last)).toEqual([
      ["p", { x: 1 }],
      ["p", { x: 2 }],
    ]);
  });

  test("[E10] what does not match throws, and is not sent; the room's refusal is told", async () => {
    const server = having({ entries: [entry("me")] });
    await start(server);
    expect(() => room.presence.set({ x: "far" } as never)).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
    const faults: RoomError[] = [];
    room.watch("fault", (error) => faults.push(error));
    expect(sent(server.last)).toEqual([]);
    room.presence.set({ x: 12 });
    expect(sent(server.last)).toEqual([["p", { x: 12 }]]);
    server.last.send(["p", "fault", { code: "too-large" }]);
    expect(faults).toMatchObject([
      { code: "too-large", message: expect.stringContaining("has 8 bytes as JSON") },
    ]);
  });

  test("a contract without presence is refused", () => {
    const plain = contract({ name: "plain" });
    expect(() => connect(plain, { host: "localhost:1", room: "lobby", use: [presence] })).toThrow(
      expect.objectContaining({ code: "bad-option" }),
    );
    room = join(having({ entries: [] }));
  });
});
