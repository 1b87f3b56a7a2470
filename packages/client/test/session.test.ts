import { contract } from "@greenroom/protocol";
import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";

import type { Session } from "../src/index.ts";
import { Recorded, said, take } from "./recorded-session.ts";

let room: Recorded;
let session: Session;
let log: unknown[];
let sent: unknown[];

beforeEach(() => begin());

function begin(...options: ConstructorParameters<typeof Recorded>): void {
  room = new Recorded(...options);
  ({ session, log, sent } = room);
}

describe("the position", () => {
  test("[H5] a new session has no position", () => {
    expect(session.hello()).toMatchObject({
      session: "a-session-token-1",
      epoch: null,
      seq: null,
    });
  });

  test("[H1] each handshake has a higher number than the one before it, and the same life", () => {
    const [life, first] = session.hello().dial ?? [];
    expect(session.hello().dial).toEqual([life, (first ?? 0) + 1]);
    expect(life).toBeLessThan(2 ** 32);
  });

  test("[H1] a session is fresh until something was sent, whoever lets it in meanwhile", () => {
    expect(session.hello().fresh).toBeUndefined(); // its token may be an older page's
    begin(undefined, undefined, undefined, true);
    const isFresh = (): unknown => session.hello().fresh;
    expect(isFresh()).toBe(true);
    room.say("waits for the welcome");
    expect(isFresh()).toBe(true);
    session.away();
    begin(undefined, undefined, undefined, true);
    room.welcome();
    session.away();
    expect(isFresh()).toBe(true);
    room.say("waits");
    room.welcome();
    expect(sent).toHaveLength(1);
    expect(isFresh()).toBe(false);
  });

  test("[D12] entries are heard in order, and move the position", () => {
    room.welcome({ epoch: "E", seq: 4, head: 6 }, ["e", 5, said("a"), said("b")]);
    room.receive(["e", 7, said("c")]);
    expect(log).toEqual([
      ["welcomed", 0],
      ["joined", 2, undefined],
      ["said", { text: "a" }, 5],
      ["said", { text: "b" }, 6],
      ["said", { text: "c" }, 7],
    ]);
    expect(session.hello()).toMatchObject({ epoch: "E", seq: 7 });
  });

  test("[D12] an entry that was seen already is dropped", () => {
    room.welcome({ epoch: "E", seq: 4 }, ["e", 5, said("a"), said("b")]);
    room.receive(["e", 5, said("a"), said("b"), said("c")]);
    room.receive(["e", 6, said("b")]);
    expect(log.slice(2)).toEqual([
      ["said", { text: "a" }, 5],
      ["said", { text: "b" }, 6],
      ["said", { text: "c" }, 7],
    ]);
  });

  test("[D12] [H4] a frame that arrives twice has nothing given again: neither its epoch nor its welcome", () => {
    room.welcome({ epoch: null }, ["n", "E1"], ["e", 1, said("a")]);
    room.receive(["e", 2, said("b")]);
    room.receive(["n", "E1"], ["e", 1, said("a")]);
    room.welcome({ epoch: null }, ["n", "E1"], ["e", 1, said("a")]);
    expect(log).toEqual([
      ["welcomed", 0],
      ["joined", 0, undefined],
      ["said", { text: "a" }, 1],
      ["said", { text: "b" }, 2],
    ]);
    expect(session.hello()).toMatchObject({ epoch: "E1", seq: 2 });
  });

  test("[D11] behind a gap nothing counts until the next welcome", () => {
    room.welcome({ epoch: "E", seq: 1, head: 1 });
    const first = room.say("x");
    take(log);
    room.receive(["e", 3, said("c")], ["a", 1], ["s", "typing", "ann"]);
    room.receive(["e", 4, said("d")]);
    expect(log).toEqual([["replace"]]);
    expect(first.outcome).toBe("waits");
    expect(session.hello()).toMatchObject({ epoch: "E", seq: 1 });
    room.welcome({ epoch: "E", resume: "resumed", seq: 1, head: 4 }, [
      "e",
      2,
      said("b"),
      said("c"),
      said("d"),
    ]);
    expect(session.seq).toBe(4);
  });

  test("[H4] what comes before the welcome is passed over", () => {
    room.receive(["e", 1, said("a")], ["s", "typing", "ann"], ["q", 1, "name", null]);
    expect(log).toEqual([]);
    expect(session.seq).toBe(null);
  });

  test("[F2] an epoch that is minted after the welcome is learned", () => {
    room.welcome();
    expect(session.hello()).toMatchObject({ epoch: null, seq: 0 });
    room.receive(["n", "E1"], ["e", 1, said("a")]);
    expect(session.hello()).toMatchObject({ epoch: "E1", seq: 1 });
    expect(session.epoch).toBe("E1");
  });

  test("[H7] a snapshot is validated and told, and stands for what came before", () => {
    room.welcome({ epoch: "E", resume: "snapshot", seq: 90, head: 91, snapshot: { lines: 90 } }, [
      "e",
      91,
      said("a"),
    ]);
    expect(log.slice(1)).toEqual([
      ["snapshot", 1, { lines: 90 }],
      ["said", { text: "a" }, 91],
    ]);
  });

  test("[K1] a snapshot that does not match is a fault, and the rest goes on", () => {
    room.welcome({ epoch: "E", resume: "snapshot", seq: 90, head: 90, snapshot: "nonsense" });
    expect(log).toEqual([
      ["welcomed", 0],
      ["fault", "invalid"],
      ["snapshot", 0, undefined],
    ]);
  });

  test("[H8] after `reset` the position is of the new epoch", () => {
    room.welcome({ epoch: "E", seq: 0, head: 1 }, ["e", 1, said("a")]);
    session.away();
    take(log);
    room.welcome({ epoch: "F", resume: "reset", seq: 0, head: 1 }, ["e", 1, said("b")]);
    expect(log.slice(1)).toEqual([
      ["reset", 1, undefined],
      ["said", { text: "b" }, 1],
    ]);
    expect(session.hello()).toMatchObject({ epoch: "F", seq: 1 });
  });
});

