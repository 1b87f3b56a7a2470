/**
 * How a contract room hosts an extension: the narrow context that the extension is given, made of the
 * room's own parts. It comes with the extensions, so that a room without any does not carry it.
 */
import type { ContractShape } from "@greenroom/protocol";

import { attach, attachmentOf } from "./connection.ts";
import type { Extended, HostedExtension, RoomExtension } from "./extension.ts";
import type { Inside } from "./inside.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Log } from "./log.ts";
import type { SocketMembers } from "./members.ts";
import { ownTimers } from "./own-timers.ts";

/** What of a room its extensions are hosted by. */
export interface Host {
  readonly ctx: DurableObjectState;
  readonly shape: ContractShape;
  readonly inside: Inside;
  readonly lifecycle: Lifecycle;
  readonly members: SocketMembers;
  readonly log: Log;
  /** What the room's `onProfile` says of a member. */
  profileOf(id: string): unknown;
}

/** An extension that a room can host. */
export function hostable(extension: Omit<RoomExtension, "host">): RoomExtension {
  return { ...extension, host: (host) => hosted(extension, host) };
}

function hosted(
  { name, kind, timer, extend }: Omit<RoomExtension, "host">,
  { ctx, shape, inside, lifecycle, members, log, profileOf }: Host,
): HostedExtension {
  const { limits, report } = inside;
  const extended: Extended = extend({
    secret: ctx.id.toString(),
    shape,
    members,
    limits,
    timers: ownTimers(lifecycle, timer, (of, payload) => extended.rang(of, payload)),
    sockets: () => ctx.getWebSockets(),
    part: (socket) => attachmentOf(socket)?.parts?.[name],
    keep: (socket, part) => {
      const kept = attachmentOf(socket);
      if (kept) attach(socket, { ...kept, parts: { ...kept.parts, [name]: part } });
    },
    userOf: (socket) => attachmentOf(socket)?.who?.user,
    profileOf,
    before: (seq, limit) => log.before(seq, limit),
    now: () => Date.now(),
    report,
    after: (ms, call) => void setTimeout(call, ms),
  });
  return Object.assign(extended, { frames: new RegExp(`^\\s*\\[\\s*"${kind}"`) });
}
