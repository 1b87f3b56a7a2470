/** What is measured: a target is one file in `targets/`. */

/** How a client of a target speaks: one file in `dialects/`. */
export type DialectName =
  | "plain"
  | "greenroom"
  | "greenroom-signal"
  | "greenroom-presence"
  | "socket.io"
  | "colyseus";

/** A server that runs in Node, in a process of its own: one file in `peers/`. */
export type PeerName = "socket.io" | "colyseus" | "ws-sqlite";

/** Parts of the bench in which not all targets take part, or some as another room or server. */
type Special = "crowd" | "memory" | "presence" | "resume" | "wake";

interface Common {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  readonly dialect: DialectName;
}

/** A Durable Object class of `worker.ts`. */
export interface WorkerTarget extends Common {
  /** The class in `worker.ts`; `<room>Counted` is the same class with its writes counted. */
  readonly room: string;
  /** Whether `?fill=N` writes N messages into a room's log at once. */
  readonly fills?: true;
  /** What is different for a scenario; a target that says nothing has no part in it. */
  readonly special?: { readonly [Scenario in Special]?: Partial<WorkerTarget> };
}

/** A server in Node. */
export interface NodeTarget extends Common {
  readonly peer: PeerName;
  /** Arguments of its process. */
  readonly options?: readonly string[];
  readonly special?: { readonly [Scenario in Special]?: Partial<NodeTarget> };
}

export type Target = WorkerTarget | NodeTarget;

/** Whether a target runs in workerd. */
export function inWorkerd(target: Target): target is WorkerTarget {
  return "room" in target;
}

/** The targets that have a part in a scenario, each as it is there. */
export function targetsFor(scenario: Special, targets: readonly Target[]): Target[] {
  return targets.flatMap((target) => {
    const { special } = target;
    const differs = special?.[scenario];
    return differs ? [Object.assign<object, Target, object>({}, target, differs)] : [];
  });
}

/** The path of one of its rooms. */
export function pathOf(target: Target, room: string): string {
  return inWorkerd(target) ? `/${target.room}/${room}` : `/${room}`;
}
