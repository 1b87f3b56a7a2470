/**
 * The texts of exceptions, for a page that asks for them while its room is being developed. The
 * Worker decides, by `development`, and tells the room in `request.cf`, which no client can set.
 */
import { DEBUG, type Fault } from "@greenroom/protocol";

import { carriedBy, carrying } from "./carried.ts";
import { attachmentOf } from "./connection.ts";
import { offeredBy } from "./secrets.ts";

/** With this header a request over HTTP asks, as a WebSocket does with a subprotocol. */
const HEADER = "Greenroom-Debug";
/** So much of a text is told, in characters. */
const LONGEST = 4_000;

/** Whether a Worker is on this machine: there it is in development, unless it says otherwise. */
export function isLocal({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** The request as the room may have it: it says whether details are wanted, and may be given. */
export function withWish(request: Request, isDevelopment: boolean): Request {
  return carrying(request, "greenroomDebug", (isDevelopment && isAsked(request)) || undefined);
}

/** Whether the Worker has granted details to this request. */
export function wantsDetails(request: Request): boolean {
  return carriedBy(request, "greenroomDebug") === true;
}

/** A fault as its client may know it: with the text of the exception where that is wanted. */
export function detailed(fault: Fault, cause: unknown, isWanted: boolean): Fault {
  return isWanted ? { ...fault, message: textOf(cause) } : fault;
}

/** Whether the connection has asked for details, and was granted them. */
export function isDebugged(socket: WebSocket | undefined): boolean {
  return socket !== undefined && attachmentOf(socket)?.debug === true;
}

function isAsked({ headers }: Request): boolean {
  return headers.has(HEADER) || offeredBy(headers).includes(DEBUG);
}

function textOf(cause: unknown): string {
  const text = cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause);
  return text.slice(0, LONGEST).toWellFormed();
}
