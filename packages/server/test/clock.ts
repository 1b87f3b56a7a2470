// The clock and the platform's alarm, moved by hand. The clock is set a day ahead, because an alarm
// that is due by the real clock would ring by itself.
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A whole second, tomorrow. */
export const TOMORROW: number = Math.ceil(Date.now() / SECOND) * SECOND + 24 * HOUR;

/** Sets the clock of the rooms and of the test. */
export function at(ms: number): void {
  vi.setSystemTime(ms);
}

/** When the platform rings next. */
export function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, (_room, { storage }) => slotOf(storage).getAlarm.call(storage));
}

/** Rings as the platform does: it takes the alarm out of its slot, then calls the object. */
export async function ring(stub: DurableObjectStub, retryCount = 0): Promise<void> {
  await runInDurableObject(stub, async (room: DurableObject, { storage }) => {
    await slotOf(storage).deleteAlarm.call(storage);
    await room.alarm?.({ retryCount, isRetry: retryCount > 0, scheduledTime: Date.now() });
  });
}

/** Moves the clock on to `until`, and rings whenever the alarm is due; gives the times of the rings. */
export async function passUntil(
  stub: () => DurableObjectStub,
  until: number,
  between: (rings: number) => Promise<void> = async () => undefined,
): Promise<number[]> {
  const rings: number[] = [];
  for (;;) {
    const due = await alarmOf(stub());
    if (due === null || due > until) break;
    if (rings.length > 5_000) throw new Error(`The alarm rings for ever, at ${due}.`);
    at(Math.max(due, Date.now()));
    await ring(stub());
    rings.push(Date.now());
    await between(rings.length);
  }
  at(until);
  return rings;
}

/** The platform's own functions, behind what stands in front of them. */
function slotOf(storage: DurableObjectStorage): DurableObjectStorage {
  return Reflect.getPrototypeOf(storage) as DurableObjectStorage; // SAFETY: they are its prototype's
}
