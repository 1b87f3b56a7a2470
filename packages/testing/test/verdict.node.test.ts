// Fabricated histories: one that is right, and each way in which one can be wrong.
import { judge, type HeardEntry, type HeardResume, type SentMessage } from "@greenroom/testing";
import { expect, test } from "vitest";

const EPOCH = "one";

/** Messages that were all taken. */
const taken = (...keys: string[]): SentMessage[] => keys.map((key) => ({ key, outcome: "taken" }));
const joined = (seq = 0): HeardResume => ({ resume: "joined", seq, epoch: null });
const resumed = (seq: number): HeardResume => ({ resume: "resumed", seq, epoch: EPOCH });
const snapshot = (seq: number): HeardResume => ({ resume: "snapshot", seq, epoch: EPOCH });
/** Entries from a seq on. */
const entries = (seq: number, ...keys: string[]): HeardEntry[] =>
  keys.map((key, index) => ({ seq: seq + index, epoch: EPOCH, key }));

const RIGHT = { lost: 0, duplicated: 0, reordered: 0 };

test("a history in which everybody was given everything is right", () => {
  const verdict = judge({
    clients: [
      { sent: taken("a1", "a2"), heard: [joined(), ...entries(1, "a1", "b1", "a2")] },
      {
        sent: taken("b1"),
        heard: [joined(), ...entries(1, "a1"), resumed(1), ...entries(2, "b1", "a2")],
      },
    ],
    carriedOut: ["a1", "b1", "a2"],
  });
  expect(verdict).toEqual({ sent: 3, taken: 3, delivered: 6, ...RIGHT, faults: [] });
});

test("a taken message that is in no log is lost", () => {
  const verdict = judge({
    clients: [{ sent: taken("a1", "a2"), heard: [joined(), ...entries(1, "a1")] }],
  });
  expect(verdict).toMatchObject({
    ...RIGHT,
    lost: 1,
    faults: ["lost: a2 was taken, and is not in the log"],
  });
});

test("a taken message that the room's storage does not know is lost, though it was published", () => {
  const verdict = judge({
    clients: [{ sent: taken("a1"), heard: [joined(), ...entries(1, "a1")] }],
    carriedOut: [],
  });
  expect(verdict).toMatchObject({ ...RIGHT, lost: 1 });
});

test("a message that was never answered is lost", () => {
  const verdict = judge({
    clients: [{ sent: [{ key: "a1" }], heard: [joined(), ...entries(1, "a1")] }],
  });
  expect(verdict).toMatchObject({ ...RIGHT, taken: 0, lost: 1 });
});

test("an entry that one client was not given is lost", () => {
  const verdict = judge({
    clients: [
      { sent: taken("a1", "a2", "a3"), heard: [joined(), ...entries(1, "a1", "a2", "a3")] },
      { sent: [], heard: [joined(), ...entries(1, "a1"), ...entries(3, "a3")] },
    ],
  });
  expect(verdict).toMatchObject({
    ...RIGHT,
    lost: 1,
    faults: ["lost: client 1 was given entry 3 after 1"],
  });
});

test("entries that a client was resumed behind are lost", () => {
  const verdict = judge({
    clients: [
      { sent: taken("a1", "a2", "a3"), heard: [joined(), ...entries(1, "a1", "a2", "a3")] },
      { sent: [], heard: [joined(), ...entries(1, "a1"), resumed(2), ...entries(3, "a3")] },
    ],
  });
  expect(verdict).toMatchObject({ ...RIGHT, lost: 1 });
});

test("what follows the last entry of a client that stayed behind is lost", () => {
  const verdict = judge({
    clients: [
      { sent: taken("a1", "a2", "a3"), heard: [joined(), ...entries(1, "a1", "a2", "a3")] },
      { sent: [], heard: [joined(), ...entries(1, "a1")] },
    ],
  });
  expect(verdict).toMatchObject({ ...RIGHT, lost: 2 });
});

test("a client that was told `snapshot` has lost nothing, and what it skipped is known from others", () => {
  const verdict = judge({
    clients: [
      { sent: taken("a1", "a2", "a3"), heard: [joined(), ...entries(1, "a1", "a2", "a3")] },
      { sent: [], heard: [joined(), ...entries(1, "a1"), snapshot(2), ...entries(3, "a3")] },
    ],
  });
  expect(verdict).toMatchObject({ ...RIGHT, delivered: 5 });
});

test("what everybody was told to skip may have been any message that was taken", () => {
  const heard = [joined(), ...entries(1, "a1"), snapshot(2), ...entries(3, "a3")];
  const verdict = judge({ clients: [{ sent: taken("a1", "a2", "a3"), heard }] });
  expect(verdict).toMatchObject(RIGHT);
  const more = judge({ clients: [{ sent: taken("a1", "a2", "a3", "a4"), heard }] });
  expect(more).toMatchObject({ ...RIGHT, lost: 1 });
});

