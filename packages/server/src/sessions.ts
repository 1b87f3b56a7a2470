/**
 * The sessions of a room in memory: what each has been told, and what waits for it.
 *
 * A mark here may be ahead of the durable one by rejections: they write nothing, and become
 * durable with the session's next accepted message. Until then a repeat after a crash is carried
 * out anew, which is right, because it was never carried out.
 */
import {
  advance,
  encodeItem,
  type Fault,
  type Hello,
  type Mark,
  NO_MARK,
  type Outcome,
  outcomeOf,
  OUTCOMES_KEPT,
} from "@greenroom/protocol";

import { answer, type Burst } from "./burst.ts";
import type { Log } from "./log.ts";

/** More messages than a session can send in a millisecond. */
const NUMBERS = 1_000;

/** One session. `Waiting` is what its next frames wait as. */
export interface Session<Waiting> {
  readonly id: string;
  mark: Mark;
  /** The number whose asynchronous handler runs, 0 for none: what comes meanwhile waits. */
  running: number;
  waiting: Waiting[];
  /** Whether its mark was not looked for, because it says that it is fresh. */
  isAssumed: boolean | undefined;
}

/** The sessions that an instance has heard of. */
export class Sessions<Waiting> {
  readonly #log: Log;
  readonly #known = new Map<string, Session<Waiting>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The session of an id; the mark of one that is fresh is not looked for. */
  of(id: string, isFresh?: boolean): Session<Waiting> {
    let session = this.#known.get(id);
    if (!session) {
      const mark = isFresh ? NO_MARK : this.#log.mark(id);
      session = { id, mark, isAssumed: isFresh, running: 0, waiting: [] };
      this.#known.set(id, session);
    }
    return session;
  }

  /**
   * The session of a connection that is let in. Of a fresh one no mark is looked for, until it comes
   * as another: the network may have held back the handshake of a session that is fresh no more.
   *
   * Where the room has dropped marks and knows none of one that comes back, it is taken for one
   * whose mark was dropped: nobody can tell what became of the numbers it has used, and new ones
   * are larger than any it can have come to.
   */
  greet(id: string, hello: Hello | undefined, now: number): Session<Waiting> {
    // Without a hello the token is the room's own, drawn a moment ago.
    const isFresh = !hello || hello.fresh;
    const session = this.of(id, isFresh);
    if (session.isAssumed && !isFresh) {
      const kept = this.#log.mark(id);
      if (kept.n > session.mark.n) session.mark = kept;
      session.isAssumed = false;
    }
    const isBack = !isFresh && hello?.seq !== null;
    if (session.mark.n === 0 && isBack && this.#log.hasDropped()) {
      const used = now * NUMBERS;
      session.mark = { n: used, floor: used, outcomes: [] };
    }
    return session;
  }

  /**
   * Number `n` was carried out; `item` is the answer to a call. Not `isHeard`, the session is on
   * a newer connection, on which it asks again: an answer before that would be taken for one to
   * all it sent before, rejections that were lost on the way included.
   */
  accept(
    burst: Burst,
    session: Session<Waiting>,
    n: number,
    item: string | undefined,
    isHeard: boolean = true,
  ): void {
    const fresh = forgotten(session.mark.n, n);
    if (item !== undefined) fresh.push({ n, item });
    session.mark = advance(session.mark, n, fresh);
    burst.marks.set(session.id, session.mark);
    burst.size += item?.length ?? 0;
    if (isHeard) answer(burst, session.id, item ?? { taken: n });
  }

  /** Number `n` was rejected; `isKept` where that must be durable, whatever follows. */
  reject(
    burst: Burst,
    session: Session<Waiting>,
    n: number,
    fault: Fault,
    isHeard: boolean = true,
    isKept: boolean = false,
  ): void {
    // The text of an exception is for this answer alone: no row keeps it.
    const { message, ...known } = fault;
    const item = encodeItem(["x", n, known]);
    session.mark = advance(session.mark, n, [...forgotten(session.mark.n, n), { n, item }]);
    // Durable at no cost where the session's mark is written anyway.
    if (isKept || burst.marks.has(session.id)) burst.marks.set(session.id, session.mark);
    burst.size += item.length;
    if (!isHeard) return;
    answer(burst, session.id, message === undefined ? item : encodeItem(["x", n, fault]));
  }

  /** Number `n` came again: its first outcome is told again. */
  repeat(burst: Burst, session: Session<Waiting>, n: number, isCall: boolean): void {
    const outcome = outcomeOf(session.mark, n, isCall);
    if (outcome === "taken") answer(burst, session.id, { taken: n });
    else if (outcome === "unknown") {
      answer(burst, session.id, encodeItem(["x", n, { code: "outcome-unknown" }]));
    } else {
      answer(burst, session.id, outcome);
      burst.size += outcome.length;
    }
  }

  /** Forgets a session whose member has left, unless it has something under way. */
  left(id: string): void {
    if (this.#known.get(id)?.running === 0) this.#known.delete(id);
  }

  /** Forgets all, because the room was purged. */
  forget(): void {
    this.#known.clear();
  }

  /** Goes back to what is durable, because a burst could not be written. */
  reload(): void {
    for (const [id, session] of this.#known) {
      if (session.running === 0) this.#known.delete(id);
      else session.mark = this.#log.mark(id);
    }
  }
}

/**
 * Numbers between the mark and `n` were rejected by an instance that slept before it could make
 * that durable. They were not carried out, and must not pass for taken from here on.
 */
function forgotten(mark: number, n: number): Outcome[] {
  const outcomes: Outcome[] = [];
  for (let lost = Math.max(mark + 1, n - OUTCOMES_KEPT); lost < n; lost++) {
    outcomes.push({ n: lost, item: encodeItem(["x", lost, { code: "failed" }]) });
  }
  return outcomes;
}
