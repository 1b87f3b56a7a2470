/**
 * What a room costs: counted at the platform's own functions, and kept nowhere.
 *
 * What was counted since the room woke is in memory. What it cost since its epoch rides on the row
 * that counts its messages, so that metering writes no row of its own: what came after the last
 * such row before a sleep is not in it.
 */

/** What a room has used, and what that costs. */
export interface Bill {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Alarms set: each is a row written. */
  readonly alarms: number;
  /** Incoming WebSocket messages, whatever they were: 20 are one request. */
  readonly messages: number;
  /** Requests, connections, alarms that rang, and messages divided by 20. */
  readonly requests: number;
  /** How long the room was busy, in ms: by the runtime's clock, which stands still while code runs. */
  readonly activeMs: number;
  /** By `PRICES`, what is included in a plan left out. */
  readonly dollars: number;
}

/** What a room cost: `this.cost()`. */
export interface RoomCost {
  /** Since this instance woke: exact. */
  readonly wake: Bill;
  /** Since the room's first message: less what came between the last message and a sleep. */
  readonly epoch: Bill;
  readonly prices: Prices;
}

/** What the platform asks for, in dollars, and when that was looked up. */
export interface Prices {
  /** As year and month. */
  readonly date: string;
  readonly millionRowsRead: number;
  readonly millionRowsWritten: number;
  readonly millionRequests: number;
  readonly millionGigabyteSeconds: number;
  /** Incoming WebSocket messages that are billed as one request. */
  readonly messagesPerRequest: number;
  /** Memory that an active object is billed for. */
  readonly gigabytes: number;
}

export const PRICES: Prices = Object.freeze({
  date: "2026-11",
  millionRowsRead: 0.001,
  millionRowsWritten: 1,
  millionRequests: 0.15,
  millionGigabyteSeconds: 12.5,
  messagesPerRequest: 20,
  gigabytes: 0.128,
});

type Counts = [
  read: number,
  written: number,
  alarms: number,
  messages: number,
  events: number,
  ms: number,
];

const NOTHING = (): Counts => [0, 0, 0, 0, 0, 0];
/** Cursors whose rows may not have been read yet. */
const OPEN = 8;

interface Cursor {
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** The meter of one instance. */
export class Meter {
  readonly #counts = NOTHING();
  /** What earlier instances have counted in this epoch; `undefined` until it is asked for. */
  #before: Counts | undefined;
  /** What this instance had counted when the epoch began. */
  #from = NOTHING();
  readonly #open: Cursor[] = [];
  #busy = 0;
  #since = 0;

  /** A statement has run. */
  statement(cursor: Cursor): void {
    this.#open.push(cursor);
    if (this.#open.length > OPEN) this.#close(OPEN / 2);
  }

  alarm(): void {
    this.#counts[2] += 1;
  }

  /** A message has come. */
  message(): void {
    this.#counts[3] += 1;
  }

  /** Something else that is billed as a request has come. */
  event(): void {
    this.#counts[4] += 1;
  }

  /** Whether something is under way already. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  enter(): void {
    if (this.#busy++ === 0) this.#since = Date.now();
  }

  readonly leave = (): void => {
    if (--this.#busy === 0) this.#counts[5] += Math.max(0, Date.now() - this.#since);
  };

  /** What is kept with the count of messages; `kept` is what was read of it. */
  text(kept: () => string | undefined): string {
    return JSON.stringify(this.#epoch(kept));
  }

  cost(kept: () => string | undefined): RoomCost {
    return { wake: billOf(this.#wake()), epoch: billOf(this.#epoch(kept)), prices: PRICES };
  }

  /** The epoch has ended. */
  forget(): void {
    this.#before = NOTHING();
    this.#from = [...this.#wake()];
  }

  #wake(): Counts {
    this.#close(this.#open.length);
    return this.#counts;
  }

  #epoch(kept: () => string | undefined): Counts {
    // SAFETY: what is kept is what `text` gave.
    this.#before ??= (JSON.parse(kept() || "null") as Counts | null) ?? NOTHING();
    const wake = this.#wake();
    return this.#before.map((n, i) => n + (wake[i] ?? 0) - (this.#from[i] ?? 0)) as Counts;
  }

  #close(count: number): void {
    for (const { rowsRead, rowsWritten } of this.#open.splice(0, count)) {
      this.#counts[0] += rowsRead;
      this.#counts[1] += rowsWritten;
    }
  }
}

function billOf([rowsRead, rowsWritten, alarms, messages, events, activeMs]: Counts): Bill {
  const requests = events + messages / PRICES.messagesPerRequest;
  const dollars =
    (rowsRead * PRICES.millionRowsRead +
      (rowsWritten + alarms) * PRICES.millionRowsWritten +
      requests * PRICES.millionRequests +
      (activeMs / 1_000) * PRICES.gigabytes * PRICES.millionGigabyteSeconds) /
    1e6;
  return { rowsRead, rowsWritten, alarms, messages, requests, activeMs, dollars };
}
