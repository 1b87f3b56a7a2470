// Rule S5: a handler that has proved itself has no savepoint, in no instance of its room's class.
import { expect, test } from "vitest";

import { Savepoints } from "../../src/savepoints.ts";

/** An instance of a room of class `kind`; counts its savepoints. */
function instanceOf(kind: string) {
  const seen = { savepoints: 0, touches: 0, abandoned: 0 };
  const savepoints = new Savepoints({
    kind,
    proven: 3,
    touches: () => seen.touches,
    abandon: () => {
      seen.abandoned += 1;
    },
    transaction: (run) => {
      seen.savepoints += 1;
      return run();
    },
  });
  const run = (name: string, handler: () => void = () => undefined): void =>
    savepoints.run(
      name,
      () => {
        handler();
        return undefined;
      },
      () => undefined,
    );
  return { seen, run };
}

test("[S5] what a handler has proved holds for the instance that wakes after it, and for no other class", () => {
  const first = instanceOf("Woken");
  for (let i = 0; i < 5; i++) first.run("say");
  expect(first.seen.savepoints).toBe(3);
  const woken = instanceOf("Woken");
  woken.run("say");
  expect(woken.seen.savepoints).toBe(0);
  woken.run("other");
  expect(woken.seen.savepoints).toBe(1);
  const another = instanceOf("Another");
  another.run("say");
  expect(another.seen.savepoints).toBe(1);
});

test("[S5] a proven handler that touches storage and throws gives its instance up, and has a savepoint in the next", () => {
  const first = instanceOf("Touching");
  for (let i = 0; i < 3; i++) first.run("say");
  const touch = (): void => {
    first.seen.touches += 1;
    throw new Error("on purpose");
  };
  expect(() => first.run("say", touch)).toThrow("on purpose");
  expect(first.seen.abandoned).toBe(1);
  const next = instanceOf("Touching");
  for (let i = 0; i < 5; i++) next.run("say");
  expect(next.seen).toEqual({ savepoints: 5, touches: 0, abandoned: 0 });
});
