// The honest clients, in a process of their own: what loads the abuser's or the main one must not be
// in their times. Each sends again and again, one message in flight. Told "end", it answers with how
// long each message took that was sent since "begin", those that are still under way included.
import { Peer } from "./peer.ts";

const [, , url = "", count = "50"] = process.argv;

/** Each sends once in so many ms. */
const EVERY = 250;
/** How long to wait for the answers that are missing at the end, in ms. */
const PATIENCE = 20_000;

const faults: string[] = [];
let trips: number[] = [];
let begun = Infinity;

const peers = await Promise.all(
  Array.from({ length: Number(count) }, () => Peer.join(new URL(url), (why) => faults.push(why))),
);
/** When each has sent what is under way; 0 for nothing. */
const sent = peers.map(() => 0);
peers.forEach((peer, index) => {
  peer.onTaken = () => {
    const sentAt = sent[index] ?? 0;
    if (sentAt >= begun) trips.push(performance.now() - sentAt);
    sent[index] = 0;
  };
  setInterval(
    () => {
      if (sent[index] !== 0) return;
      sent[index] = performance.now();
      peer.say(`honest ${index}`);
    },
    EVERY + (index % 10),
  );
});

process.on("message", (word) => {
  if (word === "begin") {
    trips = [];
    begun = performance.now();
  } else void end();
});
process.once("disconnect", () => process.exit(1)); // the command is gone
process.send?.("ready");

async function end(): Promise<void> {
  const now = performance.now();
  const late = sent.flatMap((at, index) => (at >= begun ? [{ at, index }] : []));
  const isMissing = (): boolean => late.some(({ at, index }) => sent[index] === at);
  while (isMissing() && performance.now() < now + PATIENCE)
    await new Promise((resolve) => setTimeout(resolve, 5));
  if (isMissing()) faults.push("a message was not answered");
  begun = Infinity;
  process.send?.({ trips, faults });
}
