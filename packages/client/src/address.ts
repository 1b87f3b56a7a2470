/** Where a room is: the URL that is dialed, from what people write as a host. */
import { ownError, roomPath } from "@greenroom/protocol";

/** Hosts that are on this machine, where there is seldom a certificate. */
const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\])(:|$)/i;

/** What an address is made of. */
export interface Address {
  /** @default the page's own host */
  readonly host: string | undefined;
  readonly kind: string;
  readonly room: string;
  readonly prefix: string;
}

/** The WebSocket URL of a room. Throws `bad-host` and `bad-name`. */
export function roomUrl({ host, kind, room, prefix }: Address): string {
  const page: { host?: string; protocol?: string } = globalThis.location ?? {};
  const wanted = host ?? page.host ?? "";
  const isInsecure = wanted === page.host ? page.protocol === "http:" : LOCAL.test(wanted);
  const text = wanted.includes("://")
    ? wanted.replace(/^http/i, "ws")
    : `${isInsecure ? "ws" : "wss"}://${wanted}`;
  const url = parse(text);
  // A path, a query or a user would be lost: a path belongs into `prefix`.
  if (!url || !/^wss?:\/\/[^/?#@]+\/$/.test(url.href)) {
    throw ownError("bad-host", { message: `${JSON.stringify(wanted)} cannot be a host.` });
  }
  // Both ends agree on a prefix without slashes around it (`[A25]`).
  return url.origin + roomPath(kind, room, prefix.replaceAll(/^\/+|\/+$/g, ""));
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // reported by the caller, with what was passed
  }
}
