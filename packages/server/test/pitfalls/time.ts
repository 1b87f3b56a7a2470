// Time, sleep and storage as the steps of the pitfalls use them.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";

/** Storage of an object that holds nothing, in bytes. */
const EMPTY = 4_096;

/** Minutes in ms. */
export const MINUTE = 60_000;

/** When the platform rings next. */
export function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
}

/** Whether anything is stored. */
export function storesAnything(stub: DurableObjectStub): Promise<boolean> {
  return runInDurableObject(stub, (_object, { storage }) => storage.sql.databaseSize > EMPTY);
}

/** Moves the clock on, and rings the alarm whenever it is due; gives how often it rang. */
export async function passTime(stub: DurableObjectStub, ms: number): Promise<number> {
  const until = Date.now() + ms;
  for (let rings = 0; ; rings++) {
    const due = await alarmOf(stub);
    if (due === null || due > until || rings === 10) {
      vi.setSystemTime(until);
      return rings;
    }
    vi.setSystemTime(Math.max(due, Date.now()));
    await ring(stub);
  }
}

/** Rings as the platform does: it takes the alarm out of its slot, then calls the object. */
async function ring(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, async (object: DurableObject, { storage }) => {
    const platform = Reflect.getPrototypeOf(storage) as DurableObjectStorage;
    await platform.deleteAlarm.call(storage);
    await object.alarm?.();
  });
}

/**
 * Whether an object goes to sleep when the platform wants it to. An object that cannot sleep
 * has no event to wait for: it has this long, and needs about a millisecond.
 */
export async function fallsAsleep(stub: DurableObjectStub, within = 400): Promise<boolean> {
  const asleep = evictDurableObject(stub).then(() => true);
  return Promise.race([asleep, scheduler.wait(within).then(() => false)]);
}
