/** The timers of a feature of the room: their names begin with its own, and with "$". */
import type { OwnTimers } from "./extension.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** Gives a feature its timers, which ring by `rang`. */
export function ownTimers(
  { schedule, timers, deadline }: Lifecycle,
  kind: string,
  rang: (name: string, payload: unknown) => void,
): OwnTimers {
  const { table } = schedule;
  timers.own(kind, (payload, { name }) => rang(name, payload));
  return {
    set: (name, due, payload) => {
      schedule.set(name, due, {}, JSON.stringify(payload));
      deadline.begin();
    },
    cancel: (name) => void schedule.cancel(name),
    pending: (prefix) =>
      table
        .names(prefix)
        .map((name) => ({ name, payload: JSON.parse(table.payload(name)) as unknown })),
  };
}
