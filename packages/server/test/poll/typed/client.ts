// The poll's client with the contract.
import { connect, type ConnectOptions } from "@greenroom/client";

import { type Poll, poll } from "./contract.ts";

export function openPoll(options: ConnectOptions, show: (poll: Poll) => void) {
  const room = connect(poll, options);
  room.watch("resume", ({ snapshot }) => snapshot && show(snapshot));
  room.on("changed", show);
  return {
    vote: (option: number) => room.send("vote", { option }), // rejects where the room refuses
    leave: () => room.close(),
  };
}
