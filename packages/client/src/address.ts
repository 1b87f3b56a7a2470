/** Where a room is: the URL that is dialed, from what people write as a host. */
import { RoomError, roomPath } from "@greenroom/protocol";

/** Hosts that are on this machine, where there is seldom a certificate. */
const LOCAL = /^(localhost|[\w.-]+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1\])(:\d+)?$/i;

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
  // Both ends agree on a prefix without slashes around it (`[A25]`).
  const path = roomPath(kind, room, prefix.replaceAll(/^\/+|\/+$/g, ""));
  const here: { host?: string; protocol?: string } = globalThis.location ?? {};
  const wanted = host ?? here.host;
  if (!wanted) throw badHost("There is no page whose host to take.");
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(wanted)
    ? wanted
    : `${isInsecure(wanted, here) ? "ws" : "wss"}://${wanted}`;
  const url = parse(text);
  const scheme =
    url && { "http:": "ws", "ws:": "ws", "https:": "wss", "wss:": "wss" }[url.protocol];
  if (!url?.host || !scheme) throw badHost(`${JSON.stringify(wanted)} cannot be a host.`);
  if (url.pathname + url.search + url.hash + url.username !== "/") {
    throw badHost(`${JSON.stringify(wanted)} is more than a host. A path belongs into \`prefix\`.`);
  }
  return `${scheme}://${url.host}${path}`;
}

function isInsecure(host: string, here: { host?: string; protocol?: string }): boolean {
  return host === here.host ? here.protocol === "http:" : LOCAL.test(host);
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined; // reported by the caller, with what was passed
  }
}

function badHost(message: string): RoomError {
  return new RoomError("bad-host", { message });
}
