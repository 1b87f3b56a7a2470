/** The way in: public ids, the end of a handshake, and how a refusal looks to a browser. */
import {
  CLOSE_CODES,
  type CloseName,
  closeReason,
  SUBPROTOCOL,
  type WireCode,
} from "@greenroom/protocol";

import type { RoomEvents, Tell } from "./observe.ts";
import { offeredBy, PROTOCOL } from "./secrets.ts";

/**
 * The public id of a session in a room: 22 characters of base64url, from SHA-256 of the room's
 * name and the secret token. Nobody can turn it back, and it differs from room to room.
 */
export function publicId(room: string, token: string): Promise<string> {
  return hashed(`${token}\n${room}`);
}

/** 128 bits of the SHA-256 of a text, as base64url. */
export async function hashed(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return new Uint8Array(hash, 0, 16).toBase64({ alphabet: "base64url", omitPadding: true });
}

const encoder = new TextEncoder();
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8. Most texts are ASCII, and need not be encoded to be counted. */
export function byteLength(text: string): number {
  return BEYOND_ASCII.test(text) ? encoder.encode(text).length : text.length;
}

/** The end of a handshake. Greenroom's clients offer a subprotocol, and insist on its being selected. */
export function upgraded(request: Request, client: WebSocket): Response {
  const offered = offeredBy(request.headers);
  // Another version's client insists on an answer, too. The secrets beside it are no versions.
  const chosen = offered.includes(SUBPROTOCOL)
    ? SUBPROTOCOL
    : offered.find((name) => /^greenroom\.(\d+|debug)$/.test(name));
  return new Response(null, {
    status: 101,
    webSocket: client,
    ...(chosen && { headers: { [PROTOCOL]: chosen } }),
  });
}

/**
 * Accepts a handshake and closes it at once with a code. A browser sees no status of a refused
 * handshake, only the close code of an accepted one.
 */
export function turnedAway(
  request: Request,
  name: CloseName,
  retryAfter?: number,
  words?: string,
): Response {
  const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  server.accept();
  server.close(CLOSE_CODES[name], closeReason(name, retryAfter, words));
  return refusal(upgraded(request, client), { code: name });
}

/** Answers by which somebody was turned away, until that was told to whoever listens. */
const refusals = new WeakMap<Response, RoomEvents["refuse"]>();

function refusal(response: Response, told: RoomEvents["refuse"]): Response {
  refusals.set(response, told);
  return response;
}

/** Tells of an answer by which somebody was turned away, once; gives it back. */
export function tellRefusal(response: Response, tell: Tell): Response {
  const told = refusals.get(response);
  if (told && refusals.delete(response)) tell("refuse", () => told);
  return response;
}

/** Words for the reason of a close that a fault has caused: the id under which the log has it. */
export function idWords(id: string | undefined): string | undefined {
  return id && `id ${id}`;
}

/** Why somebody stays outside. */
export interface Denial {
  readonly code: "refused" | "unauthenticated" | "banned" | "locked" | "limited" | "failed";
  /** The app's own words. */
  readonly reason?: string | undefined;
  /** In ms. */
  readonly retryAfter?: number | undefined;
  /** Under which a fault was logged. */
  readonly id?: string | undefined;
  /** By a status, and not by a handshake: no browser sees it, and nothing costs less. */
  readonly outright?: boolean;
}

/** All others are 403: the room does not want whoever asks. */
const STATUS: Readonly<Partial<Record<Denial["code"], number>>> = {
  unauthenticated: 401,
  limited: 429,
  failed: 500,
};

/** Says so: by a close code over a WebSocket, by a status over HTTP. */
export function denied(
  request: Request,
  { code, reason, retryAfter, id, outright }: Denial,
): Response {
  if (isUpgrade(request) && !outright)
    return turnedAway(request, code, retryAfter, reason ?? idWords(id));
  return refusal(errorResponse(STATUS[code] ?? 403, code, { reason, retryAfter, id }), { code });
}

/** An HTTP answer of ours: a code, an id where there is one, and never the text of a fault. */
export function errorResponse(
  status: number,
  code: WireCode | string,
  extra: Record<string, unknown> = {},
): Response {
  return Response.json({ code, ...extra }, { status });
}

/** Whether a request asks for a WebSocket. */
export function isUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** Whether a code tells of a close that no frame may carry; partyserver leaves such a close unanswered. */
export function isUnsendable(code: number): boolean {
  return code === 1005 || code === 1006 || code === 1015;
}

/**
 * Completes a close that the peer began. A bare `close()` arrives as 1005, which no frame may carry: it is
 * answered in kind. Behind 1006 there is nobody left to answer, but workerd holds the connection's file
 * descriptors until it is closed here too, or its wrapper is garbage.
 */
export function completeClose(socket: WebSocket, code: number, reason: string): void {
  try {
    if (isUnsendable(code)) socket.close();
    else socket.close(code, reason);
  } catch {
    // Closed already, by the room or by the platform: nothing is left to complete.
  }
}
