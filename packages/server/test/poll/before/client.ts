// The poll's client over partysocket. It stays as it is when the server moves.
import { PartySocket, type PartySocketOptions } from "partysocket";

type Poll = { question: string; options: string[]; votes: number[]; open: boolean };

export function openPoll(options: PartySocketOptions, show: (poll: Poll) => void) {
  const socket = new PartySocket({ party: "poll-server", ...options });
  socket.addEventListener("message", ({ data }) => show(JSON.parse(data)));
  return {
    vote: (option: number) => socket.send(JSON.stringify({ type: "vote", option })),
    leave: () => socket.close(),
  };
}
