/** What a room may cost, as an assertion: a price that creeps up fails a test, not a bill. */

/** What a room has used: as a room's `cost()` tells it. */
export interface Spent {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Alarms set: each is a row written. */
  readonly alarms: number;
  /** Incoming WebSocket messages. */
  readonly messages: number;
  readonly requests: number;
  readonly activeMs: number;
  readonly dollars: number;
}

/** A room, or what reads its cost from outside: `{ cost: () => runInDurableObject(stub, (room) => room.cost()) }`. */
export interface CostSource {
  cost(): { readonly epoch: Spent } | Promise<{ readonly epoch: Spent }>;
  /** Begins to note which SQL writes rows, for what is said of a price that is exceeded; a test room can. */
  noteWrites?(): Promise<RowsBySql>;
}

/** How many rows each text of SQL has written since they are noted, until the room next leaves memory. The room's own tables are not among them. */
export type RowsBySql = ReadonlyMap<string, number>;

/** What a room has cost since `expectCost` was called, and what is expected of it. */
export interface CostExpectation {
  /** What it has cost since then. */
  spent(): Promise<Spent>;
  /** What it has cost since the last `take`, or else since then: for exact figures, message by message. */
  take(): Promise<Spent>;
  /** At most so many rows written for each message, alarms not included. Throws with what they were. */
  rowsPerMessage(most: number): Promise<void>;
  /** At most so many rows written and alarms set, together, for each message. */
  writesPerMessage(most: number): Promise<void>;
  /** At most so many rows read for each message. */
  readsPerMessage(most: number): Promise<void>;
  /** At most so many rows written and alarms set, whatever came. */
  writes(most: number): Promise<void>;
  /** At most so many dollars for a million messages like these. */
  dollarsPerMillion(most: number): Promise<void>;
}

/**
 * Expects something of what a room costs from here on; across its sleep, too.
 *
 * @example
 * ```ts
 * import { type CostSource, expectCost } from "@greenroom/testing";
 * declare const room: CostSource;
 * const cost = await expectCost(room);
 * // ... send a hundred messages ...
 * await cost.rowsPerMessage(1);
 * ```
 */
export async function expectCost(room: CostSource): Promise<CostExpectation> {
  const { epoch: before } = await room.cost();
  const written = await room.noteWrites?.();
  const spent = async (): Promise<Spent> => difference((await room.cost()).epoch, before);
  let taken = before;
  const check = async (
    what: string,
    most: number,
    of: (bill: Spent) => number,
    per: "message" | "all" = "message",
  ): Promise<void> => {
    const bill = await spent();
    if (per === "message" && bill.messages === 0) {
      throw new Error(`${what}: no message has come since expectCost was called.`);
    }
    const found = per === "all" ? of(bill) : of(bill) / bill.messages;
    if (found <= most) return;
    throw new Error(
      `${what} is ${round(found)}, and at most ${most} was expected: ` +
        `${bill.messages} messages, ${bill.rowsWritten} rows written, ${bill.rowsRead} read, ${bill.alarms} alarms set.` +
        (written ? writers(written, bill.rowsWritten) : ""),
    );
  };
  return {
    spent,
    async take() {
      const { epoch } = await room.cost();
      const since = difference(epoch, taken);
      taken = epoch;
      return since;
    },
    rowsPerMessage: (most) => check("rows written per message", most, (bill) => bill.rowsWritten),
    writesPerMessage: (most) =>
      check(
        "rows written and alarms set per message",
        most,
        (bill) => bill.rowsWritten + bill.alarms,
      ),
    readsPerMessage: (most) => check("rows read per message", most, (bill) => bill.rowsRead),
    writes: (most) =>
      check("rows written and alarms set", most, (bill) => bill.rowsWritten + bill.alarms, "all"),
    dollarsPerMillion: (most) =>
      check("dollars per million messages", most, (bill) => bill.dollars * 1e6),
  };
}

function difference(after: Spent, before: Spent): Spent {
  return {
    rowsRead: after.rowsRead - before.rowsRead,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    alarms: after.alarms - before.alarms,
    messages: after.messages - before.messages,
    requests: after.requests - before.requests,
    activeMs: after.activeMs - before.activeMs,
    dollars: after.dollars - before.dollars,
  };
}

/** What has written the rows, the most first, and what is not known of. */
function writers(written: RowsBySql, rows: number): string {
  let known = 0;
  for (const by of written.values()) known += by;
  return [
    ...[...written]
      .toSorted(([, one], [, other]) => other - one)
      .map(([sql, by]) => `\n${by} by ${sql.replaceAll(/\s+/g, " ").trim()}`),
    ...(rows > known
      ? [`\n${rows - known} by the room itself, by what is no SQL, or before it last left memory`]
      : []),
  ].join("");
}

function round(n: number): number {
  return Math.round(n * 1_000) / 1_000;
}
