/** The welcome: how a room answers a position, and what it tells whoever it lets in. */
import { type Hello, resume, type Welcome } from "@greenroom/protocol";

import type { DeliveryContext } from "./jobs.ts";
import type { Socket } from "./members.ts";

/** Members come back one after the other, this many ms apart, when all are dropped at once. */
const SLOT = 5;

/** The welcome of a connection whose session's numbers up to `n` have been handled. */
export function welcomeOf<S extends Socket>(
  context: Pick<DeliveryContext<S>, "log" | "members" | "history" | "snapshot">,
  socket: S,
  hello: Hello | undefined,
  n: number,
  ack: number | undefined,
): Welcome {
  const { log, members, history, snapshot } = context;
  const span = log.span();
  const { kind, after } = resume(hello, span, history);
  return {
    id: members.idOf(socket),
    epoch: span.epoch,
    resume: kind,
    seq: after,
    head: span.head,
    n,
    slot: members.count() * SLOT,
    ack,
    snapshot: history === "snapshot" && kind !== "resumed" ? snapshot() : undefined,
  };
}
