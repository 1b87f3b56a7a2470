/** The way from a Worker's request to a room: an allow-list, one decoding of names, and nothing else. */
import { type CloseName, badOption, parseRoomPath, PREFIX } from "@greenroom/protocol";

import { denied, errorResponse, isUpgrade, tellRefusal, turnedAway } from "./accept.ts";
import { atTheDoor, type DoorOptions } from "./authenticate.ts";
import { isLocal, withWish } from "./details.ts";
import { tellOf } from "./observe.ts";
import { faultId, logFault } from "./report.ts";

/** Which origins may read answers over HTTP; `true` is every origin, without credentials. */
export type Cors =
  | boolean
  | { readonly origins: readonly string[]; readonly credentials?: boolean };

/** How requests find their rooms. */
export interface RouteOptions extends DoorOptions {
  /** The rooms that can be reached, by kind: `{ chat: env.ChatRoom }` is `/rooms/chat/<name>`. */
  readonly rooms: Readonly<Record<string, RoomNamespace>>;
  /** The first segment of the path. @default "rooms" */
  readonly prefix?: string;
  /** @default false */
  readonly cors?: Cors;
  /**
   * Whether a 404 lists the kinds of rooms, and pages that ask are told the texts of exceptions.
   * @default on localhost only
   */
  readonly development?: boolean;
}

/** When clients come back to a room that could not be reached, in ms. */
const RETRY = 1_000;
/** How long the answer takes that refuses a dial outright (429), in ms. */
const TARPIT = 1_000;

/** The part of a `DurableObjectNamespace` that routing needs. */
export interface RoomNamespace {
  getByName(name: string): { fetch(request: Request): Promise<Response> };
}

/**
 * Answers a request: from the room that its path names, or with a JSON 404.
 *
 * A WebSocket to what is not a room is accepted and closed with 4004, because a browser cannot
 * see the status of a refused handshake. No object is touched, so nothing can be stored.
 *
 * @example
 * ```ts
 * import { routeRooms } from "@greenroom/server";
 * export default {
 *   fetch: (request: Request, env: Cloudflare.Env) => routeRooms(request, env, { rooms: {} }),
 * };
 * ```
 */
export async function routeRooms(
  request: Request,
  _env: unknown,
  options: RouteOptions,
): Promise<Response> {
  const { rooms, prefix = PREFIX, cors = false } = options;
  if (!/^[\w-]+(\/[\w-]+)*$/.test(prefix)) {
    throw badOption("routeRooms: prefix", `"${prefix}"`, "a path without slashes at its ends");
  }
  const url = new URL(request.url);
  const place = parseRoomPath(url.pathname, prefix);
  if (!place) return withCors(notFound(url, options), request, cors);
  const namespace = Object.hasOwn(rooms, place.kind) ? rooms[place.kind] : undefined;
  if (!namespace || "error" in place) {
    if (isUpgrade(request))
      return tellRefusal(turnedAway(request, "not-found" satisfies CloseName), tellOf("?", "?"));
    const answer = namespace ? errorResponse(400, "bad-name") : notFound(url, options);
    return withCors(answer, request, cors);
  }
  if (request.method === "OPTIONS" && cors)
    return withCors(new Response(null, { status: 204 }), request, cors);
  const { development = isLocal(url) } = options;
  const entry = await atTheDoor(withWish(request, development), place, options);
  const answer = entry instanceof Response ? entry : await reach(namespace, place, entry);
  tellRefusal(answer, tellOf(place.kind, place.name));
  // Here and not in the room: a Worker that waits costs nothing, and who dials one after the other dials no faster.
  if (isUpgrade(request) && answer.status === 429) await scheduler.wait(TARPIT);
  return isUpgrade(request) ? answer : withCors(answer, request, cors);
}

/** What the room answers; where it cannot, its exception stays here (`[A1]`). */
async function reach(
  namespace: RoomNamespace,
  { kind, name }: { readonly kind: string; readonly name: string },
  request: Request,
): Promise<Response> {
  try {
    return await namespace.getByName(name).fetch(request);
  } catch (fault) {
    const id = faultId();
    logFault(kind, name, "the way to the room", id, fault);
    return denied(request, { code: "failed", id, retryAfter: RETRY });
  }
}

function notFound(
  url: URL,
  { rooms, prefix = PREFIX, development = isLocal(url) }: RouteOptions,
): Response {
  if (!development) return errorResponse(404, "not-found");
  const paths = Object.keys(rooms).map((kind) => `/${prefix}/${kind}/<name>`);
  return errorResponse(404, "not-found", { path: url.pathname, rooms: paths });
}

function withCors(response: Response, request: Request, cors: Cors): Response {
  if (!cors) return response;
  const origin = request.headers.get("Origin");
  const answer = new Response(response.body, response);
  // Also without CORS for this one: a cache must not give that answer to a page of another origin.
  answer.headers.append("Vary", "Origin");
  if (origin === null || (cors !== true && !cors.origins.includes(origin))) return answer;
  answer.headers.set("Access-Control-Allow-Origin", cors === true ? "*" : origin);
  if (cors !== true && cors.credentials)
    answer.headers.set("Access-Control-Allow-Credentials", "true");
  if (request.method === "OPTIONS") {
    answer.headers.set(
      "Access-Control-Allow-Methods",
      "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    );
    const asked = request.headers.get("Access-Control-Request-Headers");
    if (asked !== null) answer.headers.set("Access-Control-Allow-Headers", asked);
    answer.headers.set("Access-Control-Max-Age", "86400");
  }
  return answer;
}
