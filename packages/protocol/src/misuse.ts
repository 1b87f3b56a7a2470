/** Mistakes in a room's code or configuration: their texts stay out of the client's bundle. */
import { BAD_CONTRACT } from "./contract.ts";
import { type ErrorDetails, type ErrorText, type MisuseCode, RoomError } from "./errors.ts";

/** Every mistake with its message and its hint. */
export const MISUSES: Readonly<Record<MisuseCode, ErrorText>> = Object.freeze({
  "bad-contract": BAD_CONTRACT,
  "bad-option": [
    "An option has a value that it cannot have.",
    "The message names the option and the values that it takes.",
  ],
  "bad-handler": [
    "The handlers do not fit the contract.",
    "Write one handler for each message and call of the contract.",
  ],
  thenable: [
    "A handler that is not an async function returned a promise.",
    "Write `async` before the handler, so that the room knows it cannot be one transaction.",
  ],
  "applied-twice": [
    "withRoomLifecycle was applied twice.",
    "Extend the class that has it already.",
  ],
  "hibernate-off": [
    "A room sleeps between messages: `hibernate: false` cannot be.",
    "Remove `static options = { hibernate: false }` from the class.",
  ],
  "not-sqlite": [
    "The class has no SQLite storage.",
    'In the wrangler configuration, write "new_sqlite_classes" where "new_classes" names the class.',
  ],
  "compatibility-date": [
    "The Worker's compatibility date is too old.",
    'In the wrangler configuration, set "compatibility_date" to "2026-08-04" or later.',
  ],
  "no-name": [
    "The room was not addressed by name.",
    "Use `getRoom(namespace, name)` or `routeRooms`, not `newUniqueId()`.",
  ],
  "bad-claims": [
    "What `authenticate` says of a client cannot be its claims.",
    "Return a plain object that fits the contract's `claims`, or `refuse(...)` or `unauthenticated()`.",
  ],
  "state-too-large": [
    "A connection's state and claims exceed what a sleeping socket can keep.",
    "Keep less than 15 KiB on a connection; keep the rest in SQL.",
  ],
  "bad-tag": ["A connection's tags are not allowed.", "Use at most 8 tags of 1 to 250 characters."],
  "alarm-in-transaction": [
    "An alarm cannot be set through a transaction object in a room.",
    "Use `this.ctx.storage.setAlarm`, or a named timer.",
  ],
  "migration-failed": [
    "A migration failed, and the schema stays as it was.",
    "Correct it: it runs again at the next use of SQL.",
  ],
  "schema-newer": [
    "The room's database is newer than its code.",
    "Deploy the version that has all of its `migrations`, or a newer one.",
  ],
});

/** The error for a mistake; `details.message` says what was found, with the actual values. */
export function misuse(code: MisuseCode, details: ErrorDetails = {}): RoomError {
  const [message, hint] = MISUSES[code];
  return new RoomError(code, { message, hint, ...details });
}
