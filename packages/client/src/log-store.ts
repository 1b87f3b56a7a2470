/**
 * A room's log as a list, as a store: the entries that came, in order and each once, and older ones
 * in front of them when they are asked for.
 */
import { type ContractShape, RoomError } from "@greenroom/protocol";

import type { LogEntry, RoomClient, SnapshotOf } from "./room-client.ts";
import { perRoom, source, type Store } from "./store.ts";

/** What the list shows. */
export interface LogView<Shape extends ContractShape = ContractShape> {
  /** By their seq, each once. */
  readonly entries: readonly LogEntry<Shape>[];
  /** The app's snapshot, which stands for all before the entries that came with it. */
  readonly snapshot: SnapshotOf<Shape> | undefined;
  /** Whether there may be entries before these, and a way to load them. */
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  /** Why the last page could not be loaded. */
  readonly error: RoomError | undefined;
}

/** Loads at most `limit` entries before a seq, oldest first: a call of the contract, say. */
export type LoadBefore<Shape extends ContractShape = ContractShape> = (
  seq: number,
  limit: number,
) => Promise<readonly LogEntry<Shape>[]>;

/** Options of `logStore`. */
export interface LogOptions<Shape extends ContractShape = ContractShape> {
  /** How older entries are loaded. @default by `room.pages`, where the room uses it */
  readonly loadBefore?: LoadBefore<Shape> | undefined;
  /** The entries of a page. @default 50 */
  readonly page?: number | undefined;
  /** The entries that are kept; when more come, the oldest go, and can be loaded again. @default 10_000 */
  readonly keep?: number | undefined;
}

/** The log of a room as a list. */
export interface LogStore<Shape extends ContractShape = ContractShape> extends Store<
  LogView<Shape>
> {
  /** Loads the page before the list, if there is one; resolves when it is there, or could not be loaded. */
  loadOlder(): Promise<void>;
}

/** The numbers of `logStore`. */
export const LOG_DEFAULTS: Readonly<{ page: number; keep: number }> = Object.freeze({
  page: 50,
  keep: 10_000,
});

/** An entry of any room. */
interface Entry {
  readonly seq: number;
  readonly event: string;
  readonly value: unknown;
  readonly at: number;
}

class RoomLog implements Store<LogView> {
  readonly #room: RoomClient & { readonly pages?: { readonly before: LoadBefore } };
  readonly #store = source(() => this.#view());
  #options: LogOptions = {};
  #entries: Entry[] = [];
  #snapshot: unknown;
  /** The seq of the oldest entry, or of the next one where there is none; 1 has nothing before it. */
  #from = 1;
  #loading: Promise<void> | undefined;
  #error: RoomError | undefined;

  constructor(room: RoomClient) {
    this.#room = room;
    room.watch("resume", ({ kind, snapshot, missed }) => {
      if (kind === "resumed") return;
      this.#begin(snapshot);
      if (missed === 0) this.#fill();
    });
    room.watch("entry", (entry) => this.#add(entry));
    this.#begin(undefined);
    // Behind what asks for the list, which may be a render.
    queueMicrotask(() => this.#fill());
  }

  readonly get = (): LogView => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  readonly loadOlder = (): Promise<void> => {
    if (!this.#hasOlder()) return Promise.resolve();
    return (this.#loading ??= this.#load());
  };

  configure(options: LogOptions): void {
    const could = this.#hasOlder();
    this.#options = options;
    if (this.#hasOlder() !== could) this.#store.changed();
    this.#fill();
  }

  #view(): LogView {
    return {
      // SAFETY: each entry was validated by the schema of its event.
      entries: [...this.#entries] as never,
      snapshot: this.#snapshot,
      hasOlder: this.#hasOlder(),
      isLoading: this.#loading !== undefined,
      error: this.#error,
    };
  }

  get #loadBefore(): LoadBefore | undefined {
    return this.#options.loadBefore ?? this.#room.pages?.before;
  }

  #hasOlder(): boolean {
    return this.#from > 1 && this.#loadBefore !== undefined;
  }

  /** The list begins anew behind what the room has told by now. */
  #begin(snapshot: unknown): void {
    this.#entries = [];
    this.#snapshot = snapshot;
    this.#from = (this.#room.seq ?? 0) + 1;
    this.#loading = undefined; // what it brings is of another list
    this.#error = undefined;
    this.#store.changed();
  }

  /** An empty list shows the newest page, unless a snapshot stands for it. */
  #fill(): void {
    if (this.#entries.length === 0 && this.#snapshot === undefined && !this.#error) {
      void this.loadOlder();
    }
  }

  #add(entry: Entry): void {
    if (this.#entries.length === 0) this.#from = Math.min(this.#from, entry.seq);
    this.#entries.push(entry);
    const { keep = LOG_DEFAULTS.keep } = this.#options;
    // A tenth more, so that not every entry moves the whole list.
    if (this.#entries.length > keep * 1.1) {
      this.#entries.splice(0, this.#entries.length - keep);
      this.#from = this.#entries[0]?.seq ?? this.#from;
      this.#loading = undefined; // what it brings does not reach up to here any more
    }
    this.#store.changed();
  }

  #load(): Promise<void> {
    const { page = LOG_DEFAULTS.page } = this.#options;
    const from = this.#from;
    this.#error = undefined;
    this.#store.changed();
    const loading: Promise<void> = fetchPage(this.#loadBefore, from, page).then((found) => {
      if (loading !== this.#loading) return; // the list has another beginning by now
      this.#loading = undefined;
      if (found instanceof RoomError) this.#error = found;
      else this.#prepend(found, from);
      this.#store.changed();
    });
    return loading;
  }

  #prepend(older: readonly Entry[], from: number): void {
    const bySeq = new Map(older.map((entry) => [entry.seq, entry]));
    const page = [...bySeq.values()].filter(({ seq }) => seq < from);
    page.sort((a, b) => a.seq - b.seq);
    this.#entries.unshift(...page);
    // Where nothing came, nothing is left.
    this.#from = page[0]?.seq ?? 1;
  }
}

/** A page, or why there is none. */
async function fetchPage(
  loadBefore: LoadBefore | undefined,
  seq: number,
  limit: number,
): Promise<readonly Entry[] | RoomError> {
  try {
    return (await loadBefore?.(seq, limit)) ?? [];
  } catch (cause) {
    return cause instanceof RoomError ? cause : new RoomError("failed", { cause });
  }
}

const stores = perRoom((room: RoomClient) => new RoomLog(room));

/**
 * The log of a room as a list: the same store for the same room, listening from when it was first
 * asked for; the options of the newest call count.
 *
 * @example
 * ```ts
 * const log = logStore(room, { loadBefore: (seq) => room.call("history", { before: seq }) });
 * log.subscribe(() => render(log.get().entries));
 * ```
 */
export function logStore<Shape extends ContractShape>(
  room: RoomClient<Shape>,
  options?: LogOptions<Shape>,
): LogStore<Shape> {
  const log = stores(room);
  // SAFETY: what is loaded for this room is of its contract.
  if (options) log.configure(options as unknown as LogOptions);
  return log as unknown as LogStore<Shape>;
}
