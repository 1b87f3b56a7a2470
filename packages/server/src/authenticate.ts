/**
 * The Worker's side of the door: who asks is found out before a room is touched, so that a stranger
 * cannot wake one, make one or store anything in one.
 *
 *   request -> internals out -> origin -> token -> authenticate -> token out, claims in -> the room
 *                                 |                     |
 *                                 +------ denied -------+   (a close code, or a status)
 */
import { misuse, parseOffer, RoomError } from "@greenroom/protocol";

import { type Denial, denied } from "./accept.ts";
import { checkClaims, type Claims, withClaims } from "./claims.ts";
import { faultId, logFault } from "./report.ts";
import {
  altered,
  cookiesOf,
  type TokenPlaces,
  withoutInternals,
  withoutToken,
  PROTOCOL,
} from "./secrets.ts";

/** To which room a request wants, and with which token. */
export interface AuthenticateContext {
  readonly kind: string;
  readonly room: string;
  /** As the client sent it; `undefined` where it sent none. */
  readonly token: string | undefined;
}

/**
 * Says who asks: gives the claims, or gives or throws a `refuse(reason)` or `unauthenticated()`.
 * `{}` is somebody of whom nothing is known and who may come in all the same.
 */
export type Authenticate = (
  request: Request,
  context: AuthenticateContext,
) => Claims | RoomError | Promise<Claims | RoomError>;

/** The part of `RouteOptions` that says who may come in. */
export interface DoorOptions {
  /** Called before a room is touched. Without it everybody comes in, and nobody has claims. */
  readonly authenticate?: Authenticate;
  /**
   * Other origins whose pages may connect; where it is given, pages of no others may. Cookies of a
   * page of another origin never reach `authenticate` or the room. @default the room's own
   */
  readonly origins?: readonly string[] | ((origin: string) => boolean);
  /** Where the token may also stand; the header `Authorization` and the client's own way always do. */
  readonly token?: TokenPlaces;
}

/** When clients come back after `authenticate` has failed, in ms. */
const RETRY = 5_000;

/**
 * The error with which `authenticate` says that the token will not do, and that another one might:
 * the client asks its token provider once more, and stops where that is denied, too.
 *
 * @param reason what the client may read, at most 100 bytes
 */
export function unauthenticated(reason?: string): RoomError {
  return new RoomError("unauthenticated", {
    message: `The token was not accepted${reason === undefined ? "" : `: ${reason}`}.`,
    reason,
  });
}

/** The request as the room may have it, or the answer of a closed door. */
export async function atTheDoor(
  request: Request,
  place: { readonly kind: string; readonly name: string },
  options: DoorOptions,
): Promise<Request | Response> {
  const { authenticate, origins, token: places = {} } = options;
  let inner = withClaims(withoutInternals(request), undefined);
  let isOwn: boolean;
  try {
    isOwn = isOwnOrigin(inner, origins);
  } catch (fault) {
    // What a client sends as its origin may be too much for the app's code.
    return denied(inner, failed(place.kind, place.name, "origins", fault));
  }
  if (!isOwn && origins) return denied(inner, { code: "refused", reason: "origin" });
  const explicit = explicitToken(inner, places);
  const cookie = places.cookie === undefined ? undefined : cookieOf(inner, places.cookie);
  if (!isOwn) {
    // Nobody asked the person: the browser sends cookies along with whatever page connects (`[A7]`).
    if (authenticate && cookie !== undefined && explicit === undefined)
      return denied(inner, { code: "refused", reason: "origin" });
    inner = withoutCookies(inner);
  }
  if (!authenticate) return inner;
  const token = explicit ?? (isOwn ? cookie : undefined);
  const answer = await ask(authenticate, inner, {
    kind: place.kind,
    room: place.name,
    token,
  });
  if ("denial" in answer) return denied(inner, answer.denial);
  return withClaims(withoutToken(inner, places), answer.claims);
}

async function ask(
  authenticate: Authenticate,
  request: Request,
  context: AuthenticateContext,
): Promise<{ readonly claims: Claims } | { readonly denial: Denial }> {
  try {
    const answer = await authenticate(request, context);
    if (answer instanceof RoomError) throw answer;
    if (request.bodyUsed)
      throw misuse("bad-claims", "authenticate has read the request's body.", {
        hint: "Read `request.clone()`.",
      });
    return { claims: checkClaims(answer) };
  } catch (fault) {
    const denial = denialOf(fault);
    if (denial) return { denial };
    return { denial: failed(context.kind, context.room, "authenticate", fault) };
  }
}

/** Of what the app's own code has thrown at the door a client is told an id (`[A1]`). */
function failed(kind: string, room: string, where: string, fault: unknown): Denial {
  const id = faultId();
  logFault(kind, room, where, id, fault);
  return { code: "failed", id, retryAfter: RETRY };
}

function denialOf(fault: unknown): Denial | undefined {
  if (!(fault instanceof RoomError)) return undefined;
  const { code, reason, retryAfter } = fault;
  if (code !== "refused" && code !== "unauthenticated" && code !== "limited") return undefined;
  return { code, reason, retryAfter };
}

/** A token that the client has put there itself, and that no browser sends along unasked. */
function explicitToken(request: Request, { query }: TokenPlaces): string | undefined {
  const { token } = parseOffer(request.headers.get(PROTOCOL));
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const parameter = query === undefined ? null : new URL(request.url).searchParams.get(query);
  return token ?? bearer ?? parameter ?? undefined;
}

function cookieOf(request: Request, wanted: string): string | undefined {
  return cookiesOf(request).find(([name]) => name === wanted)?.[1];
}

function withoutCookies(request: Request): Request {
  if (!request.headers.has("Cookie")) return request;
  const headers = new Headers(request.headers);
  headers.delete("Cookie");
  return altered(request, { headers });
}

/** Whether a request comes from a page of our own, or from no page at all. */
function isOwnOrigin(request: Request, origins: DoorOptions["origins"]): boolean {
  const origin = request.headers.get("Origin");
  // A link, or an image of another page, is asked for without an origin: its browser says where it stands.
  if (origin === null) return !request.headers.get("Sec-Fetch-Site")?.endsWith("-site");
  if (origin === new URL(request.url).origin) return true;
  return typeof origins === "function" ? origins(origin) : (origins?.includes(origin) ?? false);
}
