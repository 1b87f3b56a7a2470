/** A peer that runs in Node, the workspace's own, in a process of its own. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

import { atEnd, temporary } from "./leftovers.ts";
import type { Server } from "./server.ts";
import type { NodeTarget } from "./target.ts";
import { STATE } from "./workerd.ts";

/** How long a peer may take to start, in ms. */
const SLOWEST_START = 20_000;

/** Starts the peer; its files are on the workspace's disk. */
export async function startNode(target: NodeTarget, kept?: string): Promise<Server> {
  mkdirSync(STATE, { recursive: true });
  const state = kept ?? mkdtempSync(join(STATE, "peer-"));
  const remove = kept === undefined ? temporary(state) : () => undefined;
  const child = fork(
    join(import.meta.dirname, "peers", `${target.peer}.ts`),
    [join(state, `${target.name}.sqlite`), ...(target.options ?? [])],
    {
      env: { ...process.env, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  const forget = atEnd(() => child.kill("SIGKILL"));
  const signal = AbortSignal.timeout(SLOWEST_START);
  const [{ port }] = (await Promise.race([
    once(child, "message", { signal }),
    once(child, "exit", { signal }).then(([code]) => {
      throw new Error(`The server of ${target.name} ended with code ${code}.`);
    }),
  ])) as [{ port: number }];
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    pid: child.pid,
    async stop() {
      const isOver = once(child, "exit");
      const isRunning = child.exitCode === null && child.signalCode === null;
      child.kill("SIGKILL");
      if (isRunning) await isOver;
      forget();
      remove();
    },
  };
}
