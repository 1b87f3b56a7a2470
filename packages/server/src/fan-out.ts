/** Sending: one frame for each member, with everything that a burst has for it. */
import { encodeEntries, encodeItem, type Welcome } from "@greenroom/protocol";

import { answersFor, type Burst, isShared, render } from "./burst.ts";
import { CHUNK, type Lagging } from "./lagging.ts";
import type { Log } from "./log.ts";
import type { Members, Socket } from "./members.ts";

/**
 * Sends the welcome of a connection, what comes `beside` it (items joined by commas), the entries it missed, and what else the burst has for it.
 * Of more entries than may be unread it gets the first; the rest follows as it reads.
 */
export function sendWelcome<S extends Socket>(
  socket: S,
  welcome: Welcome,
  log: Log,
  lag: number,
  burst: Burst,
  beside: string,
  lagging: Lagging<S>,
): void {
  let items = [encodeItem(["w", welcome]), beside];
  let size = 0;
  let last = welcome.seq;
  for (const { seq, count, entries } of log.pieces(last, lag)) {
    if (size + entries.length > CHUNK && size > 0) {
      sendItems(socket, items, lagging);
      items = [];
      size = 0;
    }
    items.push(encodeEntries(seq, entries));
    size += entries.length;
    last = seq + count - 1;
  }
  // The burst's entries are in the log already, and so among those missed.
  const others = burst.outgoing.filter((out) => !("entry" in out));
  sendItems(socket, [...items, render(others, welcome.id)], lagging);
  if (last < welcome.head) lagging.begin(socket, last);
}

/**
 * Sends a burst to the members.
 *
 * Most members get the same text: it is made once, and sent as the same string. `minted` is the
 * item that tells of a new epoch, or empty; `head` is the newest entry, this burst's included.
 */
export function sendBurst<S extends Socket>(
  members: Members<S>,
  burst: Burst,
  minted: string,
  head: number,
  lagging: Lagging<S>,
): void {
  const { outgoing, answers } = burst;
  const size = burst.sent + burst.size;
  if (outgoing.length === 0) {
    if (size > 0) lagging.before(members.all(), head, size);
    for (const id of answers.keys()) {
      const socket = members.of(id);
      if (socket) sendItems(socket, [answersFor(burst, id)], lagging);
    }
    return;
  }
  const shared = isShared(outgoing) ? join([minted, render(outgoing)]) : undefined;
  const frame = `[${shared ?? ""}]`;
  const sockets = members.all();
  const first = outgoing.find((out) => "entry" in out)?.seq ?? head + 1;
  lagging.before(sockets, first - 1, size);
  for (const socket of sockets) {
    const id = shared !== undefined && answers.size === 0 ? "" : members.idOf(socket);
    const own = id === "" ? "" : answersFor(burst, id);
    if (lagging.has(socket)) sendItems(socket, [own], lagging);
    else if (shared !== undefined && own === "") send(socket, frame, lagging);
    else sendItems(socket, [own, shared ?? join([minted, render(outgoing, id)])], lagging);
  }
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(",");
}

function sendItems<S extends Socket>(
  socket: S,
  parts: readonly string[],
  lagging: Lagging<S>,
): void {
  const items = join(parts);
  if (items !== "") send(socket, `[${items}]`, lagging);
}

function send<S extends Socket>(socket: S, frame: string, lagging: Lagging<S>): void {
  lagging.sending(socket, frame.length);
  socket.send(frame);
}
