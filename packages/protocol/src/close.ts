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
  | "too-large"
  | "unauthenticated"
  | "failed"
  | "limited"
  | "purging"
  | "silent";

/** Every close code of a room, by name. */
export const CLOSES: Readonly<Record<CloseName, readonly [code: number, meaning: string]>> =
  Object.freeze({
    refused: [4000, "The room does not let this client in."],
    expired: [4001, "The room has expired: it was silent for too long."],
    superseded: [4002, "The same session has connected again elsewhere."],
    kicked: [4003, "The room sent this member away."],
    "not-found": [4004, "There is no such room."],
    unsupported: [4005, "The room does not speak the client's version of the protocol."],
    "too-large": [4009, "The client sent a message over the limit."],
    unauthenticated: [4100, "The token is missing, wrong or has expired."],
    failed: [4200, "The room could not be started, or could not let the client in."],
    limited: [4201, "The client sends too much."],
    purging: [4202, "The room is being cleared."],
    silent: [4203, "Nothing was heard of the client for too long."],
  });

const names = new Map<number, CloseName>(
  Object.entries(CLOSES).map(([name, [code]]) => [code, name as CloseName]),
);

/** What a client does after a close. */
export type ClosePolicy =
  | { readonly do: "stop" }
  | { readonly do: "authenticate" }
  | { readonly do: "retry"; readonly after: number };

/** A WebSocket close reason holds at most 123 bytes; these are ASCII and far shorter. */
export function closeReason(name: CloseName, retryAfter?: number): string {
  return retryAfter === undefined ? name : `${name}; retry after ${Math.ceil(retryAfter)} ms`;
}

/** The name of a close code, if it is one of ours. */
export function closeName(code: number): CloseName | undefined {
  return names.get(code);
}

const LONGEST_RETRY = 10 * 60_000;

/**
 * What a client does after the close `code` with `reason`; both ends use this function.
 *
 * `after` is what the room asked to wait, in milliseconds, before the client's own backoff.
 */
export function closePolicy(code: number, reason = ""): ClosePolicy {
  if (code >= 4100 && code < 4200) return { do: "authenticate" };
  if (
    code === 1000 ||
    code === 1008 ||
    (code >= 4000 && code < 5000 && !(code >= 4200 && code < 4300))
  ) {
    return { do: "stop" };
  }
  const asked = /retry after (\d{1,9}) ms/.exec(reason)?.[1];
  return { do: "retry", after: Math.min(Number(asked ?? 0), LONGEST_RETRY) };
}
