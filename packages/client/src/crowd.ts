/**
 * The people of a room as the app sees them: validated, grouped, and the same objects for as long
 * as nothing of them changes, so that whoever compares by identity renders no more than it must.
 */
import {
  byPerson,
  type ContractShape,
  type Knowledge,
  type PresenceEntry,
  RoomError,
  type Schema,
} from "@greenroom/protocol";

import { incoming } from "./check.ts";

/** A member that is in the room: one connection. */
export interface PresentMember<Presence = unknown, Profile = unknown> {
  /** The member's public id. */
  readonly id: string;
  /** The public id of its person: the members of one user have the same. */
  readonly person: string;
  /** What the room says of the member. */
  readonly profile: Profile;
  /** What the member shows of itself; `undefined` until it has shown something. */
  readonly presence: Presence | undefined;
}

/** Somebody in the room, with one connection or several. */
export interface Person<Presence = unknown, Profile = unknown> {
  /** The public id of the person. */
  readonly id: string;
  readonly profile: Profile;
  /** What was shown last, on any of the connections. */
  readonly presence: Presence | undefined;
  readonly connections: readonly {
    /** The member's public id. */
    readonly id: string;
    readonly presence: Presence | undefined;
  }[];
  /** Whether this client is one of the connections. */
  readonly isSelf: boolean;
}

/** What has changed, by person. */
export interface CrowdChange<Presence = unknown, Profile = unknown> {
  readonly joined: readonly Person<Presence, Profile>[];
  readonly changed: readonly Person<Presence, Profile>[];
  readonly left: readonly Person<Presence, Profile>[];
  /** Everybody, after the change. */
  readonly people: readonly Person<Presence, Profile>[];
}

interface Seen {
  readonly entry: PresenceEntry;
  /** Own presence at that time. */
  readonly own: unknown;
  readonly member: PresentMember;
  /** Grows with each time that the member shows something. */
  readonly shown: number;
}

/** What a crowd is made of. */
export interface CrowdOptions {
  readonly shape: ContractShape;
  readonly self: () => string | undefined;
  readonly fault: (error: RoomError) => void;
}

/** The people of one room. */
export class Crowd {
  readonly #options: CrowdOptions;
  #seen: ReadonlyMap<string, Seen> = new Map();
  #people: ReadonlyMap<string, { person: Person; members: readonly Seen[] }> = new Map();
  #shown = 0;
  /** What this member has set: shown at once, ahead of the room. */
  own: unknown;
  members: readonly PresentMember[] = [];
  people: readonly Person[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Takes what is known now; gives what that changes, if anything. */
  take(known: Knowledge): CrowdChange | undefined {
    const self = this.#options.self();
    const before = this.#seen;
    const ownOf = (id: string): unknown => (id === self ? this.own : undefined);
    const fresh = [...known.values()]
      .map(({ entry }) => entry)
      .filter((entry) => !isSame(before.get(entry[0]), entry, ownOf(entry[0])))
      // Those that showed something before others did are seen before them.
      .toSorted((a, b) => a[2] - b[2])
      .map((entry) => this.#see(entry, ownOf(entry[0]), before.get(entry[0])));
    const made = new Map(fresh.map((each) => [each.member.id, each]));
    const seen = new Map<string, Seen>();
    for (const id of known.keys()) {
      const each = made.get(id) ?? before.get(id);
      if (each) seen.set(id, each);
    }
    if (fresh.length === 0 && seen.size === before.size) return undefined;
    this.#seen = seen;
    this.members = [...seen.values()].map(({ member }) => member);
    return this.#group(self);
  }

  #see(entry: PresenceEntry, own: unknown, last?: Seen): Seen {
    const { shape } = this.#options;
    const [id, person, , profile, presence] = entry;
    const shown = own === undefined ? presence : own;
    const member = {
      id,
      person,
      profile: this.#valid(shape.profile, profile, "profile", last?.member.profile),
      presence:
        shown === undefined
          ? undefined
          : this.#valid(shape.presence, shown, "presence", last?.member.presence),
    };
    return { entry, own, member, shown: (this.#shown += 1) };
  }

  /** A value that does not match is told, and what was seen before it stays. */
  #valid(schema: Schema | undefined, value: unknown, name: string, last: unknown): unknown {
    const checked = incoming(schema, value, name);
    if (!(checked instanceof RoomError)) return checked.value;
    this.#options.fault(checked);
    return last;
  }

  #group(self: string | undefined): CrowdChange | undefined {
    const before = this.#people;
    const after = new Map<string, { person: Person; members: readonly Seen[] }>();
    const joined: Person[] = [];
    const changed: Person[] = [];
    const seen = [...this.#seen.values()].map((each) => ({ ...each, person: each.member.person }));
    for (const [id, members] of byPerson(seen)) {
      const last = before.get(id);
      const isSame =
        last?.members.length === members.length &&
        last.members.every(({ member }, at) => member === members[at]?.member);
      if (last && isSame) {
        after.set(id, last);
        continue;
      }
      const person = personOf(id, members, self);
      after.set(id, { person, members });
      (last ? changed : joined).push(person);
    }
    const left = [...before].filter(([id]) => !after.has(id)).map(([, { person }]) => person);
    this.#people = after;
    this.people = [...after.values()].map(({ person }) => person);
    return { joined, changed, left, people: this.people };
  }
}

/** Whether a member looks as it did. What it has set itself counts, whatever the room has of it. */
function isSame(last: Seen | undefined, entry: PresenceEntry, own: unknown): boolean {
  if (last?.own !== own) return false;
  if (last?.entry === entry) return true;
  const room = ([, person, , profile]: PresenceEntry): string => JSON.stringify([person, profile]);
  return last !== undefined && own !== undefined && room(last.entry) === room(entry);
}

function personOf(id: string, members: readonly Seen[], self: string | undefined): Person {
  const byShown = members.toSorted((a, b) => b.shown - a.shown);
  const newest = byShown.find(({ member }) => member.presence !== undefined) ?? byShown[0];
  return {
    id,
    profile: newest?.member.profile,
    presence: newest?.member.presence,
    connections: members.map(({ member }) => ({ id: member.id, presence: member.presence })),
    isSelf: members.some(({ member }) => member.id === self),
  };
}
