/**
 * Who was sent away for sending too much, as a Worker remembers it: one that dials again before its
 * time reaches no room.
 *
 *   room: limited, 10 s --> Worker: lets it through, and remembers it
 *   again, before its time --> Worker: says so by the close code, a few times, and then by a status
 *
 * Greenroom's clients keep to the time and meet none of this. What dials all the same gets what
 * costs least. A Worker forgets when it ends, and another one does not know: the room does.
 */
import { parseOffer } from "@greenroom/protocol";

import { publicId, refusedOutright, turnedAway } from "./accept.ts";
import { setLatest } from "./latest.ts";

/** By this header of its answer a room tells its Worker that a session, or its user, is away. */
const HEADER = "Greenroom-Away";
/** So often each is told by a close code, which a browser can see. */
const TOLD = 4;
/** How many are remembered. */
const REMEMBERED = 1_000;

interface Memory {
  readonly until: number;
  told: number;
}

/** The latest last. */
const memories = new Map<string, Memory>();

/** The room's answer to somebody who is away for so many ms. */
export function sentAway(request: Request, ms: number): Response {
  const answer = turnedAway(request, "limited", ms);
  answer.headers.set(HEADER, String(ms));
  return answer;
}

/** The room that a handshake asks for. */
export interface Place {
  readonly kind: string;
  readonly name: string;
}

/** Under what the Worker remembers the session of a handshake: a hash, as the room knows no more of it. */
export async function sessionKey(request: Request, place: Place): Promise<string> {
  const { hello } = parseOffer(request.headers.get("Sec-WebSocket-Protocol"));
  const token = hello?.session ?? new URL(request.url).searchParams.get("_pk");
  return token === null ? "" : keyOf(place, await publicId(place.name, token));
}

/** Under what the Worker remembers a user. */
export function userKey(place: Place, user: string | undefined): string {
  return user === undefined ? "" : keyOf(place, "user", user);
}

function keyOf({ kind, name }: Place, ...who: string[]): string {
  return JSON.stringify([kind, name, ...who]);
}

/** The answer to somebody who is to stay away for longer; `undefined` for everybody else. */
export function stillAway(request: Request, key: string): Response | undefined {
  const memory = memories.get(key);
  const ms = memory ? memory.until - Date.now() : 0;
  if (!memory || ms <= 0) return undefined;
  memory.told += 1;
  return memory.told <= TOLD ? turnedAway(request, "limited", ms) : refusedOutright(ms);
}

/** A room's answer as a client may have it; whom it sends away is remembered under these keys. */
export function rememberAway(answer: Response, keys: readonly string[]): Response {
  const ms = Number(answer.headers.get(HEADER) ?? 0);
  if (!(ms > 0)) return answer;
  const until = Date.now() + ms;
  for (const key of keys) if (key !== "") setLatest(memories, key, { until, told: 1 }, REMEMBERED);
  const plain = new Response(answer.body, answer);
  plain.headers.delete(HEADER);
  return plain;
}
