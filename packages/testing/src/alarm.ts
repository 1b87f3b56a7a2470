/** The platform's one alarm of an object, seen and rung by hand. */
import { look } from "./look.ts";
import { platformClock } from "./platform-clock.ts";
import { plugin } from "./plugin.ts";

/** Whose alarm it is. */
export interface AlarmSource {
  readonly stub: () => object;
  /** How often the alarm has failed since it last did not. */
  retries: number;
}

/** How an alarm went. */
export interface AlarmOutcome {
  /** What the room threw, or its death: the platform rings again, after 2 s, 4 s and so on, six times. */
  readonly fault?: unknown;
  /** What the room itself has set the alarm to, in ms since 1970; null for nothing. */
  readonly next: number | null;
}

/** The platform tries an alarm that fails again after 2 s, 4 s and so on, so many times. */
const RETRIES = 6;
const FIRST_RETRY = 2_000;

/** When the platform rings next, in ms since 1970; null for never. */
export async function alarmOf({ stub }: AlarmSource): Promise<number | null> {
  return look(stub, (_room, { storage }) => behind(storage).getAlarm.call(storage));
}

/** Rings as the platform does: the slot is empty while the object handles it, and an alarm that fails is tried again. */
export async function ringAlarm(source: AlarmSource): Promise<AlarmOutcome> {
  const { runInDurableObject } = await plugin();
  const { stub, retries } = source;
  try {
    const next = await runInDurableObject(stub(), async (room, state) => {
      const { storage } = state;
      platformClock.seenBy(state);
      // Not waited for: what the object writes in the same turn is then committed with it.
      const emptied = behind(storage).deleteAlarm.call(storage);
      await room.alarm?.({
        retryCount: retries,
        isRetry: retries > 0,
        scheduledTime: Date.now(),
      });
      await emptied;
      return behind(storage).getAlarm.call(storage);
    });
    source.retries = 0;
    return { next };
  } catch (fault) {
    // As on the platform, a failing alarm is nobody's error: it is tried again, and then given up.
    source.retries = retries < RETRIES ? retries + 1 : 0;
    const again = source.retries > 0 ? Date.now() + FIRST_RETRY * 2 ** retries : undefined;
    const next = await look(stub, async (_room, { storage }) => {
      const slot = behind(storage);
      const set = await slot.getAlarm.call(storage);
      if (set === null && again !== undefined) await slot.setAlarm.call(storage, again);
      return set;
    });
    return { fault, next };
  }
}

/** The platform's own functions, behind what rooms put in front of them: to be called on the object itself. */
export function behind<Guarded extends object>(guarded: Guarded): Guarded {
  return Reflect.getPrototypeOf(guarded) as Guarded; // SAFETY: they are its prototype's
}
