/** The servers of a run: one workerd for all rooms of `worker.ts`, and a process for each peer. */
import { startNode } from "./node-server.ts";
import type { Server } from "./server.ts";
import { inWorkerd, type Target } from "./target.ts";
import { startWorkerd, type Workerd, type WorkerdOptions } from "./workerd.ts";

/** All servers of some targets. */
export class Fleet {
  readonly workerd: Workerd | undefined;
  readonly #nodes: ReadonlyMap<string, Server>;

  private constructor(workerd: Workerd | undefined, nodes: ReadonlyMap<string, Server>) {
    this.workerd = workerd;
    this.#nodes = nodes;
  }

  /** Starts what the targets need. */
  static async start(targets: readonly Target[], options: WorkerdOptions = {}): Promise<Fleet> {
    const rooms = targets.filter(inWorkerd);
    const workerd = rooms.length > 0 ? await startWorkerd(rooms, options) : undefined;
    const nodes = new Map<string, Server>();
    for (const target of targets) {
      if (!inWorkerd(target)) nodes.set(target.name, await startNode(target, options.kept));
    }
    return new Fleet(workerd, nodes);
  }

  /** The server of a target. */
  of(target: Target): Server {
    const server = inWorkerd(target) ? this.workerd : this.#nodes.get(target.name);
    if (!server) throw new Error(`There is no server for ${target.name}.`);
    return server;
  }

  async stop(): Promise<void> {
    await this.workerd?.stop();
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
  }
}

/** A server for one target alone; in `kept` its storage is there already, and stays. */
export function startServer(target: Target, kept?: string): Promise<Server> {
  return inWorkerd(target)
    ? startWorkerd([target], kept === undefined ? {} : { kept })
    : startNode(target, kept);
}
