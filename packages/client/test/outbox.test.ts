import { contract } from "@greenroom/protocol";
import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";

import { RoomError, type Session } from "../src/index.ts";
import { WINDOW } from "../src/outbox.ts";
import { Recorded, said, shape, take } from "./recorded-session.ts";

let room: Recorded;
let session: Session;
let log: unknown[];
let sent: unknown[];

beforeEach(() => begin());

function begin(...options: ConstructorParameters<typeof Recorded>): void {
  room = new Recorded(...options);
  ({ session, log, sent } = room);
}

describe("the outbox", () => {
  test("[B6] [B7] nothing is transmitted before the welcome", () => {
    room.say("a");
    expect(sent).toEqual([]);
    room.welcome();
    expect(sent).toEqual([["m", 1, "say", { text: "a" }]]);
  });

  test("[D8] what is sent while away is transmitted in order, with rising numbers", () => {
    room.say("a");
    room.enqueue("c", "up", "b");
    room.say("c");
    room.enqueue("c", "now");
    room.welcome({ n: 41 });
    expect(sent).toEqual([
      ["m", 42, "say", { text: "a" }],
      ["c", 43, "up", "b"],
      ["m", 44, "say", { text: "c" }],
      ["c", 45, "now"],
    ]);
  });

  test("[D8] one more than `outbox` is rejected, and room is made by answers", () => {
    begin(3);
    room.welcome();
    const waiting = [room.say("a"), room.say("b"), room.say("c")];
    expect(room.say("d").outcome).toBe("outbox-full");
    room.receive(["a", 2]);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(["taken", "taken", "waits"]);
    expect(room.say("e").outcome).toBe("waits");
    expect(sent.at(-1)).toEqual(["m", 4, "say", { text: "e" }]);
  });

  test("[K1] a value that does not match is rejected at once and not queued", () => {
    expect(room.say("").outcome).toBe("invalid");
    expect(room.enqueue("c", "up", 7).outcome).toBe("invalid");
    room.welcome();
    expect(sent).toEqual([]);
  });

  test("[K2] what leaves is the value as it was given, for the room transforms it", () => {
    room.welcome();
    room.enqueue("m", "mark", 7);
    expect(sent).toEqual([["m", 1, "mark", 7]]);
  });

  test("[B14] a value that JSON cannot have is rejected alone", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const bad = [room.enqueue("m", "raw", cycle), room.enqueue("m", "raw", 1n)];
    const good = room.enqueue("m", "raw", "fine");
    room.welcome();
    expect(bad.map(({ outcome }) => outcome)).toEqual(["invalid", "invalid"]);
    expect(sent).toEqual([["m", 1, "raw", "fine"]]);
    expect(good.outcome).toBe("waits");
  });

  test("[L7] a value over 1 MiB of UTF-8 is rejected before it is queued", () => {
    const largest = "x".repeat(1024 * 1024 - 2);
    expect(room.enqueue("m", "raw", largest).outcome).toBe("waits");
    expect(room.enqueue("m", "raw", `${largest}x`).outcome).toBe("too-large");
    expect(room.enqueue("m", "raw", "\u20ac".repeat(349_525)).outcome).toBe("too-large");
    expect(room.enqueue("m", "raw", "\u20ac".repeat(349_524)).outcome).toBe("waits");
  });

  test("[S6] a name that the contract has not is rejected", () => {
    expect(room.enqueue("m", "shout", 1).outcome).toBe("unknown");
    expect(room.enqueue("m", "constructor", 1).outcome).toBe("unknown");
    expect(room.enqueue("m", "up", "a").outcome).toBe("unknown");
    expect(room.enqueue("c", "say", { text: "a" }).outcome).toBe("unknown");
  });

  test("[D8] later changes to a value do not count", () => {
    const value = { text: "before" };
    room.enqueue("m", "say", value);
    value.text = "after";
    room.welcome();
    expect(sent).toEqual([["m", 1, "say", { text: "before" }]]);
  });

  test("[D15] what was not sent yet is not sent when it is given up", () => {
    const settler = { resolve: () => undefined, reject: () => undefined };
    session.enqueue("m", "say", { text: "a" }, settler);
    room.say("b");
    session.cancel(settler);
    room.welcome();
    expect(sent).toEqual([["m", 1, "say", { text: "b" }]]);
  });

  test("[D15] what was sent is not sent again when it is given up", () => {
    const settler = { resolve: () => undefined, reject: () => undefined };
    room.welcome();
    session.enqueue("m", "say", { text: "a" }, settler);
    room.say("b");
    session.cancel(settler);
    session.away();
    take(sent);
    room.welcome();
    expect(sent).toEqual([["m", 2, "say", { text: "b" }]]);
  });
});

