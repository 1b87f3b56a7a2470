/**
 * The judgement of a run. Pure: the same history always gets the same verdict.
 *
 * Three things are held against each other: what `send` has resolved for, what each client was
 * given, and, where the room can tell, what its own storage says was carried out.
 */
import { Findings, TOLD } from "./findings.ts";
import type { RoomHistory } from "./history.ts";
import { holesOf, judgeEnds, keysOf, knownLog } from "./known-log.ts";

/** What a run has come to. */
export interface Verdict {
  /** Messages that were handed to `send`. */
  readonly sent: number;
  /** Messages for which `send` has resolved. */
  readonly taken: number;
  /** Entries that were given to clients, all together. */
  readonly delivered: number;
  /** Taken and not carried out, never answered, or not given to a client that was not told so. */
  readonly lost: number;
  /** Carried out or given more than once, or carried out although it was rejected or never sent. */
  readonly duplicated: number;
  /** Carried out or given in another order than they were sent, or than others were given. */
  readonly reordered: number;
  /** The first of what is wrong, in words. */
  readonly faults: readonly string[];
}

/** Rejections after which a message may have been carried out, or not: nobody claims to know. */
const OPEN_OUTCOMES: ReadonlySet<string> = new Set([
  "timeout",
  "aborted",
  "closed",
  "expired",
  "outcome-unknown",
]);

/** Judges what became of one room's messages. */
export function judge(history: RoomHistory): Verdict {
  const { clients, carriedOut } = history;
  const findings = new Findings();
  const log = knownLog(clients, findings);
  judgeEnds(clients, log, findings);
  judgeKeys(history, { keys: keysOf(log), where: "the log", holes: holesOf(log) }, findings);
  if (carriedOut) {
    judgeKeys(history, { keys: carriedOut, where: "the room's storage", holes: 0 }, findings);
  }
  const sent = clients.flatMap((client) => client.sent);
  const heard = clients.flatMap((client) => client.heard);
  return {
    sent: sent.length,
    taken: sent.filter(({ outcome }) => outcome === "taken").length,
    delivered: heard.filter((item) => !("resume" in item)).length,
    ...findings.counts,
    faults: findings.told,
  };
}

/** Adds up the verdicts of several rooms. */
export function sumVerdicts(verdicts: readonly Verdict[]): Verdict {
  const total = (name: Exclude<keyof Verdict, "faults">): number => {
    let sum = 0;
    for (const verdict of verdicts) sum += verdict[name];
    return sum;
  };
  return {
    sent: total("sent"),
    taken: total("taken"),
    delivered: total("delivered"),
    lost: total("lost"),
    duplicated: total("duplicated"),
    reordered: total("reordered"),
    faults: verdicts.flatMap(({ faults }) => faults).slice(0, TOLD),
  };
}

/** A list of keys that were carried out, in order. */
interface Witness {
  readonly keys: readonly string[];
  readonly where: string;
  /** How many more there were, of which nobody knows what they were. */
  readonly holes: number;
}

/** Holds what was sent against one witness of what was carried out. */
function judgeKeys(
  { clients }: RoomHistory,
  { keys, where, holes }: Witness,
  findings: Findings,
): void {
  const places = placesOf(keys);
  const missing: string[] = [];
  clients.forEach(({ sent }, client) => {
    let before = -1;
    for (const { key, outcome } of sent) {
      const [place, ...more] = places.get(key) ?? [];
      places.delete(key);
      if (outcome === undefined) findings.add("lost", key, `${key} was never answered`);
      if (place === undefined) {
        if (outcome === "taken") missing.push(key);
        continue;
      }
      if (more.length > 0) {
        findings.add("duplicated", key, `${key} is ${more.length + 1} times in ${where}`);
      }
      if (outcome !== undefined && outcome !== "taken" && !OPEN_OUTCOMES.has(outcome)) {
        const text = `${key} was rejected with ${outcome}, and is in ${where}`;
        findings.add("duplicated", key, text);
      }
      if (place < before) {
        const text = `${key} of client ${client} is in ${where} before what it had sent earlier`;
        findings.add("reordered", key, text);
      }
      before = Math.max(before, place);
    }
  });
  for (const key of missing.slice(holes)) {
    findings.add("lost", key, `${key} was taken, and is not in ${where}`);
  }
  for (const key of places.keys()) {
    findings.add("duplicated", key, `${key} is in ${where}, and nobody has sent it`);
  }
}

function placesOf(keys: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  keys.forEach((key, place) => {
    const known = places.get(key);
    if (known) known.push(place);
    else places.set(key, [place]);
  });
  return places;
}
