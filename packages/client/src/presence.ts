/**
 * Presence: who is in the room, and what each shows of itself.
 *
 * A mirror of what the room tells, and the member's own part, which is sent at most once an
 * interval, the latest last, and again to a room that does not have it.
 */
import {
  type ContractShape,
  type Fault,
  type InputOf,
  knownFault,
  type Knowledge,
  type OutputOf,
  type PresenceItem,
  readPresence,
  release,
  RoomError,
  takeDiff,
  takeState,
} from "@greenroom/protocol";

import { outgoing } from "./check.ts";
import { Crowd, type CrowdChange, type Person, type PresentMember } from "./crowd.ts";
import type { Extended, Extension, ExtensionContext } from "./extension.ts";
import { listeners } from "./listeners.ts";

export type { CrowdChange, Person, PresentMember } from "./crowd.ts";

/** Own presence is sent at most once in so many ms. */
const INTERVAL = 50;
/** Who was away for longer, in ms, does not go on showing whom it knew: they may be long gone. */
const LONGEST_HOLD = 60_000;

/** The presence of a room, as its clients see it. */
export interface Presence<Shape extends ContractShape> {
  /**
   * Shows this of the member to everybody in the room, in place of what it showed before. It is
   * sent at most once an interval, the latest last, and again after each reconnect.
   *
   * @throws RoomError `invalid` or `too-large`; what the room refuses is told to `watch("fault", ...)`
   */
  set(value: InputOf<Shape["presence"]>): void;
  /** What was set; `undefined` before that. */
  get(): InputOf<Shape["presence"]> | undefined;
  /** Everybody in the room, one for each connection; the same array until something changes. */
  readonly members: readonly PresentMember<PresenceOf<Shape>, ProfileOf<Shape>>[];
  /** The same by person: several tabs of one user are one. Persons that do not change stay the same objects. */
  readonly people: readonly Person<PresenceOf<Shape>, ProfileOf<Shape>>[];
  /** Watches who joins, changes and leaves, by person; gives what stops it. */
  watch(watcher: (change: CrowdChange<PresenceOf<Shape>, ProfileOf<Shape>>) => void): () => void;
  /** Calls a listener after each change of any of the above; gives what stops it. */
  subscribe(listener: () => void): () => void;
}

/** What members of a room show of themselves. */
export type PresenceOf<Shape extends ContractShape> = OutputOf<Shape["presence"]>;
/** What a room shows of its members. */
export type ProfileOf<Shape extends ContractShape> = OutputOf<Shape["profile"]>;

/** The extension; it adds `room.presence` where the contract has `presence`. */
export interface PresenceExtension extends Extension {
  readonly adds?: this["shape"] extends infer Shape extends ContractShape & {
    readonly presence: unknown;
  }
    ? { readonly presence: Presence<Shape> }
    : object;
}

/**
 * Gives a room its `presence`.
 *
 * @example
 * ```ts
 * const room = connect(chat, { room: "lobby", use: [presence] });
 * room.presence.set({ name: "Ann" });
 * room.presence.watch(({ people }) => console.log(people.length));
 * ```
 */
export const presence: PresenceExtension = presenceEvery(INTERVAL);

/** The same, with own presence sent at most once in `interval` ms. */
export function presenceEvery(interval: number): PresenceExtension {
  return {
    kind: "p",
    extend(context) {
      if (!context.shape.presence) {
        throw new RoomError("bad-option", {
          message: "`use` has presence, and the contract has no `presence`.",
        });
      }
      return extend(context, interval);
    },
  };
}

