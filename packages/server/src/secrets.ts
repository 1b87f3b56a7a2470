/**
 * What of a request is secret, and the same request without it: what has done its work at the door
 * goes no further, so that no hook can log, keep or echo it (`[A8]`).
 */
/** By this header the development server takes a `cf` from outside. */
export const CF_HEADER = "MF-CF-Blob";

/** Headers with which partyserver or the development server would be told what to do: nobody outside may. */
const INTERNAL_HEADER = /^(x-(partykit|greenroom)-|mf-cf-blob$)/i;

/** The header in which subprotocols are offered, and one is chosen. */
export const PROTOCOL = "Sec-WebSocket-Protocol";

/** The subprotocols in which secrets travel: the token, and the session's beside it. */
const TOKEN = /^greenroom\.auth\./;
const SECRET = /^greenroom\.(auth|hello)\./;

/** The id that partysocket's clients give themselves: here it is the session's secret. */
const SESSION_PARAMETER = "_pk";

/** Where a token may stand beside the header `Authorization` and the subprotocol. */
export interface TokenPlaces {
  /** The name of a cookie. */
  readonly cookie?: string;
  /** The name of a parameter of the URL, which ends up in the logs of whoever sees it on the way. */
  readonly query?: string;
}

/** The same request with other headers, another URL, another `cf`. */
export function altered(
  request: Request,
  to: { readonly headers?: Headers; readonly url?: URL; readonly cf?: Record<string, unknown> },
): Request {
  const { headers, url, cf } = to;
  // SAFETY: the platform types what it makes itself; it carries whatever can be JSON.
  const init = { ...(headers && { headers }), ...(cf && { cf }) } as RequestInit;
  const changed = headers || cf ? new Request(request, init) : request;
  return url ? new Request(url, changed) : changed;
}

/** Without headers that mean something only within. */
export function withoutInternals(request: Request): Request {
  const internal = [...request.headers.keys()].filter((name) => INTERNAL_HEADER.test(name));
  if (internal.length === 0) return request;
  const headers = new Headers(request.headers);
  for (const name of internal) headers.delete(name);
  return altered(request, { headers });
}

/** Without the token, wherever it stands; `authenticate` has had it. */
export function withoutToken(request: Request, { cookie, query = "token" }: TokenPlaces): Request {
  const headers = new Headers(request.headers);
  headers.delete("Authorization");
  dropProtocols(headers, TOKEN);
  if (cookie !== undefined) {
    const others = cookiesOf(request).filter(([name]) => name !== cookie);
    setOrDelete(headers, "Cookie", others.map((pair) => pair.join("=")).join("; "));
  }
  return altered(request, { headers, ...withoutParameter(request, query) });
}

/** Without the session's secret and the token: what a hook of the room may see. */
export function withoutSession(request: Request): Request {
  // Copies are dear, and made where there is something to leave out.
  const headers = request.headers.has(PROTOCOL) ? new Headers(request.headers) : undefined;
  const isSecret = headers && dropProtocols(headers, SECRET);
  const url = withoutParameter(request, SESSION_PARAMETER);
  return isSecret || url ? altered(request, { ...(isSecret && { headers }), ...url }) : request;
}

/** The cookies of a request, as they were written. */
export function cookiesOf(request: Request): (readonly [name: string, value: string])[] {
  const text = request.headers.get("Cookie") ?? "";
  return text.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
  });
}

/** The subprotocols that a handshake offers. */
export function offeredBy(headers: Headers): string[] {
  const offer = headers.get(PROTOCOL);
  return offer === null ? [] : offer.split(",").map((protocol) => protocol.trim());
}

/** Takes subprotocols out of the offer; says whether there were any. */
function dropProtocols(headers: Headers, secret: RegExp): boolean {
  const all = offeredBy(headers);
  const others = all.filter((protocol) => !secret.test(protocol));
  setOrDelete(headers, PROTOCOL, others.join(", "));
  return others.length < all.length;
}

function withoutParameter(request: Request, name: string): { url: URL } | undefined {
  if (!request.url.includes("?")) return undefined;
  const url = new URL(request.url);
  if (!url.searchParams.has(name)) return undefined;
  url.searchParams.delete(name);
  return { url };
}

function setOrDelete(headers: Headers, name: string, value: string): void {
  if (value === "") headers.delete(name);
  else headers.set(name, value);
}
