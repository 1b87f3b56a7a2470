/** How much of its log a room keeps and gives to newcomers, as `static log` of its class says. */
import { badOption, type History } from "@greenroom/protocol";

/** A room's log, as `static log` of its class. */
export interface LogOptions {
  /** What a newcomer gets: the newest so many entries, or the app's snapshot. @default 50 */
  readonly history?: History;
  /** How many of the newest entries are kept at least. @default 1_000 */
  readonly entries?: number;
  /** How many bytes of JSON the entries may have together. @default 4_194_304 (4 MiB) */
  readonly bytes?: number;
}

const DEFAULTS = Object.freeze({ history: 50, entries: 1_000, bytes: 4 * 1024 * 1024 });

/** The options of `static log` with their defaults. */
export function logOptions(options: LogOptions | undefined): Required<LogOptions> {
  return { ...DEFAULTS, ...options };
}

/** Checks `static log`; throws `bad-option`. */
export function checkLog(options: Required<LogOptions>): void {
  for (const [name, value] of Object.entries(options)) {
    const least = name === "history" ? 0 : 1;
    if (name === "history" && value === "snapshot") continue;
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw badOption(`log.${name}`, value, `a whole number from ${least}`);
    }
  }
}
