/** Mistakes in a room's code or configuration: their texts stay out of the client's bundle. */
import { FIT_CONTRACT } from "./contract.ts";
import { type ErrorDetails, type MisuseCode, RoomError } from "./errors.ts";

/** What to do about each mistake. What it is, each error says itself; misuse-meanings.ts does for the docs. */
export const HINTS: Readonly<Record<MisuseCode, string>> = Object.freeze({
  "bad-contract": FIT_CONTRACT,
  "bad-option": "Give the option a value that it takes.",
  "bad-handler": "Write one handler for each message and call of the contract.",
  thenable: "Write `async` before the handler.",
  "applied-twice": "Extend the class that has it already.",
  "hibernate-off": "Remove `static options = { hibernate: false }` from the class.",
  "not-sqlite": 'Write "new_sqlite_classes" where the wrangler configuration has "new_classes".',
  "compatibility-date":
    'In the wrangler configuration, set "compatibility_date" to "2026-08-04" or later.',
  "no-name": "Use `getRoom(namespace, name)` or `routeRooms`, not `newUniqueId()`.",
  "bad-claims": "Return a plain object that fits the contract's `claims`.",
  "state-too-large": "Keep less than 15 KiB on a connection; keep the rest in SQL.",
  "bad-tag": "Use at most 8 tags of 1 to 250 characters.",
  "alarm-in-transaction": "Use `this.ctx.storage.setAlarm`, or a named timer.",
  "migration-failed": "Correct it: it runs again at the next use of SQL.",
  "schema-newer": "Deploy the version that has all of its `migrations`.",
});

/** The error for a mistake; `message` says what was found, with the actual values. */
export function misuse(code: MisuseCode, message: string, details: ErrorDetails = {}): RoomError {
  return new RoomError(code, { hint: HINTS[code], ...details, message });
}

/** The error for an option with a value that it does not take. */
export function badOption(name: string, value: unknown, takes: string): RoomError {
  return misuse("bad-option", `${name} is ${String(value)}; it takes ${takes}.`);
}
