/**
 * Meters the key-value part of storage. The platform keeps it in a table and bills its rows: one
 * read for each value found, one written for each value put, both for each value deleted.
 */
import type { Meter } from "./meter.ts";

/** The asynchronous functions, of storage or of a transaction. */
type Values = Pick<DurableObjectTransaction, "get" | "put" | "delete" | "list">;
type AnyFunction = (...values: unknown[]) => Promise<unknown>;

/** The asynchronous functions of storage, or of a transaction, which count what they read and write. */
export function metered(values: Values, meter: Meter): Record<keyof Values, AnyFunction> {
  const wrap = (
    call: (...given: never[]) => Promise<unknown>,
    count: (result: unknown, first: unknown) => void,
  ): AnyFunction => {
    return async (...given) => {
      // SAFETY: each of the four takes what it is given here.
      const result = await (call as AnyFunction).apply(values, given);
      count(result, given[0]);
      return result;
    };
  };
  return {
    get: wrap(values.get, (result, first) => meter.rows(found(result, Array.isArray(first)), 0)),
    list: wrap(values.list, (result) => meter.rows(Math.max(1, found(result, true)), 0)),
    put: wrap(values.put, (_result, first) => {
      meter.rows(0, typeof first === "string" ? 1 : Object.keys(first as object).length);
    }),
    delete: wrap(values.delete, (result) => meter.rows(Number(result), Number(result))),
  };
}

/** Counts what the synchronous functions read and write, and tells of each call. */
export function meterKv(
  kv: SyncKvStorage,
  meter: Meter,
  touch: () => void,
  store: () => void,
): void {
  const get = kv.get.bind(kv);
  const list = kv.list.bind(kv);
  const put = kv.put.bind(kv);
  const remove = kv.delete.bind(kv);
  const counted: SyncKvStorage = {
    get: <T>(key: string): T | undefined => {
      touch();
      const value = get<T>(key);
      meter.rows(found(value, false), 0);
      return value;
    },
    list: <T>(options?: SyncKvListOptions) => {
      touch();
      return eachCounted(list<T>(options), meter);
    },
    put: (key, value) => {
      store();
      put(key, value);
      meter.rows(0, 1);
    },
    delete: (key) => {
      touch();
      const was = remove(key);
      meter.rows(Number(was), Number(was));
      return was;
    },
  };
  replaceAll(kv, counted);
}

/** Puts a function of ours in front of one of the platform's. */
export function replace(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, own(value));
}

/** The same for several. */
export function replaceAll(object: object, functions: object): void {
  for (const [name, value] of Object.entries(functions)) replace(object, name, value);
}

/** How such a function is defined. */
export function own(value: unknown): PropertyDescriptor {
  return { value, configurable: true, writable: true };
}

function found(result: unknown, isMany: boolean): number {
  if (isMany) return (result as Map<string, unknown>).size;
  return result === undefined ? 0 : 1;
}

/** A list is read as it is gone through. */
function* eachCounted<T>(entries: Iterable<T>, meter: Meter): Iterable<T> {
  let rows = 0;
  try {
    for (const entry of entries) {
      rows += 1;
      yield entry;
    }
  } finally {
    meter.rows(Math.max(1, rows), 0);
  }
}
