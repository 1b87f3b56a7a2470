import { describe, expect, test } from "vitest";

import { type Hello, type History, type LogSpan, resume } from "../src/index.ts";
import { Draw } from "./seeded.ts";

const at = (epoch: string | null, seq: number | null): Hello => ({
  session: "a-session-token-1",
  epoch,
  seq,
});
const FRESH: LogSpan = { epoch: null, tail: 1, head: 0 };
const WHOLE: LogSpan = { epoch: "E", tail: 1, head: 20 };
const TRIMMED: LogSpan = { epoch: "E", tail: 11, head: 20 };
const PURGED: LogSpan = { epoch: null, tail: 1, head: 0 };

describe("the answer to a position", () => {
  test.each<[string, Hello | undefined, LogSpan, History, string, number]>([
    ["H5", undefined, WHOLE, 0, "joined", 20],
    ["H5", at(null, null), WHOLE, 5, "joined", 15],
    ["H5", at(null, null), WHOLE, 50, "joined", 0],
    ["H5", at(null, null), TRIMMED, 50, "joined", 10],
    ["H5", at(null, null), WHOLE, "snapshot", "snapshot", 20],
    ["H5", at(null, null), FRESH, 50, "joined", 0],
    ["H6", at("E", 20), TRIMMED, 0, "resumed", 20],
    ["H6", at("E", 10), TRIMMED, 0, "resumed", 10],
    ["H6", at("E", 10), TRIMMED, "snapshot", "resumed", 10],
    ["H7", at("E", 9), TRIMMED, 0, "snapshot", 10],
    ["H7", at("E", 9), TRIMMED, "snapshot", "snapshot", 20],
    ["H7", at(null, 0), TRIMMED, 5, "snapshot", 10],
    ["H8", at("D", 15), TRIMMED, 5, "reset", 15],
    ["H8", at("E", 21), TRIMMED, 5, "reset", 15],
    ["H8", at("E", 20), PURGED, 5, "reset", 0],
    ["H8", at(null, 3), WHOLE, 0, "reset", 20],
    ["H8", at("D", 15), TRIMMED, "snapshot", "reset", 20],
    ["H9", at("D", 0), WHOLE, 0, "resumed", 0],
    ["H9", at(null, 0), WHOLE, 0, "resumed", 0],
    ["H9", at("E", 0), PURGED, 0, "resumed", 0],
  ])(
    "[H6] %s: %j meets %j with history %j: %s after %i",
    (_, hello, span, history, kind, after) => {
      expect(resume(hello, span, history)).toEqual({ kind, after });
    },
  );

  test("[H5] a client without a position gets the newest entries, or what a snapshot stands for", () => {
    expect(resume(undefined, WHOLE, 3)).toEqual({ kind: "joined", after: 17 });
    expect(resume(undefined, WHOLE, "snapshot")).toEqual({ kind: "snapshot", after: 20 });
  });

  test("[H8] a reset gives what a client without a position gets", () => {
    for (const history of [0, 5, 500, "snapshot"] as const) {
      expect(resume(at("D", 4), TRIMMED, history).after).toBe(
        resume(undefined, TRIMMED, history).after,
      );
    }
  });

  test("[H6] [H7] [H8] [H9] whatever meets whatever, nothing is skipped in silence, by seed", () => {
    for (let seed = 1; seed <= 5000; seed++) {
      const draw = new Draw(seed);
      const tail = 1 + draw.int(30);
      const head = tail - 1 + draw.int(30);
      const span: LogSpan = { epoch: head === 0 ? null : draw.pick(["D", "E"]), tail, head };
      const hello = at(draw.pick([null, "D", "E"]), draw.pick([null, 0, draw.int(70)]));
      const history = draw.pick<History>([0, 5, 100, "snapshot"]);
      const { kind, after } = resume(hello, span, history);
      const where = `seed ${seed}: ${JSON.stringify({ hello, span, history, kind, after })}`;
      // What follows is in the log, without a gap.
      expect(after, where).toBeGreaterThanOrEqual(tail - 1);
      expect(after, where).toBeLessThanOrEqual(head);
      if (kind === "resumed") {
        expect(after, where).toBe(hello.seq);
        expect(hello.seq === 0 || hello.epoch === span.epoch, where).toBe(true);
      }
      if (hello.seq === 0) expect(kind, where).not.toBe("reset");
      if (hello.seq === null) expect(kind, where).not.toBe("resumed");
      else expect(kind, where).not.toBe("joined");
    }
  });

  test("[H10] the answer knows no time", () => {
    expect(resume).toHaveLength(3);
    expect(resume(at("E", 12), TRIMMED, 0)).toEqual(resume(at("E", 12), TRIMMED, 0));
  });
});
