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

/** Seconds of processor time that a server has used; `undefined` where the system does not tell. */
export function cpuOf({ pid }: Server): number | undefined {
  return pid === undefined ? undefined : cpuSeconds(pid);
}

/** Bytes of memory that a server has in use; `undefined` where the system does not tell. */
export function memoryOf({ pid }: Server): number | undefined {
  return pid === undefined ? undefined : residentBytes(pid);
}
