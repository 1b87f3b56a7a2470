/** What the running turn has gathered: its burst, how it is filled, and how it is written. */
import { type Burst, emptyBurst } from "./burst.ts";
import type { DeliveryContext, Scope } from "./jobs.ts";

/** Characters gathered in a burst after which it is written, so that no row nears the platform's 2 MB. */
const WRITE_AT = 256 * 1024;
/** Entries after which a burst is written, so that the log's bounds are kept to. */
const WRITE_ENTRIES = 128;

/** What one room's turns gather. */
export class Gathering {
  readonly #context: Pick<DeliveryContext<never>, "log" | "bill" | "now">;
  burst: Burst = emptyBurst();
  /** Whether a synchronous handler runs: what it publishes goes straight into the burst. */
  isHandling = false;
  /** Counts purges: what an older life began has no place in the new one. */
  life = 0;

  constructor(context: Pick<DeliveryContext<never>, "log" | "bill" | "now">) {
    this.#context = context;
  }

  /** Begins anew: a turn, or after one that could not be written. */
  begin(): Burst {
    return (this.burst = emptyBurst());
  }

  /** Runs a synchronous handler. */
  handle<T>(run: () => T): T {
    this.isHandling = true;
    try {
      return run();
    } finally {
      this.isHandling = false;
    }
  }

  /** Adds what a hook or an asynchronous handler has published. */
  addAll(scope: Scope): void {
    if ((scope.life ?? this.life) !== this.life) return; // the room of its hook was purged
    for (const out of scope.outgoing) this.add(out);
  }

  add(out: Scope["outgoing"][number]): void {
    const { burst } = this;
    if ("entry" in out) {
      const seq = this.#context.log.head + burst.entries.length + 1;
      burst.outgoing.push({ seq, entry: out.entry });
      burst.entries.push(out.entry);
      burst.size += out.entry.length;
    } else {
      burst.outgoing.push(out);
      burst.size += out.item.length;
    }
  }

  /** Whether it is time to write. */
  get isFull(): boolean {
    return this.burst.size > WRITE_AT || this.burst.entries.length >= WRITE_ENTRIES;
  }

  /** Writes what was gathered since the last write; says whether that was anything. */
  write(): boolean {
    const { log, bill, now } = this.#context;
    const { burst } = this;
    const { entries, marks, messages } = burst;
    if (entries.length === 0 && marks.size === 0 && messages === 0) return false;
    log.write({ entries, marks, messages, bill: bill?.() ?? "", at: now() });
    burst.entries = [];
    burst.marks = new Map();
    burst.messages = 0;
    burst.sent += burst.size;
    burst.size = 0;
    return true;
  }
}
