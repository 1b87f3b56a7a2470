// The curtain at the top: the house, the sale, and how the connection is.
import type { Status } from "@greenroom/client";

import icon from "./icon.svg";

const WORDS: Record<Status["state"], string> = {
  connecting: "connecting…",
  connected: "connected",
  reconnecting: "reconnecting…",
  closed: "not connected",
};

export function Header({ room, state }: { room: string; state: Status["state"] }) {
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
      <p className="status" role="status" data-state={state}>
        {WORDS[state]}
      </p>
    </header>
  );
}
