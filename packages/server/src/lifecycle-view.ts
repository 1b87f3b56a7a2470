/** `this.lifecycle`: what a room tells of its life. */
import type { Deadline, Life } from "./deadline.ts";
import type { Account } from "./ledger.ts";

/** Where a room stands in its life. */
export type Phase = "new" | "active" | "expiring" | "gone";

/** What a room tells of its life: `this.lifecycle`. */
export interface LifecycleView {
  readonly phase: Phase;
  /** Accepted messages since the room began, the one being handled included. */
  readonly messages: number;
  /** When the last accepted message came, in ms since 1970; null before the first. */
  readonly lastMessageAt: number | null;
  /** When the room expires, in ms since 1970; null while it stores nothing. */
  readonly deadline: number | null;
  /** In ms. */
  readonly expireAfter: number;
  /** The epoch of a contract room's log; null before its first kept write, and in other rooms. */
  readonly epoch: string | null;
  /**
   * Ends the room as soon as what is being done is durable: `onExpire` is called, and cannot
   * extend it; whoever is there is told, and nothing is left.
   */
  expire(): void;
}

/** The view of one room's life; `passing` is the phase that it goes through, if it does. */
export function lifecycleView(
  life: Life & { readonly deadline: Deadline },
  passing: () => Phase | undefined,
): LifecycleView {
  const { context, deadline } = life;
  const account = (): Account => life.ledger.read();
  return {
    get phase() {
      const settled = deadline.at() === null ? "new" : deadline.isAsked() ? "expiring" : "active";
      return passing() ?? settled;
    },
    get messages() {
      return account().messages;
    },
    get lastMessageAt() {
      const { messages, at } = account();
      return messages > 0 ? at : null;
    },
    get deadline() {
      return deadline.at();
    },
    get epoch() {
      return account().epoch ?? null;
    },
    expireAfter: context.options.expireAfter,
    expire: () => deadline.ask(),
  };
}