function extend(context: ExtensionContext, interval: number): Extended {
  const { shape, clock, fault } = context;
  const crowd = new Crowd({ shape, self: context.id, fault });
  const told = listeners();
  let known: Knowledge = new Map();
  /** Diffs that came ahead of the state, which says where they begin. */
  let early: PresenceItem[] | undefined = [];
  /** When the connection was lost, in ms since 1970. */
  let lostAt = 0;
  let own: InputOf<ContractShape["presence"]>;
  let ownJson: string | undefined;
  /** Own presence as it was last sent on this connection, or as the room has it. */
  let sentJson: string | undefined;
  let nextAt = 0;
  let cancelSending: (() => void) | undefined;
  let cancelRelease = (): void => undefined;

  /** Takes what is known now, and tells of what that changes; says whether it changed anything. */
  function learn(next: Knowledge): boolean {
    known = next;
    const change = crowd.take(known);
    if (!change) return false;
    told.tell("change", change);
    told.tell("any");
    return true;
  }

  function send(): void {
    cancelSending = undefined;
    if (early || ownJson === undefined || ownJson === sentJson) return;
    if (!context.send(`["p",${ownJson}]`)) return;
    sentJson = ownJson;
    nextAt = clock.now() + interval;
  }

  /** Sends now, or when the interval is over: whatever is set until then replaces it. */
  function sendSoon(): void {
    if (cancelSending) return;
    const wait = Math.min(nextAt - clock.now(), interval); // a clock that was set back holds up nothing
    if (wait <= 0) send();
    else cancelSending = clock.after(wait, send);
  }

  function begin([, , hold, ...entries]: Extract<
    PresenceItem,
    readonly ["p", "state", ...unknown[]]
  >): void {
    const waited = early ?? [];
    early = undefined;
    const holds = hold > 0 && clock.now() - lostAt < LONGEST_HOLD;
    let next = takeState(known, entries, holds);
    for (const each of waited) if (each[1] === "diff") next = takeDiff(next, each[2]);
    cancelRelease();
    if (holds) cancelRelease = clock.after(hold, () => learn(release(known)));
    learn(next);
    const mine = entries.find(([id]) => id === context.id());
    sentJson = JSON.stringify(mine?.[4]);
    sendSoon();
  }

  /** Of what was too much the latest is sent again, in time; of the rest the app is told. */
  function refused(told: Fault): void {
    const { code, retryAfter, ...details } = knownFault(told);
    if (code !== "limited" || retryAfter === undefined) {
      fault(new RoomError(code, { ...details, ...(code === "too-large" && tooLarge(sentJson)) }));
      return;
    }
    sentJson = undefined;
    cancelSending?.();
    cancelSending = clock.after(retryAfter, send);
  }

  context.watch("status", ({ state }) => {
    if (state === "connected") return;
    if (!early) lostAt = clock.now();
    early = [];
    cancelSending?.();
    cancelSending = undefined;
    cancelRelease(); // nobody can tell who is back: the next state says how long to go on
    if (state === "closed") learn(new Map());
  });

  const members: Presence<ContractShape> = {
    set(value) {
      const checked = outgoing(shape.presence, value, "presence");
      if (checked instanceof RoomError) throw checked;
      if (checked.json === undefined || checked.json === ownJson) return;
      own = value;
      ownJson = checked.json;
      sendSoon();
      crowd.own = JSON.parse(ownJson) as unknown;
      // Also where the room has not told of this member yet.
      if (!learn(known)) told.tell("any");
    },
    get: () => own,
    get members() {
      return crowd.members as never;
    },
    get people() {
      return crowd.people as never;
    },
    watch: (watcher) => told.add("change", watcher),
    subscribe: (listener) => told.add("any", listener),
  };

  return {
    members: { presence: members },
    item(raw) {
      const item = readPresence(raw);
      if (!item) return;
      if (item[1] === "state") begin(item);
      else if (item[1] === "fault") {
        refused(item[2]);
      } else if (early) early.push(item);
      else learn(takeDiff(known, item[2]));
    },
  };
}

/** The room says only that it is too large, and the page how large it is. */
function tooLarge(json = ""): { message: string; hint: string } {
  const { length } = new TextEncoder().encode(json);
  return {
    message: `What this member shows has ${length} bytes as JSON, which the room has no place for.`,
    hint: "Show less: by default a member has 2 KiB, and 16 KiB with its claims and state.",
  };
}
