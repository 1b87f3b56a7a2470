/**
 * Room names: any well-formed text of 1 to 128 characters, the same on both ends.
 *
 * A name travels percent-encoded as one segment of the URL's path. `.` and `..` cannot:
 * every URL parser removes them, however they are encoded.
 */
import { RoomError } from "./errors.ts";

/** The most characters (UTF-16 units) that a room's name may have. */
export const NAME_LIMIT = 128;

/** The first segment of a room's path, unless both ends choose another. */
export const PREFIX = "rooms";

/** Whether a text can be the name of a room. */
export function isRoomName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= NAME_LIMIT &&
    name !== "." &&
    name !== ".." &&
    name.isWellFormed()
  );
}

/** The path of a room: `/rooms/chat/my%20room`. Throws `bad-name`. */
export function roomPath(kind: string, name: string, prefix: string = PREFIX): string {
  if (!isRoomName(name)) {
    throw new RoomError("bad-name", {
      message: `${JSON.stringify(name)} cannot be a room's name.`,
    });
  }
  return `/${prefix}/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
}

/** What the path of a URL says: a room's kind and name, a name that cannot be, or neither. */
export type ParsedPath =
  | { readonly kind: string; readonly name: string }
  | { readonly kind: string; readonly error: "bad-name" }
  | undefined;

/** Reads a path made by `roomPath`; the name is decoded exactly once. */
export function parseRoomPath(pathname: string, prefix: string = PREFIX): ParsedPath {
  const head = `/${prefix}/`;
  if (!pathname.startsWith(head)) return undefined;
  const [kind = "", name, ...rest] = pathname.slice(head.length).split("/");
  const decodedKind = decode(kind);
  if (!decodedKind || name === undefined || rest.length > 0) return undefined;
  const decoded = decode(name);
  if (decoded === undefined || !isRoomName(decoded))
    return { kind: decodedKind, error: "bad-name" };
  return { kind: decodedKind, name: decoded };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // not percent-encoded UTF-8: an expected fault of a stranger's URL
  }
}
