/** Sending: one frame for each member, with everything that a burst has for it. */
import { encodeEntries, encodeItem, encodeRoomFrame, type Welcome } from "@greenroom/protocol";

import { answersFor, type Burst, isShared, render } from "./burst.ts";
import type { Members, Socket } from "./members.ts";

/** A resume is sent in frames of about so many characters. */
const FRAME_SIZE = 256 * 1024;

/** Sends the welcome of a connection, what comes `beside` it (items joined by commas), the entries it missed, and what else the burst has for it. */
export function sendWelcome(
  socket: Socket,
  welcome: Welcome,
  missed: readonly { readonly seq: number; readonly entries: string }[],
  burst: Burst,
  beside: string,
): void {
  let items = [encodeItem(["w", welcome]), ...(beside ? [beside] : [])];
  let size = 0;
  for (const { seq, entries } of missed) {
    if (size + entries.length > FRAME_SIZE && size > 0) {
      socket.send(encodeRoomFrame(items));
      items = [];
      size = 0;
    }
    items.push(encodeEntries(seq, entries));
    size += entries.length;
  }
  // The burst's entries are in the log already, and so among those missed.
  const others = burst.outgoing.filter((out) => !("entry" in out));
  sendItems(socket, [...items, render(others, welcome.id)]);
}

/**
 * Sends a burst to the members, except to those who were welcomed with it.
 *
 * Most members get the same text: it is made once, and sent as the same string. `minted` is the
 * item that tells of a new epoch, or empty.
 */
export function sendBurst<S extends Socket>(
  members: Members<S>,
  burst: Burst,
  minted: string,
  welcomed: ReadonlySet<S>,
): void {
  const { outgoing, answers } = burst;
  if (outgoing.length === 0) {
    for (const id of answers.keys()) {
      const socket = members.of(id);
      if (socket) sendItems(socket, [answersFor(burst, id)]);
    }
    return;
  }
  const shared = isShared(outgoing) ? join([minted, render(outgoing)]) : undefined;
  const frame = `[${shared ?? ""}]`;
  for (const socket of members.all()) {
    if (welcomed.has(socket)) continue;
    const id = shared !== undefined && answers.size === 0 ? "" : members.idOf(socket);
    const own = id === "" ? "" : answersFor(burst, id);
    if (shared !== undefined && own === "") socket.send(frame);
    else sendItems(socket, [own, shared ?? join([minted, render(outgoing, id)])]);
  }
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(",");
}

function sendItems(socket: Socket, parts: readonly string[]): void {
  const items = join(parts);
  if (items !== "") socket.send(`[${items}]`);
}