describe("answers", () => {
  beforeEach(() => room.welcome());

  test("[S3] `a` takes all messages up to its number, and no call", () => {
    const notes = [room.say("a"), room.enqueue("c", "up", "b"), room.say("c"), room.say("d")];
    room.receive(["a", 3]);
    expect(notes.map(({ outcome }) => outcome)).toEqual(["taken", "waits", "taken", "waits"]);
    room.receive(["v", 2, "B"]);
    expect(notes[1]?.outcome).toBe("B");
  });

  test("[S3] what is rejected in the same frame is not taken, in any order", () => {
    const notes = [room.say("a"), room.say("b"), room.say("c")];
    room.receive(["a", 3], ["x", 2, { code: "refused", reason: "no" }]);
    expect(notes.map(({ outcome }) => outcome)).toEqual(["taken", "refused", "taken"]);
  });

  test("[K1] an answer that does not match rejects its call", () => {
    const call = room.enqueue("c", "up", "b");
    room.receive(["v", 1, 7]);
    expect(call.outcome).toBe("invalid");
  });

  test("[S5] a rejection carries what the room says of it", () => {
    let error: RoomError | undefined;
    session.enqueue(
      "m",
      "say",
      { text: "a" },
      { resolve: () => undefined, reject: (why) => (error = why) },
    );
    const issues = [{ message: "too long", path: "text" }];
    room.receive(["x", 1, { code: "limited", id: "i", reason: "r", issues, retryAfter: 7 }]);
    expect(error).toBeInstanceOf(RoomError);
    expect(error).toMatchObject({ code: "limited", id: "i", reason: "r", issues, retryAfter: 7 });
  });

  test("[F5] a rejection with a code of a later version is a rejection", () => {
    const first = room.say("a");
    session.receive(`[["x",1,{"code":"of-tomorrow"}]]`);
    expect(first.outcome).toBe("failed");
  });

  test("[S3] answers to what nobody waits for are passed over", () => {
    room.receive(["v", 9, "x"], ["x", 8, { code: "failed" }], ["a", 7]);
    expect(log.slice(2)).toEqual([]);
  });

  test("[S3] at most 32 calls are under way, and what is behind them waits its turn", () => {
    for (let n = 1; n <= 33; n++) room.enqueue("c", "up", String(n));
    room.say("behind");
    expect(sent).toHaveLength(32);
    room.receive(["v", 7, "x"]);
    expect(sent.slice(32)).toEqual([
      ["c", 33, "up", "33"],
      ["m", 34, "say", { text: "behind" }],
    ]);
  });

  test("[D9] at most 1,024 items are under way", () => {
    begin(5000);
    room.welcome();
    for (let n = 1; n <= WINDOW + 5; n++) room.say(String(n));
    expect(sent).toHaveLength(1024);
    room.receive(["a", 3]);
    expect(sent).toHaveLength(1027);
  });
});

