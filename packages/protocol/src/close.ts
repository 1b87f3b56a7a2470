/**
 * Close codes: one table, and one function that says what a client does after each.
 *
 * 40xx stop; 41xx fetch a new token, then come back; 42xx come back later. A room may use
 * 4300 to 4999 for its own reasons: those stop too.
 */
/** Why a room closed a connection. */
export type CloseName =
  | "refused"
  | "expired"
  | "superseded"
  | "kicked"
  | "not-found"
  | "unsupported"
  | "banned"
  | "locked"
  | "too-large"
  | "unauthenticated"
  | "failed"
  | "limited"
  | "purging"
  | "silent";

/** The code of a room that has expired: its clients tell what waits that it is gone. */
export const EXPIRED = 4001;

/** The code of each name. Their meanings are in close-meanings.ts: clients need no text of them. */
export const CLOSE_CODES: Readonly<Record<CloseName, number>> = {
  refused: 4000,
  expired: EXPIRED,
  superseded: 4002,
  kicked: 4003,
  "not-found": 4004,
  unsupported: 4005,
  banned: 4006,
  locked: 4007,
  "too-large": 4009,
  unauthenticated: 4100,
  failed: 4200,
  limited: 4201,
  purging: 4202,
  silent: 4203,
};

/** What a client does after a close. */
export type ClosePolicy =
  | { readonly do: "stop" }
  | { readonly do: "authenticate" }
  | { readonly do: "retry"; readonly after: number };

/** A WebSocket's close reason holds so many bytes. */
const REASON_LIMIT = 123;

/** The reason of a close: its name, how long to wait, and the room's own words as far as they fit. */
export function closeReason(name: CloseName, retryAfter?: number, words = ""): string {
  const reason =
    retryAfter === undefined ? name : `${name}; retry after ${Math.ceil(retryAfter)} ms`;
  if (words === "") return reason;
  let text = `${reason}: ${words}`.slice(0, REASON_LIMIT);
  while (new TextEncoder().encode(text).length > REASON_LIMIT) text = text.slice(0, -1);
  return text.toWellFormed();
}

/** The name of a close code, if it is one of ours. */
export function closeName(code: number): CloseName | undefined {
  // SAFETY: the keys of the table are its type's.
  return (Object.keys(CLOSE_CODES) as CloseName[]).find((name) => CLOSE_CODES[name] === code);
}

const LONGEST_RETRY = 10 * 60_000;

/**
 * What a client does after the close `code` with `reason`; both ends use this function.
 *
 * `after` is what the room asked to wait, in milliseconds, before the client's own backoff.
 */
export function closePolicy(code: number, reason = ""): ClosePolicy {
  const range = Math.floor(code / 100);
  if (range === 41) return { do: "authenticate" };
  if (code === 1000 || code === 1008 || (range >= 40 && range < 50 && range !== 42)) {
    return { do: "stop" };
  }
  const asked = /retry after (\d{1,9}) ms/.exec(reason)?.[1];
  return { do: "retry", after: Math.min(Number(asked ?? 0), LONGEST_RETRY) };
}
