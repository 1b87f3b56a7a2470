// The room's part of presence over sockets in memory: who reads slowly, persons, and limits.
import { contract, type PresenceEntry, type PresenceItem, readPresence } from "@greenroom/protocol";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

import type { Extended, ExtensionContext } from "../../src/extension.ts";
import { limitsOf, type LimitOptions } from "../../src/limits.ts";
import type { Socket } from "../../src/members.ts";
import { presence } from "../../src/presence.ts";
import { WorldClock } from "./attendance.ts";

const { shape } = contract({ presence: v.object({ text: v.string() }) });

interface FakeSocket extends Socket {
  readyState: number;
  bufferedAmount: number;
  readonly id: string;
  readonly user: string | undefined;
  part: unknown;
  readonly items: PresenceItem[];
  bytes: number;
}

class FakeRoom {
  readonly clock = new WorldClock();
  readonly sockets: FakeSocket[] = [];
  readonly extended: Extended<FakeSocket>;
  /** Timers that were set. */
  readonly set: string[] = [];

  constructor(secret = "room", limits: LimitOptions = {}) {
    const context: ExtensionContext<FakeSocket> = {
      secret,
      shape,
      limits: limitsOf(limits),
      members: {
        all: () => this.sockets.filter(({ readyState }) => readyState === 1),
        count: () => this.sockets.length,
        of: (id) => this.sockets.findLast((each) => each.id === id && each.readyState === 1),
        idOf: ({ id }) => id,
        admit: () => undefined,
        isPending: () => false,
        isReadOnly: () => false,
        isHeard: ({ readyState }) => readyState === 1,
      },
      timers: { set: (name) => this.set.push(name), cancel: () => undefined, pending: () => [] },
      sockets: () => this.sockets,
      part: (socket) => socket.part,
      keep: (socket, part) => (socket.part = part),
      userOf: ({ user }) => user,
      profileOf: () => undefined,
      report: () => "",
      before: () => [],
      now: () => this.clock.now(),
      after: (ms, call) => void this.clock.after(ms, call),
    };
    this.extended = presence().extend(context);
  }

  async join(id: string, user?: string): Promise<FakeSocket> {
    const socket: FakeSocket = {
      id,
      user,
      readyState: 1,
      bufferedAmount: 0,
      part: undefined,
      items: [],
      bytes: 0,
      send(frame) {
        this.bytes += frame.length;
        for (const item of JSON.parse(frame) as unknown[][]) {
          const read = readPresence(item);
          if (read) this.items.push(read);
        }
      },
      close() {
        this.readyState = 3;
      },
    };
    this.sockets.push(socket);
    await this.extended.entering(socket, []);
    socket.send(`[${this.extended.admitted(socket)}]`);
    return socket;
  }

  show(socket: FakeSocket, text: string): void {
    this.extended.frame(socket, JSON.stringify(["p", { text }]), undefined);
  }
}

const settle = async (): Promise<void> => {
  for (let n = 0; n < 5; n++) await Promise.resolve();
};

describe("members who read slowly", () => {
  test("[E14] are told less often, and everything at once when they have read", async () => {
    const room = new FakeRoom();
    const [a, slow] = [await room.join("a"), await room.join("slow")];
    room.clock.step();
    await settle();
    const { length } = slow.items;
    slow.bufferedAmount = 100_000;
    for (let n = 0; n < 20; n++) {
      room.show(a, `text ${n}`);
      room.clock.step();
      await settle();
    }
    expect(slow.items).toHaveLength(length);
    slow.bufferedAmount = 0;
    room.clock.step();
    await settle();
    expect(slow.items.slice(length)).toEqual([
      ["p", "state", 0, ["a", "a", 20_000, null, { text: "text 19" }], ["slow", "slow", 0, null]],
    ]);
    room.show(a, "last");
    room.clock.step();
    await settle();
    expect(slow.items.at(-1)).toEqual(["p", "diff", { changed: [["a", { text: "last" }]] }]);
  });
});

