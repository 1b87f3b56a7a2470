/**
 * Stands in front of the parts of a room's storage that share one slot or one record.
 *
 * The platform has one alarm: the user's own calls become a timer beside the deadline. It has
 * one `deleteAll`: our caches go with it. And partyserver's `__ps_name` record is not written,
 * because the object's id has its name, and one stray request would otherwise make a database
 * (`[A21]`, `[A22]`).
 */
import { misuse } from "@greenroom/protocol";

import { meterKv, meterValues, replace } from "./meter-values.ts";
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
  readonly sql: () => Sql;
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
  const setAlarm = storage.setAlarm.bind(storage);
  const behind: Behind = {
    touches: () => touches,
    get: storage.getAlarm.bind(storage),
    set: (at) => {
      meter.alarm();
      return setAlarm(at);
    },
    delete: storage.deleteAlarm.bind(storage),
    deleteAll: storage.deleteAll.bind(storage),
    sql: guardSql(storage, target, meter, touch, store),
  };
  meterValues(storage, meter);
  meterKv(storage, meter);
  const get = storage.get.bind(storage) as (key: unknown, options?: unknown) => Promise<unknown>;
  const put = storage.put.bind(storage) as (
    key: unknown,
    value?: unknown,
    options?: unknown,
  ) => Promise<void>;
  const transaction = storage.transaction.bind(storage);
  const transactionSync = storage.transactionSync.bind(storage);
  const guarded = {
    getAlarm: async (): Promise<number | null> => target().getAlarm(),
    setAlarm: async (at: number | Date): Promise<void> => target().setAlarm(Number(at)),
    deleteAlarm: async (): Promise<void> => target().deleteAlarm(),
    deleteAll: async (): Promise<void> => {
      touch();
      return target().deleteAll();
    },
    get: (key: unknown, options?: unknown): Promise<unknown> => {
      touch();
      return key === NAME_RECORD ? Promise.resolve(ctx.id.name) : get(key, options);
    },
    put: (key: unknown, value?: unknown, options?: unknown): Promise<void> => {
      store();
      return key === NAME_RECORD ? Promise.resolve() : put(key, value, options);
    },
    transactionSync: <T>(run: () => T): T =>
      target().transactions.transact(() => transactionSync(run)),
    transaction: <T>(run: (txn: DurableObjectTransaction) => Promise<T>): Promise<T> =>
      target()
        .transactions.transactLater((rolledBack) =>
          transaction((txn) => {
            meterValues(txn, meter);
            return run(watchRollback(refuseAlarms(txn), rolledBack));
          }),
        )
        .finally(store),
  };
  for (const [name, value] of Object.entries(guarded)) {
    replace(storage, name, value);
  }
  watch(storage, ["list", "delete"], touch);
  return behind;
}

/** Tells of each call of a method. */
function watch<T extends object>(
  object: T,
  names: readonly (keyof T & string)[],
  tell: () => void,
): void {
  for (const name of names) {
    const method = object[name] as (...given: unknown[]) => unknown; // SAFETY: named by who calls
    const value = (...given: unknown[]): unknown => {
      tell();
      return method.apply(object, given);
    };
    replace(object, name, value);
  }
}

function guardSql(
  storage: DurableObjectStorage,
  target: () => GuardTarget,
  meter: Meter,
  touch: () => void,
  store: () => void,
): () => Sql {
  let sql: SqlStorage;
  try {
    sql = storage.sql;
  } catch {
    return () => storage.sql; // the class has no SQL, and its first start says so
  }
  watch(storage.kv, ["get", "list", "delete"], touch);
  watch(storage.kv, ["put"], store);
  const exec = sql.exec.bind(sql);
  const counted: typeof exec = (query, ...values) => {
    touch();
    const cursor = exec(query, ...values);
    meter.statement(cursor);
    return cursor as never; // SAFETY: the cursor of the same rows
  };
  const value: typeof exec = (query, ...values) => {
    target().context.migrate();
    target().context.stores();
    return counted(query, ...values);
  };
  replace(sql, "exec", value);
  const behind: Sql = { exec: counted };
  return () => behind;
}

/** Tells of a rollback by hand, after which the transaction itself succeeds. */
function watchRollback(
  txn: DurableObjectTransaction,
  rolledBack: () => void,
): DurableObjectTransaction {
  const rollback = txn.rollback.bind(txn);
  const value = (): void => {
    rolledBack();
    rollback();
  };
  return replace(txn, "rollback", value);
}

/** An alarm set on a transaction object would replace the one that the deadline shares. */
function refuseAlarms(txn: DurableObjectTransaction): DurableObjectTransaction {
  const refused = (): never => {
    throw misuse("alarm-in-transaction", "An alarm was set through a transaction object.");
  };
  for (const name of ["setAlarm", "getAlarm", "deleteAlarm"]) {
    replace(txn, name, refused);
  }
  return txn;
}
