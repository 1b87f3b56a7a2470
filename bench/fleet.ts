/** The servers of a run: a process for each target, so that none has code or garbage of another. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { startNode } from "./node-server.ts";
import type { Server } from "./server.ts";
import { inWorkerd, type Target } from "./target.ts";
import { startWorkerd, type Workerd, type WorkerdOptions } from "./workerd.ts";

/** How servers are started. */
export interface FleetOptions extends Pick<WorkerdOptions, "inspect"> {
  /** A folder in which each has its storage, which stays. */
  readonly kept?: string;
  /** Whose workerds serve their targets here, too: every room of `worker.ts` is in each. */
  readonly beside?: Fleet;
}

/** All servers of some targets. */
export class Fleet {
  readonly #nodes: ReadonlyMap<string, Server>;
  readonly #workerds: ReadonlyMap<string, Workerd>;
  /** What was started here, and is stopped here. */
  readonly #own: readonly Server[];

  private constructor(
    nodes: ReadonlyMap<string, Server>,
    workerds: ReadonlyMap<string, Workerd>,
    own: readonly Server[],
  ) {
    this.#nodes = nodes;
    this.#workerds = workerds;
    this.#own = own;
  }

  /** Starts what the targets need, one after the other. */
  static async start(targets: readonly Target[], options: FleetOptions = {}): Promise<Fleet> {
    const { beside, inspect = false, kept } = options;
    const nodes = new Map<string, Server>();
    const workerds = new Map<string, Workerd>();
    const own: Server[] = [];
    const started = <S extends Server>(server: S): S => {
      own.push(server);
      return server;
    };
    try {
      for (const target of targets) {
        const folder = kept === undefined ? {} : { kept: folderOf(kept, target) };
        if (!inWorkerd(target)) {
          nodes.set(target.name, started(await startNode(target, folder.kept)));
          continue;
        }
        const there = beside === undefined ? undefined : beside.#workerds.get(target.name);
        const workerd = there ?? started(await startWorkerd({ inspect, ...folder }));
        workerds.set(target.name, workerd);
      }
    } catch (fault) {
      await Promise.all(own.map((server) => server.stop()));
      throw fault;
    }
    return new Fleet(nodes, workerds, own);
  }

  /** The server of a target. */
  of(target: Target): Server {
    return known<Server>(inWorkerd(target) ? this.#workerds : this.#nodes, target.name);
  }

  /** The workerd of a target. */
  workerdOf(target: Target): Workerd {
    return known(this.#workerds, target.name);
  }

  /** Stops what it has started. */
  async stop(): Promise<void> {
    await Promise.all(this.#own.map((server) => server.stop()));
  }
}

/** A server for one target alone; `kept` as for a fleet. */
export function startServer(
  target: Target,
  { kept, ...options }: WorkerdOptions = {},
): Promise<Server> {
  const folder = kept === undefined ? {} : { kept: folderOf(kept, target) };
  return inWorkerd(target)
    ? startWorkerd({ ...options, ...folder })
    : startNode(target, folder.kept);
}

/** Where a target keeps its own. */
function folderOf(kept: string, { name }: Target): string {
  const folder = join(kept, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function known<S>(servers: ReadonlyMap<string, S>, name: string): S {
  const server = servers.get(name);
  if (!server) throw new Error(`There is no server for ${name}.`);
  return server;
}