test("[E14] fifty members at 20 a second cost each at most 20 frames a second", async () => {
  const room = new FakeRoom();
  const members = await Promise.all(Array.from({ length: 50 }, (_, n) => room.join(`member ${n}`)));
  room.clock.step();
  await settle();
  const [first] = members as [FakeSocket];
  const before = { items: first.items.length, bytes: first.bytes };
  // A second, in which everybody shows something every 50 ms, each at a time of its own.
  for (let ms = 0; ms < 1_000; ms += 1) {
    members.forEach((member, n) => {
      if (ms % 50 === n) room.show(member, `${n} at ${ms}`);
    });
    room.clock.pass(1);
    await settle();
  }
  room.clock.pass(50);
  await settle();
  const frames = first.items.slice(before.items);
  expect(frames.length).toBeGreaterThanOrEqual(18);
  expect(frames.length).toBeLessThanOrEqual(22);
  const changed = frames.flatMap((item) => (item[1] === "diff" ? (item[2].changed ?? []) : []));
  expect(changed.filter(([id]) => id === "member 49")).toHaveLength(20);
  // One change is an id and a value: no more than 64 bytes here.
  expect(first.bytes - before.bytes).toBeLessThan(50 * 20 * 64);
});

test("[E7] a grace keeps nothing waiting in memory, and neither does a quiet room", async () => {
  const room = new FakeRoom();
  const [a, b] = [await room.join("a"), await room.join("b")];
  room.show(a, "hello");
  room.clock.step();
  await settle();
  b.readyState = 3;
  room.extended.left(b, 1006);
  await settle();
  expect(room.set).toEqual(["$leave/b"]);
  expect(room.clock.waiting).toBe(0);
});

describe("persons", () => {
  test("[E11] members of one user are one person, whose id tells nothing of the user", async () => {
    const room = new FakeRoom();
    const [one, other, alone] = [
      await room.join("one", "ann@example.com"),
      await room.join("other", "ann@example.com"),
      await room.join("alone"),
    ];
    const personOf = ({ items, id }: FakeSocket): string | undefined => {
      const entries = items.flatMap((item) => (item[1] === "state" ? item.slice(3) : []));
      return (entries as PresenceEntry[]).find(([member]) => member === id)?.[1];
    };
    expect(personOf(one)).toBe(personOf(other));
    expect(personOf(one)).toMatch(/^[\w-]{22}$/);
    expect(personOf(alone)).toBe("alone");
    const elsewhere = await new FakeRoom("another room").join("one", "ann@example.com");
    expect(personOf(elsewhere)).not.toBe(personOf(one));
  });

  test("[E11] [E6] who comes back as somebody else begins anew", async () => {
    const room = new FakeRoom();
    const [a, watcher] = [await room.join("a", "ann"), await room.join("watcher")];
    room.show(a, "of Ann");
    room.clock.step();
    await settle();
    a.readyState = 3;
    room.extended.left(a, 1006);
    await room.join("a", "ben");
    room.clock.step();
    await settle();
    const last = watcher.items.at(-1);
    const [, , diff] = last as Extract<PresenceItem, readonly ["p", "diff", unknown]>;
    expect(diff.joined?.[0]).toHaveLength(4);
    expect(diff.joined?.[0]?.[0]).toBe("a");
  });
});

test("[E10] [Q1] `limits.presence` is what a member may show", async () => {
  const room = new FakeRoom("room", { presence: 100 });
  const a = await room.join("a");
  room.show(a, "x".repeat(89));
  expect(a.items).toHaveLength(1);
  room.show(a, "x".repeat(90));
  room.show(a, "\u20ac".repeat(40));
  expect(a.items.slice(1)).toEqual([
    ["p", "fault", { code: "too-large" }],
    ["p", "fault", { code: "too-large" }],
  ]);
});
