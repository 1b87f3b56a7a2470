/** The servers of a run: one workerd for all rooms of `worker.ts`, and a process for each peer. */
import { startNode } from "./node-server.ts";
import type { Server } from "./server.ts";
import { inWorkerd, type Target } from "./target.ts";
import { startWorkerd, type Workerd, type WorkerdOptions } from "./workerd.ts";

/** All servers of some targets. */
export class Fleet {
  readonly workerd: Workerd | undefined;
  readonly #nodes: ReadonlyMap<string, Server>;
  readonly #isOwn: boolean;

  private constructor(
    workerd: Workerd | undefined,
    nodes: ReadonlyMap<string, Server>,
    isOwn: boolean,
  ) {
    this.workerd = workerd;
    this.#nodes = nodes;
    this.#isOwn = isOwn;
  }

  /** Starts what the targets need; a workerd that runs already serves every room of `worker.ts`. */
  static async start(
    targets: readonly Target[],
    options: WorkerdOptions & { readonly beside?: Fleet } = {},
  ): Promise<Fleet> {
    const { beside } = options;
    const isOwn = beside?.workerd === undefined;
    const workerd =
      isOwn && targets.some(inWorkerd) ? await startWorkerd(options) : beside?.workerd;
    const nodes = new Map<string, Server>();
    for (const target of targets) {
      if (!inWorkerd(target)) nodes.set(target.name, await startNode(target, options.kept));
    }
    return new Fleet(workerd, nodes, isOwn);
  }

  /** The server of a target. */
  of(target: Target): Server {
    const server = inWorkerd(target) ? this.workerd : this.#nodes.get(target.name);
    if (!server) throw new Error(`There is no server for ${target.name}.`);
    return server;
  }

  /** Stops what it has started. */
  async stop(): Promise<void> {
    if (this.#isOwn) await this.workerd?.stop();
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
  }
}

/** A server for one target alone. */
export function startServer(target: Target, options: WorkerdOptions = {}): Promise<Server> {
  return inWorkerd(target) ? startWorkerd(options) : startNode(target, options.kept);
}