describe("coming back", () => {
  beforeEach(() => {
    room.welcome({ epoch: "E" });
    take(log);
  });

  test("[D9] what was sent and not answered is sent again in order with the same numbers", () => {
    const notes = [room.say("a"), room.enqueue("c", "up", "b"), room.say("c")];
    room.receive(["a", 1]);
    session.away();
    const late = room.say("d");
    take(sent);
    room.welcome({ epoch: "E", resume: "resumed", n: 2 });
    expect(sent).toEqual([
      ["c", 2, "up", "b"],
      ["m", 3, "say", { text: "c" }],
      ["m", 4, "say", { text: "d" }],
    ]);
    room.receive(["v", 2, "B"], ["a", 4]);
    expect([...notes, late].map(({ outcome }) => outcome)).toEqual([
      "taken",
      "B",
      "taken",
      "taken",
    ]);
  });

  test("[D9] what a listener sends at the welcome comes after what was sent before", () => {
    begin(9, contract({ messages: { say: v.string() } }).shape, {
      welcomed: () => room.enqueue("m", "say", "in welcomed"),
      resumed: () => room.enqueue("m", "say", "in resumed"),
    });
    room.enqueue("m", "say", "before");
    room.welcome();
    expect(sent).toEqual([
      ["m", 1, "say", "before"],
      ["m", 2, "say", "in welcomed"],
      ["m", 3, "say", "in resumed"],
    ]);
  });

  test("[D9] numbers go on above the room's, where another page of the session has sent", () => {
    room.say("a");
    session.away();
    take(sent);
    room.welcome({ epoch: "E", resume: "resumed", n: 20 });
    room.say("b");
    expect(sent).toEqual([
      ["m", 1, "say", { text: "a" }],
      ["m", 21, "say", { text: "b" }],
    ]);
  });

  test("[D10] after `reset` the sent are unknown and the unsent are sent", () => {
    const unknown = [room.say("a"), room.enqueue("c", "up", "b")];
    session.away();
    const unsent = room.say("c");
    take(sent);
    room.welcome({ epoch: "F", resume: "reset" });
    expect(unknown.map(({ outcome }) => outcome)).toEqual(["outcome-unknown", "outcome-unknown"]);
    expect(sent).toEqual([["m", 1, "say", { text: "c" }]]);
    room.receive(["a", 1]);
    expect(unsent.outcome).toBe("taken");
  });

  test("[D10] calls that a reset has ended leave room for new ones", () => {
    for (let n = 1; n <= 32; n++) room.enqueue("c", "up", "old");
    session.away();
    take(sent);
    room.welcome({ epoch: "F", resume: "reset" });
    for (let n = 1; n <= 32; n++) room.enqueue("c", "up", "new");
    expect(sent).toHaveLength(32);
  });

  test("[D10] another epoch takes the marks even where nothing of the log was missed", () => {
    // At seq 0 a client is resumed under any epoch (H9), and the purge took its marks all the same.
    const unknown = room.say("a");
    session.away();
    take(sent);
    room.welcome({ epoch: "F", resume: "resumed" });
    expect(unknown.outcome).toBe("outcome-unknown");
    expect(sent).toEqual([]);
  });

  test("[D9] the first epoch of a room is no other epoch", () => {
    begin(9);
    room.welcome({ epoch: null });
    room.say("a");
    session.away();
    take(sent);
    room.welcome({ epoch: "E", resume: "resumed" });
    expect(sent).toEqual([["m", 1, "say", { text: "a" }]]);
  });
});

describe("the end", () => {
  test("[D13] closing rejects what waits and what comes later, until it is opened", () => {
    room.welcome();
    const notes = [room.say("a")];
    session.away();
    notes.push(room.say("b"));
    session.end(new RoomError("expired"));
    notes.push(room.say("c"));
    expect(notes.map(({ outcome }) => outcome)).toEqual(["expired", "expired", "expired"]);
    session.open();
    expect(room.say("d").outcome).toBe("waits");
    take(sent);
    room.welcome({ epoch: "F" });
    expect(sent).toEqual([["m", 1, "say", { text: "d" }]]);
  });

  test("[D12] an app that closes in a listener is told nothing of what follows, and resumes there", () => {
    begin(9, shape, {
      hear: (name, value) => {
        log.push([name, value]);
        session.end(new RoomError("closed"));
      },
    });
    room.welcome({ epoch: "E", seq: 0, head: 2 }, ["e", 1, said("a"), said("b")]);
    expect(log.slice(2)).toEqual([["said", { text: "a" }]]);
    expect(session.hello()).toMatchObject({ epoch: "E", seq: 1 });
  });
});
