/**
 * Why the way in stays closed: over HTTP an answer says it by its code, over a WebSocket the close
 * code of the same name does. No client has the texts in its bundle.
 */
import type { DenialCode, ErrorText } from "./errors.ts";

/** Every denial with its message and its hint. */
export const DENIALS: Readonly<Record<DenialCode, ErrorText>> = Object.freeze({
  unauthenticated: [
    "The token is missing, wrong or has expired.",
    "Send a fresh token; the client asks its `token` provider for one.",
  ],
  banned: [
    "The room has banned this user.",
    "Show it to the person; `unban` lets the user in again.",
  ],
  locked: ["The room is locked.", "Come back when it was unlocked."],
  unsupported: ["The room speaks another version.", "Update the client package."],
  "not-found": ["There is no such room.", "Add its class to `rooms` of `routeRooms`."],
});
