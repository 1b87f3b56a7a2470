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

/**
 * Rings as the platform does: it takes the alarm out of its slot, then calls the object. Gives when
 * it rings next.
 */
export function ring(stub: DurableObjectStub, retryCount = 0): Promise<number | null> {
  return runInDurableObject(stub, async (room: DurableObject, { storage }) => {
    await slotOf(storage).deleteAlarm.call(storage);
    await room.alarm?.({ retryCount, isRetry: retryCount > 0, scheduledTime: Date.now() });
    return slotOf(storage).getAlarm.call(storage);
  });
}

/**
 * Moves the clock on to `until`, and rings whenever the alarm is due; gives the times of the rings.
 * What is done `between` them may move the alarm, unless it answers `false`.
 */
export async function passUntil(
  stub: () => DurableObjectStub,
  until: number,
  between?: (rings: number) => Promise<boolean | void>,
): Promise<number[]> {
  const rings: number[] = [];
  const isDue = (due: number | null): due is number => due !== null && due <= until;
  let due = await alarmOf(stub());
  while (isDue(due)) {
    if (rings.length > 5_000) throw new Error(`The alarm rings for ever, at ${due}.`);
    at(Math.max(due, Date.now()));
    due = await ring(stub());
    rings.push(Date.now());
    const isMoved = between !== undefined && (await between(rings.length)) !== false;
    // What an async handler sets comes after the ring: looked at again before the end is believed.
    if (isMoved || !isDue(due)) due = await alarmOf(stub());
  }
  at(until);
  return rings;
}

/** The platform's own functions, behind what stands in front of them. */
function slotOf(storage: DurableObjectStorage): DurableObjectStorage {
  return Reflect.getPrototypeOf(storage) as DurableObjectStorage; // SAFETY: they are its prototype's
}
