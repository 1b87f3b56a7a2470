/** The decision at a hello: how a client's position meets the room's log. Pure. */
import type { ResumeKind } from "./frames.ts";
import type { Hello } from "./hello.ts";

/** What a log holds: entries `tail` to `head`; empty when `tail` is `head + 1`. */
export interface LogSpan {
  readonly epoch: string | null;
  readonly tail: number;
  readonly head: number;
}

/** What a client without a position gets: the newest entries, or the app's snapshot. */
export type History = number | "snapshot";

/** The room's answer: what it is, and after which entry the client goes on. */
export interface Resume {
  readonly kind: ResumeKind;
  readonly after: number;
}

/** Answers a position; `undefined` as a hello is a client without one. */
export function resume(hello: Hello | undefined, span: LogSpan, history: History): Resume {
  const seq = hello?.seq ?? null;
  const join = history === "snapshot" ? span.head : Math.max(span.tail - 1, span.head - history);
  if (seq === null) return { kind: history === "snapshot" ? "snapshot" : "joined", after: join };
  const sameLife = seq === 0 || hello?.epoch === span.epoch;
  if (!sameLife || seq > span.head) return { kind: "reset", after: join };
  if (seq + 1 >= span.tail) return { kind: "resumed", after: seq };
  return { kind: "snapshot", after: history === "snapshot" ? span.head : span.tail - 1 };
}
