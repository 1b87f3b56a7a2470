/**
 * Pages: lets clients read older entries of the log than they were given on joining. A page is
 * read from the log as it is: it writes no row, is no message of the room, and moves no deadline.
 */
import { encodeItem, type Fault, badOption, readPageRequest } from "@greenroom/protocol";

import { byteLength } from "./accept.ts";
import { hostable } from "./extension-host.ts";
import type { Extended, ExtensionContext, RoomExtension } from "./extension.ts";
import type { Socket } from "./members.ts";
import type { LogEntry } from "./segments.ts";

/** Options of `pages`. */
export interface PagesOptions {
  /** The most entries of a page: 1 to 1,000. @default 100 */
  readonly most?: number;
}

const LARGEST = 1_000;
/** Bytes of entries after which a page ends, however few they are. */
const PAGE_BYTES = 256 * 1024;

/** Who comes and goes is nothing to it. */
const UNTOLD: Omit<Extended<never>, "frame"> = {
  entering: () => Promise.resolve(),
  turnedAway: () => undefined,
  admitted: () => "",
  left: () => undefined,
  rang: () => undefined,
  shown: () => ({ presence: undefined, profile: undefined }),
  forget: () => undefined,
};

/** Gives clients that use `pages`, too, the log page by page: `Room.of(chat, { use: [pages()] })`. */
export function pages({ most = 100 }: PagesOptions = {}): RoomExtension {
  return hostable({
    name: "pages",
    kind: "b",
    timer: "$pages",
    check() {
      if (Number.isSafeInteger(most) && most >= 1 && most <= LARGEST) return;
      throw badOption("pages: most", most, `a whole number from 1 to ${LARGEST}`);
    },
    extend: (context) => ({
      ...UNTOLD,
      frame: (socket, text, fault) => answer(context, most, socket, text, fault),
    }),
  });
}

function answer<S extends Socket>(
  { members, before }: ExtensionContext<S>,
  most: number,
  socket: S,
  text: string,
  fault?: Fault,
): void {
  if (members.isPending(socket)) return;
  const asked = readPageRequest(text);
  if (!asked) return socket.send(`[${encodeItem(["x", 0, fault ?? { code: "malformed" }])}]`);
  const { id, seq, limit } = asked;
  if (fault) return socket.send(`[${encodeItem(["b", id, fault])}]`);
  const entries = newest(before(seq, Math.min(limit, most)));
  socket.send(
    `[["b",${[id, entries[0]?.seq ?? 0, ...entries.map(({ json }) => json)].join(",")}]]`,
  );
}

/** The newest of the entries that fit into a page; the very newest in any case. */
function newest(entries: readonly LogEntry[]): readonly { seq: number; json: string }[] {
  const page: { seq: number; json: string }[] = [];
  let bytes = 0;
  for (const { seq, event, value, at } of entries.toReversed()) {
    const json = JSON.stringify([event, value, at]);
    bytes += byteLength(json);
    if (bytes > PAGE_BYTES && page.length > 0) break;
    page.unshift({ seq, json });
  }
  return page;
}
