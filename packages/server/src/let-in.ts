/**
 * How a connection is let in, the same in every room: an accepted socket that its hooks have seen, or an
 * answer that says why not. Nobody sees a member before its `onConnect` is done (`[A14]`), and
 * one that is kept out leaves no ghost (`[A13]`).
 */
import { denied, idWords, publicId, turnedAway, upgraded } from "./accept.ts";
import type { Who } from "./claims.ts";
import {
  attach,
  type Attachment,
  attachmentOf,
  markGone,
  openSockets,
  platformTags,
} from "./connection.ts";
import { wantsDetails } from "./details.ts";
import { denialOfFault } from "./doors.ts";
import type { Inside } from "./inside.ts";
import { closeWith, supersede } from "./members.ts";

/** One connection that wants to come in, as the driver of its room knows it. */
export interface Newcomer {
  readonly request: Request;
  readonly who: Who | undefined;
  /** The secret of its session; without one it is a session of its own. */
  readonly session: string | undefined;
  /** Whether it comes behind a later one of the same client. */
  isLate?(older: readonly WebSocket[]): boolean;
  /** What its socket keeps from the beginning, beside what all keep. */
  keeps?(older: readonly WebSocket[]): Partial<Attachment>;
  /** Its tags, which may take their time. */
  tags?(socket: WebSocket): Promise<readonly string[]>;
  /** Runs its hooks, and lets it in. */
  enter(socket: WebSocket, id: string, older: readonly WebSocket[]): Promise<void>;
  /** It was not let in after all. */
  turnedAway?(id: string): void;
}

/** Answers a handshake. */
export async function letIn(
  ctx: DurableObjectState,
  inside: Inside,
  newcomer: Newcomer,
): Promise<Response> {
  const { pending, rates, doors, headcount, sweep, lifecycle, report, tell } = inside;
  const { request, who, session } = newcomer;
  // A token that nobody knows needs no hash: 22 characters by chance are as good.
  const id = session
    ? await publicId(ctx.id.name ?? "", session)
    : crypto.randomUUID().replaceAll("-", "").slice(-22);
  const away = rates.away(who?.user ?? id, Date.now());
  if (away) return denied(request, away);
  let older = openSockets(ctx, { id });
  if (newcomer.isLate?.(older)) return turnedAway(request, "superseded");
  const shut = doors.denial(id, who);
  if (shut) return denied(request, shut);
  const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  let step = "the claims";
  let isAccepted = false;
  try {
    // Before the socket is accepted, so that a throw leaves nothing: its claims may be too large.
    attach(socket, {
      id,
      at: Date.now(),
      tags: [],
      state: null,
      ...newcomer.keeps?.(older),
      ...(who && { who }),
      ...(wantsDetails(request) && { debug: true as const }),
    });
    step = "onConnect";
    let tags: readonly string[] = [];
    if (newcomer.tags) {
      tags = await newcomer.tags(socket);
      const late = doors.denial(id, who); // asked again: the tags may have taken their time
      if (late) return denied(request, late);
      older = openSockets(ctx, { id });
    }
    const platform = platformTags(id, tags, who);
    pending.add(socket);
    ctx.acceptWebSocket(socket, platform);
    isAccepted = true;
    headcount.came();
    const kept = attachmentOf(socket);
    if (kept && tags.length > 0) attach(socket, { ...kept, tags });
    supersede(older);
    if (sweep.came(who)) lifecycle?.rearm();
    await newcomer.enter(socket, id, older);
    if (attachmentOf(socket)) tell("connect", () => ({ member: id }));
  } catch (fault) {
    const denial = denialOfFault(fault, (cause) => report(cause, step));
    if (!isAccepted) return denied(request, denial);
    tell("refuse", () => ({ code: denial.code, member: id }));
    markGone(socket);
    closeWith(socket, denial.code, denial.retryAfter, denial.reason ?? idWords(denial.id));
    newcomer.turnedAway?.(id);
  }
  return upgraded(request, client);
}
