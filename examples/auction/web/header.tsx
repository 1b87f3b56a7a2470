// The curtain at the top: the house, the sale, you, and how the connection is.
import type { Status } from "@greenroom/client";

import icon from "./icon.svg";
import type { Paddle } from "./paddle.ts";

const WORDS: Record<Status["state"], string> = {
  connecting: "connecting…",
  connected: "connected",
  reconnecting: "reconnecting…",
  closed: "not connected",
};

type Props = { room: string; state?: Status["state"]; paddle?: Paddle; onLeave?(): void };

export function Header({ room, state, paddle, onLeave }: Props) {
  return (
    <header>
      <p className="brand">
        <img src={icon} alt="" width="28" height="28" />
        Greenroom
      </p>
      <h1>
        The {room} sale
        <span>Lots close by themselves, whoever is looking.</span>
      </h1>
      {paddle && (
        <button className="you" type="button" onClick={onLeave}>
          {paddle.name}
          {paddle.role === "auctioneer" && ", auctioneer"}
          <span className="unseen">: take another paddle</span>
        </button>
      )}
      {state && (
        <p className="status" role="status" data-state={state}>
          {WORDS[state]}
        </p>
      )}
    </header>
  );
}
