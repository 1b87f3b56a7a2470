/** `this.log`: the log of a contract room, as its own code reads it. */
import type { Delivery } from "./delivery.ts";
import type { Log } from "./log.ts";
import type { LogEntry } from "./segments.ts";

/** The log of a room, for reading. */
export interface LogView {
  /** The newest entry's seq; 0 when there is none. */
  readonly head: number;
  /** The oldest kept entry's seq; `head + 1` when there is none. */
  readonly tail: number;
  /** The room's epoch; null while nothing was ever kept. */
  readonly epoch: string | null;
  /** At most `limit` entries before `seq`, oldest first. */
  before(seq: number, limit: number): LogEntry[];
  /** At most `limit` entries after `seq`, oldest first. */
  after(seq: number, limit: number): LogEntry[];
}

/** The log with what the running burst has published and not written yet. */
export function logView(log: Log, delivery: Delivery<WebSocket>): LogView {
  const unwritten = (): LogEntry[] => {
    const { head } = log;
    return delivery.unwritten().map((text, index) => {
      const [event, value, at] = JSON.parse(text) as [string, unknown, number];
      return { seq: head + 1 + index, event, value, at };
    });
  };
  return {
    get head() {
      return log.head + delivery.unwritten().length;
    },
    get tail() {
      return log.span().tail;
    },
    get epoch() {
      return log.epoch;
    },
    before(seq, limit) {
      const fresh = unwritten().filter((entry) => entry.seq < seq);
      const kept = fresh.length < limit ? log.before(seq, limit - fresh.length) : [];
      return limit > 0 ? [...kept, ...fresh].slice(-limit) : [];
    },
    after(seq, limit) {
      return [...log.after(seq, limit), ...unwritten().filter((entry) => entry.seq > seq)].slice(
        0,
        limit,
      );
    },
  };
}
