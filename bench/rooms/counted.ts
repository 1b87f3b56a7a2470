/**
 * A room whose writes are counted where they reach the platform.
 *
 * The count stands on the storage object before the room's own constructor runs, so that a room
 * that guards its storage is counted behind its guard.
 */

/** What was written since the object woke. */
export interface Written {
  /** Rows of SQL, and keys put or deleted. */
  rows: number;
  /** Calls of the platform's `setAlarm`; each is a row on the bill. */
  alarms: number;
}

type Room = new (
  ctx: DurableObjectState,
  env: never,
) => {
  fetch?(request: Request): Response | Promise<Response>;
};

/** The same room; a request for `/written` is answered with its counts and does not reach it. */
export function counted<Class extends Room>(Base: Class): Class {
  const written = Symbol("written");
  class Counted extends (Base as Room) {
    readonly [written]: Written;

    constructor(ctx: DurableObjectState, env: never) {
      const counts = count(ctx.storage);
      super(ctx, env);
      this[written] = counts;
    }

    override fetch(request: Request): Response | Promise<Response> {
      if (new URL(request.url).searchParams.has("written")) return Response.json(this[written]);
      return super.fetch?.(request) ?? new Response(null, { status: 404 });
    }
  }
  // SAFETY: the same constructor and the same members, one of them wrapped.
  return Counted as unknown as Class;
}

function count(storage: DurableObjectStorage): Written {
  const counts: Written = { rows: 0, alarms: 0 };
  const exec = storage.sql.exec.bind(storage.sql);
  stand(storage.sql, "exec", (...args: Parameters<typeof exec>) => {
    const cursor = exec(...args);
    counts.rows += cursor.rowsWritten;
    return cursor;
  });
  const setAlarm = storage.setAlarm.bind(storage);
  stand(storage, "setAlarm", (...args: Parameters<typeof setAlarm>) => {
    counts.alarms += 1;
    return setAlarm(...args);
  });
  for (const name of ["put", "delete"] as const) {
    const call = storage[name].bind(storage) as (...args: unknown[]) => unknown;
    stand(storage, name, (...args: unknown[]) => {
      counts.rows += 1;
      return call(...args);
    });
  }
  return counts;
}

function stand(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
}
