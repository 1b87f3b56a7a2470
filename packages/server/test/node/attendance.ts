// Presence in a world in memory: the room's part over SQLite, a mirror for each client, and a
// register of who was away for how long, which says whom the others may have been told as left.
import { type ContractShape, RoomError } from "@greenroom/protocol";

import type { ExtensionContext as ClientContext } from "../../../client/src/extension.ts";
import { type Presence, presenceEvery } from "../../../client/src/presence.ts";
import type { Extended } from "../../src/extension.ts";
import { limitsOf } from "../../src/limits.ts";
import type { Members, Socket } from "../../src/members.ts";
import { presence } from "../../src/presence.ts";
import type { Tables } from "../../src/tables.ts";
import { TimerTable } from "../../src/timer-table.ts";

/** One step of a world, in ms. */
export const STEP = 1_000;
/** How long a member that was lost is still told as being there, in ms. */
export const GRACE = 20 * STEP;
const DEPLOY_GRACE = 30 * STEP;
const INTERVAL = 2 * STEP;

/** What presence needs of a connection in memory: its part outlives the instance. */
export interface Attending extends Socket {
  readonly id: string;
  part: unknown;
}

/** Time in a world: what is set rings when the world moves on. */
export class WorldClock {
  #at = 0;
  #timers: { readonly at: number; readonly call: () => void }[] = [];

  now(): number {
    return this.#at;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#at + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  step(): void {
    this.pass(STEP);
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Time passes: everything that is due by its end rings, in order. */
  pass(ms: number): void {
    const until = this.#at + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#at = Math.max(this.#at, next.at);
      next.call();
    }
    this.#at = until;
  }
}

/** The room's part of presence in one instance. */
export class RoomAttendance<S extends Attending> {
  readonly extended: Extended<S>;
  readonly #timers: TimerTable;
  readonly #clock: WorldClock;
  /** What keeps the instance awake. */
  #waiting = 0;

  constructor(
    shape: ContractShape,
    world: {
      readonly clock: WorldClock;
      readonly members: Members<S>;
      readonly tables: Tables;
      readonly sockets: () => S[];
      /** Whether this instance still is the room's. */
      readonly isCurrent: () => boolean;
    },
  ) {
    const { clock, members, tables, sockets, isCurrent } = world;
    this.#clock = clock;
    const timers = (this.#timers = new TimerTable(tables, () => ""));
    this.extended = presence({ grace: GRACE, deployGrace: DEPLOY_GRACE }).extend<S>({
      secret: "secret",
      shape,
      members,
      limits: limitsOf({}),
      sockets,
      part: (socket) => socket.part,
      keep: (socket, part) => (socket.part = part),
      userOf: () => undefined,
      profileOf: () => undefined,
      report: () => "",
      before: () => [],
      now: () => clock.now(),
      after: (ms, call) => {
        this.#waiting += 1;
        clock.after(ms, () => {
          this.#waiting -= 1;
          if (isCurrent()) call();
        });
      },
      timers: {
        set: (name, due, payload) =>
          timers.put(
            { name, due, next: due, attempt: 0, spec: {}, error: "" },
            JSON.stringify(payload),
          ),
        cancel: (name) => void timers.remove(name),
        pending: (prefix) =>
          timers.names(prefix).map((name) => ({
            name,
            payload: JSON.parse(timers.payload(name)) as unknown,
          })),
      },
    });
  }

  get isAwake(): boolean {
    return this.#waiting > 0;
  }

  /** What the alarm rings, each to be run as a task. */
  due(): { run(): void; failed(fault: unknown): void }[] {
    return this.#timers.due(this.#clock.now()).map(({ name }) => ({
      run: () => {
        this.extended.rang(name, null);
        this.#timers.remove(name);
      },
      failed: (fault) => {
        throw fault;
      },
    }));
  }

  forget(): void {
    this.#timers.forget();
    this.extended.forget();
  }
}

type Status = "connecting" | "connected" | "reconnecting" | "closed";

/** One client's mirror of presence. */
export class ClientAttendance {
  readonly presence: Presence<ContractShape>;
  readonly #item: (item: readonly unknown[]) => void;
  readonly #watchers: ((status: { state: Status }) => void)[] = [];
  readonly #clock: WorldClock;
  #state: Status = "connecting";
  #lostAt = 0;
  /** Whether it was away for so long that the state may tell it of others who are away. */
  #isLate = false;

  constructor(
    shape: ContractShape,
    clock: WorldClock,
    wires: {
      readonly id: () => string | undefined;
      readonly send: (text: string) => void;
      /** Whom the app was told as left. */
      readonly left: (id: string) => void;
    },
  ) {
    this.#clock = clock;
    const context: ClientContext = {
      shape,
      clock,
      id: wires.id,
      send: (text) => {
        if (this.#state !== "connected") return false;
        wires.send(text);
        return true;
      },
      watch: (_moment, watcher) => {
        // SAFETY: presence watches the status alone.
        this.#watchers.push(watcher as (status: { state: Status }) => void);
        return () => undefined;
      },
      fault: (error) => {
        throw new RoomError("failed", { message: "a client was told of a fault", cause: error });
      },
    };
    const { members, item } = presenceEvery(INTERVAL).extend(context);
    // SAFETY: what the extension adds.
    this.presence = (members as { presence: Presence<ContractShape> }).presence;
    this.#item = item;
    let before: string[] = [];
    this.presence.watch(() => {
      const now = new Set(this.presence.members.map((member) => member.id));
      // Where it is closed, it is the client itself that has left.
      if (this.#state !== "closed" && !this.#isLate)
        before.filter((id) => !now.has(id)).forEach(wires.left);
      before = [...now];
    });
  }

  tell(state: Status): void {
    const now = this.#clock.now();
    if (this.#state === "connected") this.#lostAt = now;
    this.#state = state;
    this.#isLate = now - this.#lostAt >= GRACE;
    for (const watcher of this.#watchers) watcher({ state });
  }

  take(item: readonly unknown[]): void {
    this.#item(item);
    this.#isLate = false;
  }

  /** What each member shows, as JSON, by its public id. */
  view(): Record<string, string> {
    return Object.fromEntries(
      this.presence.members.map(({ id, presence: shown }) => [id, JSON.stringify(shown) ?? "-"]),
    );
  }
}
