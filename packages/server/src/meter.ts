/**
 * What a room costs: counted at the platform's own functions.
 *
 * What was counted since the room woke is in memory. What it cost since its epoch is kept where
 * that costs nothing, so that metering writes no row of its own: with each row that counts messages
 * or sets a timer (`ledger.ts`, `log.ts`, `timer-table.ts`), and in the attachment of one open
 * socket (`bill-keeper.ts`). On waking, the newest of them is where the room stopped.
 */

/** What a room has used, and what that costs. */
export interface Bill {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Alarms set: each is a row written. */
  readonly alarms: number;
  /** Incoming WebSocket messages, whatever they were: 20 are one request. */
  readonly messages: number;
  /** Requests, connections, calls over RPC that are seen, alarms that rang, and messages divided by 20. */
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
  /** Since the room began, across its sleep; the guide says what is not in it. */
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

/** A bill as it is kept: its counts, and what the alarm was set to when it was. */
type Kept = readonly [...Counts, armed?: number | null];

/** Where a meter finds what earlier instances have kept, and what the alarm is set to. */
export interface MeterSource {
  /** Every bill that is kept; the newest of them counts. */
  kept(): readonly (string | undefined)[];
  /** What the alarm is set to; `undefined` where that is not known. */
  armed(): number | null | undefined;
}

/** The meter of one instance. */
export class Meter {
  source: MeterSource = { kept: () => [], armed: () => undefined };
  /** Called when something was counted that is not kept by the end of its event. */
  used: () => void = () => undefined;
  /** Keeps at once what was counted and is not kept. */
  keep: () => void = () => undefined;
  readonly #counts = NOTHING();
  /** What earlier instances have counted in this epoch; `undefined` until it is asked for. */
  #before: Counts | undefined;
  /** What the alarm was set to when that was kept. */
  #armed: number | null | undefined;
  /** Bills that came with an event: a closing socket may be listed no more. */
  readonly #found: string[] = [];
  /** What the alarm was set to on waking, and whether it was the alarm that woke the room. */
  #woke:
    | { readonly slot: number | null; readonly at: number; readonly byAlarm: boolean }
    | undefined;
  /** What this instance had counted when the epoch began. */
  #from = NOTHING();
  readonly #open: Cursor[] = [];
  /** What of this wake is in the bill that was kept last, as `weight` gives it. */
  #kept = 0;
  /** An alarm set after that is found on waking, by its time; a second one is not. */
  #isAlarmFound = false;
  #busy = 0;
  #since = 0;

  /** A statement has run. */
  statement(cursor: Cursor): void {
    this.#open.push(cursor);
    if (this.#open.length > OPEN) this.#close(OPEN / 2);
    this.#counted();
  }

  /** Rows of the key-value part of storage: the platform keeps it in a table. */
  rows(read: number, written: number): void {
    this.#counts[0] += read;
    this.#counts[1] += written;
    this.#counted();
  }

  alarm(): void {
    this.#counts[2] += 1;
    if (this.#isAlarmFound) this.#kept += 1;
    this.#isAlarmFound = false;
    this.#counted();
  }

  /** A message has come. */
  message(): void {
    this.#counts[3] += 1;
    this.#counted();
  }

  /** Something else that is billed as a request has come. */
  event(): void {
    this.#counts[4] += 1;
    this.#counted();
  }

  /** The alarm rings; the first event of an instance may be that. */
  woke(slot: number | null, at: number, byAlarm: boolean): void {
    this.#woke ??= { slot, at, byAlarm };
  }

  /** A bill was found on a socket that has closed. */
  found(bill: string | undefined): void {
    if (bill !== undefined && this.#before === undefined) this.#found.push(bill);
  }

  /** Whether something is under way already. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  enter(): void {
    if (this.#busy++ === 0) this.#since = Date.now();
  }

  readonly leave = (): void => this.end(this.used);

  /** The same where nothing more of the event comes: a timer would be another event. */
  end(keep: () => void = this.keep): void {
    if (--this.#busy > 0) return;
    this.#counts[5] += Math.max(0, Date.now() - this.#since);
    if (weight(this.#wake()) > this.#kept) keep();
  }

  /** Something was counted: within an event, what is not kept by its row is kept at its end. */
  #counted(): void {
    if (this.#busy === 0) this.used();
  }

  /** The bill as it is kept; with a row, that row is in it. */
  text(withRow: 0 | 1): string {
    const [read, written, ...others] = this.#epoch();
    const armed = this.source.armed();
    const known = armed === undefined ? [] : [armed];
    this.#kept = weight(this.#counts) + withRow;
    this.#isAlarmFound = armed !== undefined;
    return JSON.stringify([read, written + withRow, ...others, ...known]);
  }

  cost(): RoomCost {
    const epoch = billOf(this.#epoch()); // first: where it is read, that is part of this wake
    return { wake: billOf(this.#wake()), epoch, prices: PRICES };
  }

  /** The epoch has ended. */
  forget(): void {
    this.#before = NOTHING();
    this.#armed = undefined;
    this.#from = [...this.#wake()];
    this.used();
  }

  #wake(): Counts {
    this.#close(this.#open.length);
    return this.#counts;
  }

  #epoch(): Counts {
    this.#before ??= this.#resume();
    const wake = this.#wake();
    const epoch = this.#before.map((n, i) => n + (wake[i] ?? 0) - (this.#from[i] ?? 0)) as Counts;
    epoch[2] += this.#setSince();
    return epoch;
  }

  /** Where the instance before this one stopped. */
  #resume(): Counts {
    const texts = [...this.source.kept(), ...this.#found].filter(Boolean) as string[];
    // SAFETY: what is kept is what `text` gave.
    const bills = texts.map((text) => JSON.parse(text) as Kept);
    const newest = bills.reduce<Kept>((a, b) => (total(b) > total(a) ? b : a), NOTHING());
    const [read, written, alarms, messages, events, ms, armed] = newest;
    this.#armed = armed;
    return [read, written, alarms, messages, events, ms];
  }

  /** An alarm that was set after the bill was kept, and before the room slept, is seen by its time. */
  #setSince(): 0 | 1 {
    const armed = this.#armed;
    if (armed === undefined || this.#woke === undefined) return 0;
    const { slot, at, byAlarm } = this.#woke;
    if (slot !== null) return slot === armed ? 0 : 1;
    return byAlarm && (armed === null || armed > at) ? 1 : 0;
  }

  #close(count: number): void {
    for (const { rowsRead, rowsWritten } of this.#open.splice(0, count)) {
      this.#counts[0] += rowsRead;
      this.#counts[1] += rowsWritten;
    }
  }
}

/** What of the counts is dear; the rows that the keeping itself reads are not. */
function weight([, written, alarms, messages, events]: Counts): number {
  return written + alarms + messages + events;
}

/** Counts only grow, so the newest bill is the largest. The time is left out: it may be set back. */
function total([read, written, alarms, messages, events]: Kept): number {
  return read + written + alarms + messages + events;
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
