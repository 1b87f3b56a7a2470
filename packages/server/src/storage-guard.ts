/**
 * Stands in front of the parts of a room's storage that share one slot or one record.
 *
 * The platform has one alarm: the user's own calls become a timer beside the deadline. It has
 * one `deleteAll`: our caches go with it. And partyserver's `__ps_name` record is not written,
 * because the object's id has its name, and one stray request would otherwise make a database
 * (`[A21]`, `[A22]`).
 */
import { misuse } from "@greenroom/protocol";

import { metered, meterKv, own, replace, replaceAll } from "./meter-values.ts";
import type { Meter } from "./meter.ts";
import type { Sql } from "./tables.ts";
import type { Transactions } from "./transactions.ts";

const NAME_RECORD = "__ps_name";

/** The platform's own functions, behind the guard. */
export interface AlarmSlot {
  get(): Promise<number | null>;
  set(at: number): Promise<void>;
  delete(): Promise<void>;
  deleteAll(): Promise<void>;
}

/** What there is behind the guard. */
export interface Behind extends AlarmSlot {
  /** Counts every use of storage, reads included. */
  touches(): number;
  /** SQL for our own tables: its use is no use by user code. */
  readonly sql: Sql;
}

/** What the guarded calls of user code lead to. */
export interface GuardTarget {
  getAlarm(): Promise<number | null> | number | null;
  setAlarm(at: number): void;
  deleteAlarm(): void;
  deleteAll(): Promise<void>;
  readonly transactions: Transactions;
  readonly context: {
    /** User code is about to use SQL. */
    migrate(): void;
    /** User code is about to store something, or may be. */
    stores(): void;
  };
}

/** Puts the guard in front of a storage object and gives what is behind it. */
export function guardStorage(
  ctx: DurableObjectState,
  target: () => GuardTarget,
  meter: Meter,
): Behind {
  const { storage } = ctx;
  let touches = 0;
  const touch = (): void => {
    touches += 1;
  };
  const store = (): void => {
    touch();
    target().context.stores();
  };
  // A class without SQL has both: only their use fails, and the first start says why.
  const { kv, sql } = storage;
  const { getAlarm, setAlarm, deleteAlarm, deleteAll, transaction, transactionSync } = storage;
  const values = metered(storage, meter);
  // A room is made anew at each wake: what stands in front is defined at once, and of the
  // synchronous values when they are first used.
  Object.defineProperties(storage, {
    kv: {
      get: () => {
        meterKv(kv, meter, touch, store);
        replace(storage, "kv", kv);
        return kv;
      },
      configurable: true,
    },
    getAlarm: own(async () => target().getAlarm()),
    setAlarm: own(async (at: number | Date) => target().setAlarm(Number(at))),
    deleteAlarm: own(async () => target().deleteAlarm()),
    deleteAll: own(async () => {
      touch();
      return target().deleteAll();
    }),
    get: own((key: unknown, options?: unknown) => {
      touch();
      return key === NAME_RECORD ? Promise.resolve(ctx.id.name) : values.get(key, options);
    }),
    put: own((key: unknown, ...rest: unknown[]) => {
      store();
      return key === NAME_RECORD ? Promise.resolve() : values.put(key, ...rest);
    }),
    list: own((...given: unknown[]) => {
      touch();
      return values.list(...given);
    }),
    delete: own((...given: unknown[]) => {
      touch();
      return values.delete(...given);
    }),
    transactionSync: own(<T>(run: () => T): T =>
      target().transactions.transact(() => transactionSync.call(storage, run) as T),
    ),
    transaction: own((run: (txn: DurableObjectTransaction) => Promise<unknown>) =>
      target()
        .transactions.transactLater((rolledBack) =>
          transaction.call(storage, (txn) => {
            replaceAll(txn, metered(txn, meter));
            refuseAlarms(txn);
            watchRollback(txn, rolledBack);
            return run(txn);
          }),
        )
        .finally(store),
    ),
  });
  return {
    touches: () => touches,
    get: () => getAlarm.call(storage),
    set: (at) => {
      meter.alarm();
      return setAlarm.call(storage, at);
    },
    delete: () => deleteAlarm.call(storage),
    deleteAll: () => deleteAll.call(storage),
    sql: guardSql(sql, target, meter, touch),
  };
}

/** Gives what is behind the guard: for our own tables. */
function guardSql(
  sql: SqlStorage,
  target: () => GuardTarget,
  meter: Meter,
  touch: () => void,
): Sql {
  const { exec } = sql;
  const counted: typeof exec = (query, ...values) => {
    touch();
    const cursor = exec.call(sql, query, ...values);
    meter.statement(cursor);
    return cursor as never; // SAFETY: the cursor of the same rows
  };
  const value: typeof exec = (query, ...values) => {
    const { context } = target();
    context.migrate();
    context.stores();
    return counted(query, ...values);
  };
  replace(sql, "exec", value);
  return { exec: counted };
}

/** Tells of a rollback by hand, after which the transaction itself succeeds. */
function watchRollback(txn: DurableObjectTransaction, rolledBack: () => void): void {
  const { rollback } = txn;
  replace(txn, "rollback", () => {
    rolledBack();
    rollback.call(txn);
  });
}

/** An alarm set on a transaction object would replace the one that the deadline shares. */
function refuseAlarms(txn: DurableObjectTransaction): void {
  const refused = (): never => {
    throw misuse("alarm-in-transaction", "An alarm was set through a transaction object.");
  };
  replaceAll(txn, { setAlarm: refused, getAlarm: refused, deleteAlarm: refused });
}