describe("what is heard", () => {
  beforeEach(() => {
    room.welcome({ epoch: "E", seq: 0 });
    take(log);
  });

  test("[K2] values are given as their schema transforms them", () => {
    room.receive(["e", 1, ["when", "42", 5]], ["s", "typing", "ann"]);
    expect(log).toEqual([
      ["when", 42, 1],
      ["typing", "ann", "signal"],
    ]);
  });

  test("[K1] a value that does not match is a fault and is passed over; its seq counts", () => {
    room.receive(["e", 1, ["said", { text: 7 }, 5], said("b")], ["s", "typing", 7]);
    expect(log).toEqual([
      ["fault", "invalid"],
      ["said", { text: "b" }, 2],
      ["fault", "invalid"],
    ]);
    expect(session.seq).toBe(2);
  });

  test("[F5] a name of a later contract is a fault and is passed over", () => {
    room.receive(["e", 1, ["constructor", 1, 5], ["left", 1, 5], said("b")], ["s", "toString", 1]);
    expect(log).toEqual([
      ["fault", "unknown"],
      ["fault", "unknown"],
      ["said", { text: "b" }, 3],
      ["fault", "unknown"],
    ]);
  });

  test("[F4] a frame that cannot be read costs the connection, not the client", () => {
    session.receive("nonsense");
    expect(log).toEqual([["fault", "malformed"], ["replace"]]);
    room.receive(["e", 1, said("a")]);
    expect(session.seq).toBe(0);
  });

  test("[F6] a rejection of number 0 is told as a fault and rejects nothing", () => {
    const first = room.say("a");
    room.receive(["x", 0, { code: "malformed" }]);
    expect(log).toEqual([["fault", "malformed"]]);
    expect(first.outcome).toBe("waits");
  });

  test("[S12] a question is handed on as it came", () => {
    room.receive(["q", 3, "name", { a: 1 }]);
    expect(log).toEqual([["ask", 3, "name", { a: 1 }]]);
  });

  test("[B14] [K4] a schema that throws takes nothing else with it", () => {
    const boom = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => {
          throw new Error("boom");
        },
      },
    } as const;
    const bombs = contract({
      messages: { boom, say: v.string() },
      events: { boomed: boom, said: v.string() },
    });
    begin(9, bombs.shape);
    const bad = room.enqueue("m", "boom", 1);
    room.enqueue("m", "say", "a");
    room.welcome({ epoch: "E" }, ["e", 1, ["boomed", 1, 5], ["said", "b", 5]]);
    expect(bad.outcome).toBe("invalid");
    expect(sent).toEqual([["m", 1, "say", "a"]]);
    expect(log.slice(2)).toEqual([
      ["fault", "invalid"],
      ["said", "b", 2],
    ]);
  });
});
