/** A server that is measured: a process, and where it listens. */
import { cpuSeconds, residentBytes } from "./machine.ts";

/** A running server. */
export interface Server {
  /** Where its connections are opened, as `http://127.0.0.1:<port>`. */
  readonly url: URL;
  /** The process; `undefined` where the system does not tell. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** Whether a server's process has ended, or was started anew as another: what is measured then is not it. */
export function hasEnded({ pid }: Pick<Server, "pid">): boolean {
  if (pid === undefined) return false; // the system does not tell
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Seconds of processor time that a server has used; `undefined` where the system does not tell. */
export function cpuOf({ pid }: Server): number | undefined {
  return pid === undefined ? undefined : cpuSeconds(pid);
}

/** What counts as quiet: so many ms in which it used less than this share of a core. */
const QUIET = 100;
const SHARE = 0.05;
/** How long it may take until it is, in ms. */
const SLOWEST = 5_000;

/** Waits until a server is done with what was before: with members that have left, for one. */
export async function quiet(server: Server): Promise<void> {
  const until = performance.now() + SLOWEST;
  while (performance.now() < until && !hasEnded(server)) {
    const [before, at] = [cpuOf(server), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, QUIET));
    const after = cpuOf(server);
    // A thread may end between two looks: then there is no figure, and the next look tells.
    if (server.pid === undefined || process.platform !== "linux") return;
    if (before === undefined || after === undefined) continue;
    if ((after - before) * 1_000 < SHARE * (performance.now() - at)) return;
  }
}

/** Bytes of memory that a server has in use; `undefined` where the system does not tell. */
export function memoryOf({ pid }: Server): number | undefined {
  return pid === undefined ? undefined : residentBytes(pid);
}
