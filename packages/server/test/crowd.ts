// A member of a room with presence, which knows what a client would know.
import { type Knowledge, readPresence, takeDiff, takeState } from "@greenroom/protocol";

import { type Past, speak, type Speaker, type SpokenTo } from "./speak.ts";

/** A member that keeps track of who is there. */
export interface Attendee extends Omit<Speaker, "until"> {
  /** The items of presence that have come, in order. */
  readonly told: unknown[];
  /** Shows something of itself. */
  show(at: number, text?: string): void;
  /** Who is there, and what each shows: `{ id: at }`, null for nothing yet. */
  sees(): Record<string, number | null>;
  /** Waits until it sees this, and fails after a while with what it sees instead. */
  until(view: Record<string, number | null>): Promise<void>;
  /** Waits for the next item of presence that was not taken by `next` yet. */
  next(): Promise<readonly unknown[]>;
}

/** Connects to a room with presence. */
export async function attend(room: SpokenTo, past: Past = {}): Promise<Attendee> {
  const speaker = await speak(room, past);
  const told: unknown[] = [];
  let taken = 0;
  let known: Knowledge = new Map();
  const waiters: (() => void)[] = [];
  const pump = async (): Promise<void> => {
    for (;;) {
      const raw = await speaker.item("p");
      const item = readPresence(raw);
      if (!item) throw new Error(`The room sent ${JSON.stringify(raw)}.`);
      told.push(item);
      if (item[1] === "state") known = takeState(known, item.slice(3) as never, false);
      if (item[1] === "diff") known = takeDiff(known, item[2]);
      for (const wake of waiters.splice(0)) wake();
    }
  };
  void pump();
  const sees = (): Record<string, number | null> =>
    Object.fromEntries(
      [...known].map(([id, { entry }]) => [
        id,
        (entry[4] as { at: number } | undefined)?.at ?? null,
      ]),
    );
  const wait = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    }
  };
  return {
    ...speaker,
    told,
    show: (at, text) => speaker.raw(["p", text === undefined ? { at } : { at, text }]),
    sees,
    until: async (view) => {
      const sorted = (of: object): string =>
        JSON.stringify(Object.entries(of).toSorted(([one], [other]) => (one < other ? -1 : 1)));
      await wait(() => (sorted(sees()) === sorted(view) ? true : undefined));
    },
    next: async () => {
      const item = await wait(() => told[taken]);
      taken += 1;
      return item as readonly unknown[];
    },
  };
}
