/** What is let in of a connection's frames: the rates, the size, and what its member has yet to read. */
import type { Fault } from "@greenroom/protocol";

import { isTooLarge, type Numbered, refuseFrame, type Settled } from "./intake.ts";
import type { DeliveryContext } from "./jobs.ts";
import type { Lagging } from "./lagging.ts";
import { closeWith, type Socket } from "./members.ts";
import { limitOf } from "./observe.ts";
import { LARGEST } from "./size.ts";

/** The frame with which a client acknowledges what it has read. */
const READ = /^\["k",\d{1,16}\]$/;
/** When to ask again for what there is no room for at the moment, in ms. */
export const RETRY = 1_000;

type Context<S extends Socket> = Pick<
  DeliveryContext<S>,
  "rates" | "limits" | "members" | "now" | "tell"
>;

/** The way in for frames. */
export class Admission<S extends Socket> {
  readonly #context: Context<S>;
  readonly #lagging: Lagging<S>;
  /** The largest message, in bytes of JSON. */
  readonly largest: number;

  constructor(context: Context<S>, lagging: Lagging<S>) {
    this.#context = context;
    this.#lagging = lagging;
    this.largest = Math.min(LARGEST, context.limits.message);
  }

  /** `undefined` for a frame that is let in, what is left of one that is refused, or "done" for one that asks for nothing. */
  refusal(socket: S, text: string): Numbered | Settled | "done" | undefined {
    const isRead = READ.test(text);
    // Not counted: there are no more of them than there is to be acknowledged.
    if (isRead && this.#lagging.acknowledged(socket)) return "done";
    const fault = this.fault(socket, text);
    if (isRead || fault === "abuse") return "done";
    return fault && refuseFrame(text, fault);
  }

  /** What a frame is refused with before it is read; a connection that goes on for long is closed. */
  fault(socket: S, text: string): Fault | "abuse" | undefined {
    const { rates, members, now, tell } = this.#context;
    // Presence is its sender's own affair, and no message of the room.
    const { wait, abuse } = rates.admit(socket, !text.startsWith('["p"'), now());
    const isChoked = wait === 0 && this.#lagging.isChoked(socket);
    const isFree = !abuse && wait === 0 && !isChoked;
    if (isFree && !isTooLarge(text, this.largest)) return undefined;
    tell?.("limit", () =>
      isChoked && !abuse
        ? { limit: "lag", member: members.idOf(socket), retryAfter: RETRY }
        : limitOf(members.idOf(socket), abuse, wait),
    );
    if (abuse) {
      closeWith(socket, "limited", rates.sendAway(socket, now()));
      return "abuse";
    }
    if (isFree) return { code: "too-large" };
    return { code: "limited", retryAfter: isChoked ? RETRY : wait };
  }
}
