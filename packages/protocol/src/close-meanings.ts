/** The close codes with what they mean, for servers and for the page of all codes. */
import { CLOSE_CODES, type CloseName } from "./close.ts";

/** Every close code of a room, by name. */
export const CLOSES: Readonly<Record<CloseName, readonly [code: number, meaning: string]>> =
  Object.freeze({
    refused: [CLOSE_CODES.refused, "The room does not let this client in."],
    expired: [CLOSE_CODES.expired, "The room has expired: it was silent for too long."],
    superseded: [CLOSE_CODES.superseded, "The same session has connected again elsewhere."],
    kicked: [CLOSE_CODES.kicked, "The room sent this member away."],
    "not-found": [CLOSE_CODES["not-found"], "There is no such room."],
    unsupported: [
      CLOSE_CODES.unsupported,
      "The room does not speak the client's version of the protocol.",
    ],
    banned: [CLOSE_CODES.banned, "The room has banned this user, for a time or for good."],
    locked: [CLOSE_CODES.locked, "The room is locked: it lets in only who was there before."],
    "too-large": [CLOSE_CODES["too-large"], "The client sent a message over the limit."],
    unauthenticated: [CLOSE_CODES.unauthenticated, "The token is missing, wrong or has expired."],
    failed: [CLOSE_CODES.failed, "The room could not be started, or could not let the client in."],
    limited: [CLOSE_CODES.limited, "The client sends too much."],
    purging: [CLOSE_CODES.purging, "The room is being cleared."],
    silent: [CLOSE_CODES.silent, "Nothing was heard of the client for too long."],
  });
