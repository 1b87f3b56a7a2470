/**
 * The ledger: how many messages a room has accepted, and when the last one came.
 *
 * A lifecycle of its own keeps one row of its own. A contract room rides on the row of its log
 * instead (`log-ledger` in `delivery.ts`), so that a message pays for one row, not for two.
 */
import type { Tables } from "./tables.ts";

/** What a ledger knows. */
export interface Account {
  /** Accepted messages since the room began. */
  readonly messages: number;
  /** When the last one came, in ms since 1970; 0 before the first. */
  readonly at: number;
  /** The epoch of the log that the ledger rides on. */
  readonly epoch?: string | null;
  /** What the room had cost then, as the meter keeps it. */
  readonly bill?: string;
}

/** Where the lifecycle reads and counts. */
export interface Ledger {
  read(): Account;
  /** Counts messages, durably, before they are handled, and keeps what the room has cost with them. */
  count(messages: number, now: number, bill: string): void;
  /** One of those that were counted together is about to be handled. */
  begin(): void;
  /** Takes one message back, whose handler failed. */
  uncount(): void;
  /** Forgets what is cached, because the storage was cleared. */
  forget(): void;
}

const TABLE = "greenroom_ledger";
const COLUMNS =
  "(id INTEGER PRIMARY KEY CHECK (id = 1), messages INTEGER NOT NULL, at INTEGER NOT NULL, bill TEXT NOT NULL)";

/** Of a room that has no row yet. */
const NONE: Account = Object.freeze({ messages: 0, at: 0 });

/**
 * A ledger with one row of its own, written once for the messages of a turn. What it says is known, so
 * nothing is asked of the row that is written: a `RETURNING` costs as much again as its `UPDATE`.
 */
export class RowLedger implements Ledger {
  readonly #tables: Tables;
  /** What the row says, read once in a wake. */
  #account: Account | undefined;
  /** Messages that are counted and wait for their turn: those before them do not see them. */
  #ahead = 0;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  read(): Account {
    const account = (this.#account ??= this.#read());
    const ahead = this.#ahead;
    return ahead === 0 ? account : { ...account, messages: account.messages - ahead };
  }

  count(messages: number, now: number, bill: string): void {
    const before = (this.#account ??= this.#read());
    const account = { messages: before.messages + messages, at: now, bill };
    this.#tables.ensure(TABLE, COLUMNS);
    this.#tables.run(
      before === NONE
        ? `INSERT INTO ${TABLE} VALUES (1, ?, ?, ?)`
        : `UPDATE ${TABLE} SET messages = ?, at = ?, bill = ? WHERE id = 1`,
      account.messages,
      now,
      bill,
    );
    this.#account = account;
    this.#ahead += messages;
  }

  begin(): void {
    this.#ahead = Math.max(0, this.#ahead - 1);
  }

  uncount(): void {
    this.#account = undefined;
    if (this.#tables.has(TABLE))
      this.#tables.run(`UPDATE ${TABLE} SET messages = messages - 1 WHERE messages > 0`);
  }

  forget(): void {
    this.#account = undefined;
    this.#ahead = 0;
  }

  #read(): Account {
    const [row] = this.#tables.of<{ messages: number; at: number; bill: string }>(
      TABLE,
      `messages, at, bill FROM ${TABLE}`,
    );
    return row ?? NONE;
  }
}