test("a message that is in the log twice is duplicated, once however many witnesses there are", () => {
  const heard = [joined(), ...entries(1, "a1", "a1")];
  const verdict = judge({
    clients: [
      { sent: taken("a1"), heard },
      { sent: [], heard },
    ],
    carriedOut: ["a1", "a1"],
  });
  expect(verdict).toMatchObject({
    ...RIGHT,
    duplicated: 1,
    faults: ["duplicated: a1 is 2 times in the log"],
  });
});

test("a message that was carried out twice is duplicated, though it was published once", () => {
  const verdict = judge({
    clients: [{ sent: taken("a1"), heard: [joined(), ...entries(1, "a1")] }],
    carriedOut: ["a1", "a1"],
  });
  expect(verdict).toMatchObject({ ...RIGHT, duplicated: 1 });
});

test("an entry that a client was given twice is duplicated", () => {
  const verdict = judge({
    clients: [
      {
        sent: taken("a1", "a2"),
        heard: [joined(), ...entries(1, "a1", "a2"), resumed(1), ...entries(2, "a2")],
      },
    ],
  });
  expect(verdict).toMatchObject({ ...RIGHT, duplicated: 1 });
});

test("a message that was refused and carried out, or that nobody sent, is duplicated", () => {
  const verdict = judge({
    clients: [
      { sent: [{ key: "a1", outcome: "refused" }], heard: [joined(), ...entries(1, "a1", "x1")] },
    ],
  });
  expect(verdict).toMatchObject({ ...RIGHT, duplicated: 2 });
});

test("a message of which nobody claims to know may have been carried out, or not", () => {
  const sent = ["timeout", "outcome-unknown"].map((outcome, n) => ({ key: `a${n}`, outcome }));
  const verdict = judge({ clients: [{ sent, heard: [joined(), ...entries(1, "a0")] }] });
  expect(verdict).toMatchObject({ ...RIGHT, sent: 2, taken: 0 });
});

test("messages of one client in another order than they were sent are reordered", () => {
  const verdict = judge({
    clients: [{ sent: taken("a1", "a2"), heard: [joined(), ...entries(1, "a2", "a1")] }],
  });
  expect(verdict).toMatchObject({ ...RIGHT, reordered: 1 });
});

test("entries that two clients know in another order are reordered", () => {
  const verdict = judge({
    clients: [
      { sent: taken("a1"), heard: [joined(), ...entries(1, "a1", "b1")] },
      { sent: taken("b1"), heard: [joined(), ...entries(1, "b1", "a1")] },
    ],
  });
  expect(verdict.reordered).toBeGreaterThan(0);
  expect(verdict.faults).toContain("reordered: entry 1 is a1 for client 0 and b1 for client 1");
});

test("an entry that was given late is reordered, and not only missing where it belongs", () => {
  const heard = [joined(), ...entries(1, "a1"), ...entries(3, "a3"), ...entries(2, "a2")];
  const verdict = judge({ clients: [{ sent: taken("a1", "a2", "a3"), heard }] });
  expect(verdict).toMatchObject({ lost: 1, duplicated: 0, reordered: 1 });
});

test("a room that began anew is told apart from one that forgot", () => {
  const reset: HeardResume = { resume: "reset", seq: 0, epoch: "two" };
  const after: HeardEntry = { seq: 1, epoch: "two", key: "a2" };
  const verdict = judge({
    clients: [{ sent: taken("a1", "a2"), heard: [joined(), ...entries(1, "a1"), reset, after] }],
  });
  expect(verdict).toMatchObject(RIGHT);
  const forgot = { ...reset, epoch: EPOCH };
  const wrong = judge({
    clients: [
      {
        sent: taken("a1", "a2"),
        heard: [joined(), ...entries(1, "a1"), forgot, ...entries(1, "a2")],
      },
    ],
  });
  expect(wrong.lost + wrong.reordered).toBeGreaterThan(0);
});

test("who has left is owed nothing more, and who was told to begin anew is owed nothing of before", () => {
  const whole = { sent: taken("a1", "a2"), heard: [joined(), ...entries(1, "a1", "a2")] };
  const half = [joined(), ...entries(1, "a1")];
  const anew: HeardResume = { resume: "reset", seq: 0, epoch: null };
  expect(judge({ clients: [whole, { sent: [], heard: half }] })).toMatchObject({ lost: 1 });
  expect(judge({ clients: [whole, { sent: [], heard: half, left: true }] })).toMatchObject(RIGHT);
  expect(judge({ clients: [whole, { sent: [], heard: [...half, anew] }] })).toMatchObject(RIGHT);
});
