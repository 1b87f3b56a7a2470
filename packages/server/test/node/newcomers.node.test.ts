// Who is let in waits for its welcome until its handshake was answered.
import { expect, test } from "vitest";

import { newcomersOf } from "../../src/newcomers.ts";

/** Newcomers of whom the sockets are letters, and whose handshakes are answered when the test says so. */
function room(): {
  come(socket: string): void;
  heard(socket: string): void;
  answer(): void;
  turns: string[];
} {
  const answered: (() => void)[] = [];
  const turns: string[] = [];
  const newcomers = newcomersOf<string>(
    { soon: (call) => void answered.push(call) },
    (jobs) => void turns.push(jobs.map(({ socket }) => socket).join("")),
  );
  return {
    turns,
    come: (socket) =>
      newcomers.push({
        kind: "admit",
        socket,
        hello: undefined,
        scope: { kind: "scope", outgoing: [] },
      }),
    heard: (socket) => newcomers.heard(socket),
    answer: () => answered.splice(0).forEach((call) => call()),
  };
}

test("[H12] those who come together are welcomed in one turn, when their handshakes were answered", () => {
  const { come, answer, turns } = room();
  for (const socket of "abc") come(socket);
  expect(turns).toEqual([]);
  answer();
  come("d");
  expect(turns).toEqual(["abc"]);
  answer();
  expect(turns).toEqual(["abc", "d"]);
});

test("[H12] of whom something is heard is welcomed at once, with all who wait, and only once", () => {
  const { come, heard, answer, turns } = room();
  come("a");
  come("b");
  heard("c");
  expect(turns).toEqual([]);
  heard("b");
  heard("b");
  heard("a");
  expect(turns).toEqual(["ab"]);
  come("c");
  answer();
  expect(turns.filter(Boolean)).toEqual(["ab", "c"]);
});
