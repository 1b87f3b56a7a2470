/**
 * `logs()`: one line of JSON for each event of a room, on the console, where the platform's own logs
 * and whatever drains them find it. Imported from "@greenroom/server/logs" by those who want it.
 */
import { observe, type RoomEvent } from "./observe.ts";

export { observe };
export type { RoomEvent, RoomEventName, RoomEvents } from "./observe.ts";

/** How much an event matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Options of `logs`. */
export interface LogOptions {
  /** The least that is written. @default "info" */
  readonly level?: LogLevel;
  /** Takes each line. @default the console's function of the level's name */
  readonly write?: (line: string, level: LogLevel) => void;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * Writes one line of JSON for each event of the rooms in this Worker; gives what ends it.
 *
 * @example
 * ```ts
 * import { logs } from "@greenroom/server/logs";
 * logs({ level: "warn" });
 * ```
 */
export function logs({ level = "info", write = toConsole }: LogOptions = {}): () => void {
  const least = LEVELS.indexOf(level);
  if (least < 0) throw new RangeError(`logs: level is ${level}; it takes ${LEVELS.join(", ")}.`);
  return observe((event) => {
    const own = levelOf(event);
    if (LEVELS.indexOf(own) >= least) write(JSON.stringify({ level: own, ...event }), own);
  });
}

/** How much an event matters: failures are errors, what was kept out is a warning. */
export function levelOf(event: RoomEvent): LogLevel {
  switch (event.event) {
    case "error":
      return "error";
    case "refuse":
    case "limit":
      return "warn";
    case "timer":
      return event.outcome === "done" ? "debug" : "warn";
    default:
      return "info";
  }
}

function toConsole(line: string, level: LogLevel): void {
  // oxlint-disable-next-line no-console -- writing to the console is what this is for
  console[level](line);
}
