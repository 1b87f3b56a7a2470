/** What a client's own side can fail with: these never travel, and no room has their texts in its bundle. */
import { type ErrorDetails, type ErrorText, type OwnCode, RoomError } from "./errors.ts";

/** Every such error with its message and its hint. */
export const OWN_ERRORS: Readonly<Record<OwnCode, ErrorText>> = Object.freeze({
  aborted: ["The AbortSignal fired.", "It may still be carried out."],
  "outbox-full": ["Too many messages wait.", "Await `send`, or raise `outbox`."],
  "bad-host": ["This cannot be a host.", "Pass `example.com`, `localhost:8787` or a URL."],
  token: ["The token provider failed.", "Return a token within `tokenTimeout`, or null."],
});

/** The error of a client's own side; `details.message` says what was found, with the actual values. */
export function ownError(code: OwnCode, details: ErrorDetails = {}): RoomError {
  const [text, hint] = OWN_ERRORS[code];
  return new RoomError(code, { hint, ...details, message: details.message ?? text });
}
