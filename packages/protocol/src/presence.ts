/**
 * Presence: who is in a room, and what each shows of itself. The state and the diffs as they
 * travel, and what a client knows after each. Pure.
 *
 * What comes from the wire is kept in Maps: an id may be called `__proto__`.
 */
import { type Fault, isFault } from "./frames.ts";
import { isCount } from "./hello.ts";

/**
 * One member as it travels: its public id, that of its person, when it last showed something (ms
 * since 1970), the room's part (null where the contract has none), and the member's own, which is
 * left out until it has set one.
 */
export type PresenceEntry = readonly [
  id: string,
  person: string,
  at: number,
  profile: unknown,
  presence?: unknown,
];

/** What has changed since the last diff; each list is left out where it is empty. */
export interface PresenceDiff {
  /** Members that are new, or whose person or profile is; they replace what was known. */
  readonly joined?: readonly PresenceEntry[];
  readonly changed?: readonly (readonly [id: string, presence: unknown])[];
  readonly left?: readonly string[];
}

/** What a room tells of presence. */
export type PresenceItem =
  /** Everybody; for so many ms, members that are missing may be on their way back. */
  | readonly ["p", "state", hold: number, ...entries: PresenceEntry[]]
  | readonly ["p", "diff", PresenceDiff]
  /** What this member wanted to show was not taken. */
  | readonly ["p", "fault", Fault];

/** Reads an item of presence; `undefined` for one of a later version, or of the wrong shape. */
export function readPresence(item: readonly unknown[]): PresenceItem | undefined {
  const [, what, first, ...rest] = item;
  const isRead =
    what === "state"
      ? isCount(first) && rest.every(isEntry)
      : what === "diff"
        ? isDiff(first)
        : what === "fault" && isFault(first);
  // SAFETY: its shape was checked.
  return isRead ? (item as PresenceItem) : undefined;
}

/** What a client knows of one member. */
export interface Known {
  readonly entry: PresenceEntry;
  /**
   * `gone`: the room does not have it. `bare`: the room does not have the presence that is kept
   * here. Both only until the room's grace after a crash is over.
   */
  readonly held?: "gone" | "bare";
}

/** All that a client knows, by public id, in the order of joining. */
export type Knowledge = ReadonlyMap<string, Known>;

/** Takes the state. With `holds`, nobody leaves and nothing is forgotten by it. */
export function takeState(
  before: Knowledge,
  entries: readonly PresenceEntry[],
  holds: boolean,
): Knowledge {
  const stated = new Map(entries.map((entry) => [entry[0], entry]));
  const after = new Map<string, Known>();
  // Who was known stays in its place.
  for (const [id, known] of before) {
    const entry = stated.get(id);
    if (entry) after.set(id, merge(known, entry, holds));
    else if (holds) after.set(id, { ...known, held: "gone" });
  }
  for (const [id, entry] of stated) if (!after.has(id)) after.set(id, { entry });
  return after;
}

/** Takes a diff. Taken twice, it changes nothing the second time. */
export function takeDiff(
  before: Knowledge,
  { joined = [], changed = [], left = [] }: PresenceDiff,
): Knowledge {
  const after = new Map(before);
  for (const id of left) after.delete(id);
  for (const entry of joined) {
    const known = after.get(entry[0]);
    after.set(entry[0], known ? merge(known, entry, known.held !== undefined) : { entry });
  }
  for (const [id, presence] of changed) {
    const known = after.get(id);
    if (known) after.set(id, { entry: withPresence(known.entry, presence) });
  }
  return after;
}

/** The room's grace is over: what the room does not have is forgotten. */
export function release(before: Knowledge): Knowledge {
  const after = new Map<string, Known>();
  for (const [id, { entry, held }] of before) {
    if (held === "gone") continue;
    const [, person, at, profile] = entry;
    after.set(id, { entry: held ? [id, person, at, profile] : entry });
  }
  return after;
}

/** What is known of a member that is told anew; what has not changed stays the same object. */
function merge(known: Known, entry: PresenceEntry, holds: boolean): Known {
  const isBare = holds && entry.length < 5 && known.entry.length === 5;
  const told = isBare ? withPresence(entry, known.entry[4]) : entry;
  // When it was shown is of no interest to who has it already.
  const kept = shows(told) === shows(known.entry) ? known.entry : told;
  return isBare ? { entry: kept, held: "bare" } : { entry: kept };
}

function shows([, person, , ...parts]: PresenceEntry): string {
  return JSON.stringify([person, ...parts]);
}

function withPresence(entry: PresenceEntry, presence: unknown): PresenceEntry {
  if (JSON.stringify(entry[4]) === JSON.stringify(presence)) return entry;
  const [id, person, at, profile] = entry;
  return [id, person, at, profile, presence];
}

/** Members by person, in the order in which persons joined. */
export function byPerson<Each extends { readonly person: string }>(
  members: Iterable<Each>,
): Map<string, Each[]> {
  const people = new Map<string, Each[]>();
  for (const member of members) {
    const others = people.get(member.person);
    if (others) others.push(member);
    else people.set(member.person, [member]);
  }
  return people;
}

function isEntry(value: unknown): value is PresenceEntry {
  if (!Array.isArray(value)) return false;
  const [id, person, at] = value as unknown[];
  return typeof id === "string" && typeof person === "string" && isCount(at);
}

function isDiff(value: unknown): value is PresenceDiff {
  if (typeof value !== "object" || value === null) return false;
  const { joined = [], changed = [], left = [] } = value as Record<keyof PresenceDiff, unknown>;
  return (
    Array.isArray(joined) &&
    joined.every(isEntry) &&
    Array.isArray(changed) &&
    changed.every((each) => Array.isArray(each) && typeof each[0] === "string") &&
    Array.isArray(left) &&
    left.every((id) => typeof id === "string")
  );
}
