/** The mistakes with what they are, for the page of all errors: an error of a room has a message of its own. */
import type { ErrorText, MisuseCode } from "./errors.ts";
import { HINTS } from "./misuse.ts";

const MEANINGS: Readonly<Record<MisuseCode, string>> = {
  "bad-contract": "The contract cannot be used.",
  "bad-option": "An option has a value that it cannot have.",
  "bad-handler": "The handlers do not fit the contract.",
  thenable: "A handler that is not an async function returned a promise.",
  "applied-twice": "withRoomLifecycle was applied twice.",
  "hibernate-off": "A room sleeps between messages: `hibernate: false` cannot be.",
  "not-sqlite": "The class has no SQLite storage.",
  "compatibility-date": "The Worker's compatibility date is too old.",
  "no-name": "The room was not addressed by name.",
  "bad-claims": "What `authenticate` says of a client cannot be its claims.",
  "state-too-large": "A connection's state and claims exceed what a sleeping socket can keep.",
  "bad-tag": "A connection's tags are not allowed.",
  "alarm-in-transaction": "An alarm cannot be set through a transaction object in a room.",
  "migration-failed": "A migration failed, and the schema stays as it was.",
  "schema-newer": "The room's database is newer than its code.",
};

/** Every mistake with what it is and what to do about it. */
export const MISUSES: Readonly<Record<MisuseCode, ErrorText>> = Object.freeze(
  // SAFETY: the keys are those of MEANINGS.
  Object.fromEntries(
    Object.entries(MEANINGS).map(([code, what]) => [code, [what, HINTS[code as MisuseCode]]]),
  ) as unknown as Record<MisuseCode, ErrorText>,
);
