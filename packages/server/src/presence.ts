/** `@greenroom/server/presence`: who is in the room, and what each shows of itself. */
import { badOption, misuse } from "@greenroom/protocol";

import { hostable } from "./extension-host.ts";
import type { RoomExtension } from "./extension.ts";
import { RoomPresence } from "./room-presence.ts";

/** Options of `presence`. Durations are milliseconds. */
export interface PresenceOptions {
  /**
   * How long a member that was lost without a goodbye is still told as being there; what comes
   * back within it was never away. Up to a second is added, so that one alarm serves many.
   * @default 10_000
   */
  readonly grace?: number;
  /**
   * How long clients go on showing whom they knew, after a deploy or a crash has ended all
   * connections together. @default 15_000
   */
  readonly deployGrace?: number;
}

const DEFAULTS = Object.freeze({ grace: 10_000, deployGrace: 15_000 });
/** The longest grace, in ms. */
const LONGEST = 60 * 60_000;
/**
 * Lets members show themselves to each other: `Room.of(chat, { use: [presence()] })`, where the
 * contract has `presence`.
 */
export function presence(options: PresenceOptions = {}): RoomExtension {
  const settings = { ...DEFAULTS, ...options };
  return hostable({
    name: "presence",
    kind: "p",
    timer: "$leave",
    check(shape) {
      for (const name of ["grace", "deployGrace"] as const) {
        const ms = settings[name];
        if (ms >= 0 && ms <= LONGEST) continue;
        throw badOption(`presence: ${name}`, ms, `0 to ${LONGEST} ms`);
      }
      if (shape.presence) return;
      throw misuse("bad-contract", "The room uses presence, and its contract has no `presence`.", {
        hint: "Add `presence: schema` to the contract: what a member shows of itself.",
      });
    },
    extend: (context) => new RoomPresence(context, settings),
  });
}
