/** What is let in of a connection's frames: the rates, the size, and what its member has yet to read. */
import type { Fault } from "@greenroom/protocol";

import { isTooLarge, type Numbered, refuseFrame, type Settled } from "./intake.ts";
import type { DeliveryContext } from "./jobs.ts";
import type { Lagging } from "./lagging.ts";
import { closeWith, type Socket } from "./members.ts";
import { limitOf } from "./observe.ts";
import type { Verdict } from "./rates.ts";
import { LARGEST } from "./size.ts";

/** The frame with which a client acknowledges what it has read. */
const READ = /^\["k",\d{1,16}\]$/;
/** When to ask again for what there is no room for at the moment, in ms. */
export const RETRY = 1_000;

type Context<S extends Socket> = Pick<
  DeliveryContext<S>,
  "rates" | "limits" | "members" | "now" | "tell"
>;

/** What becomes of a frame that asks for something. */
export interface Admitted {
  /** What is left of it, where it is refused. */
  readonly refused: Numbered | Settled | undefined;
  /** Whether it may wait, because its connection sends much at once. */
  readonly isHasty: boolean;
}

const LET_IN: Admitted = Object.freeze({ refused: undefined, isHasty: false });
const IN_HASTE: Admitted = Object.freeze({ refused: undefined, isHasty: true });

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

  /** Lets a frame in, or refuses it; "done" for one that asks for nothing. */
  admit(socket: S, text: string): Admitted | "done" {
    const isRead = READ.test(text);
    // Not counted: there are no more of them than there is to be acknowledged.
    if (isRead && this.#lagging.acknowledged(socket)) return "done";
    const verdict = this.#context.rates.admit(socket, true, this.#context.now());
    const fault = this.#fault(socket, text, verdict);
    if (isRead || fault === "abuse") return "done";
    const { isHasty } = verdict;
    if (!fault) return isHasty ? IN_HASTE : LET_IN;
    return { refused: refuseFrame(text, fault), isHasty };
  }

  /** What a frame of presence is refused with; a connection that goes on for long is closed. */
  fault(socket: S, text: string): Fault | "abuse" | undefined {
    const { rates, now } = this.#context;
    // Presence is its sender's own affair, and no message of the room.
    return this.#fault(socket, text, rates.admit(socket, false, now()));
  }

  #fault(socket: S, text: string, { wait, abuse }: Verdict): Fault | "abuse" | undefined {
    const { rates, members, now, tell } = this.#context;
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
