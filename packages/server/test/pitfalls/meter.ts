// What a constructor does to its object's storage, counted at the platform's own functions.

/** What one wake has cost before the event that it is for. */
export interface Cost {
  statements: number;
  rowsRead: number;
  alarms: number;
}

/** The costs of each wake, by the object's name. Kept in the module: instances come and go. */
const wakes = new Map<string, Cost[]>();

/** What the constructor of each instance of an object has cost so far. */
export function wakesOf(name: string): Cost[] {
  return wakes.get(name) ?? [];
}

/** Counts until the function that it returns is called. */
export function meterConstructor({ id, storage }: DurableObjectState): () => void {
  const cost: Cost = { statements: 0, rowsRead: 0, alarms: 0 };
  const name = id.name ?? "";
  wakes.set(name, [...wakesOf(name), cost]);
  let counting = true;
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  Object.defineProperty(sql, "exec", {
    configurable: true,
    value: (query: string, ...values: unknown[]) => {
      const cursor = exec(query, ...values);
      if (!counting) return cursor;
      cost.statements += 1;
      const rows = cursor.toArray();
      cost.rowsRead += cursor.rowsRead;
      return { toArray: () => rows };
    },
  });
  Object.defineProperty(storage, "setAlarm", {
    configurable: true,
    writable: true,
    value: (at: number) => {
      if (counting) cost.alarms += 1;
      return setAlarm(at);
    },
  });
  return () => {
    counting = false;
  };
}
