// What has become durable in a world, life after life: the authority of the verdict.
import type { Log } from "../../src/log.ts";
import type { LogEntry } from "../../src/segments.ts";

/** The book of one world. */
export class Book {
  #entries: LogEntry[] = [];
  #epoch: string | null = null;
  /** How often each key stood in a log, over all epochs that are over. */
  readonly done: Map<string, number> = new Map<string, number>();

  /** Notes what a commit has made durable; throws where the log is not dense. */
  read(log: Log): void {
    const { epoch, head } = log.span();
    if (epoch !== this.#epoch) {
      this.close();
      this.#epoch = epoch;
    }
    for (const entry of log.after(this.#entries.length, head)) {
      if (entry.seq !== this.#entries.length + 1) {
        throw new Error(`the log jumps from ${this.#entries.length} to ${entry.seq}`);
      }
      this.#entries.push(entry);
    }
  }

  /** Ends an epoch; gives the keys of its log, in order. */
  close(): string[] {
    const keys = this.#entries.map(({ value }) => String(value));
    for (const key of keys) this.done.set(key, (this.done.get(key) ?? 0) + 1);
    this.#entries = [];
    return keys;
  }
}
