/** How busy the machine is, and how busy one process is. Linux only; elsewhere nothing is told. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { cpus } from "node:os";

/** Seconds that all processors together have worked since they were switched on. */
export function busySeconds(): number | undefined {
  if (process.platform !== "linux") return undefined;
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys) / 1_000, 0);
}

/** Waits until the machine has nothing else to do, for at most so many seconds. */
export async function calm(seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    const before = busySeconds();
    await new Promise((resolve) => setTimeout(resolve, CALM));
    const after = busySeconds();
    if (before === undefined || after === undefined) return;
    if ((after - before) / (CALM / 1_000) < IDLE) return;
  }
}

/** How long the machine must be idle, in ms, and how many cores count as idle. */
const CALM = 200;
const IDLE = 0.15;

/** The processes that `parent` has started from an executable of this name. */
export function childrenOf(parent: number, executable: string): number[] {
  try {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => Number(statOf(pid)?.[1]) === parent && runs(pid, executable));
  } catch {
    return []; // a system without /proc: the figures of processor time are left out
  }
}

function runs(pid: number, executable: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith(executable);
  } catch {
    return false; // ended meanwhile
  }
}

/**
 * Bytes of memory that a process has in use, shared ones by their share, without its executable and
 * libraries: the more others run them, the smaller the share of each.
 */
export function residentBytes(pid: number): number | undefined {
  try {
    let kilobytes = 0;
    let isCode = false;
    for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
      const path = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)$/.exec(line)?.[1];
      if (path !== undefined) isCode = CODE.test(path);
      else if (!isCode) kilobytes += Number(/^Pss:\s+(\d+) kB$/.exec(line)?.[1] ?? 0);
    }
    return kilobytes * 1_024;
  } catch {
    return undefined; // not Linux, or ended meanwhile
  }
}

/** Files of code: the executables that are measured, and libraries. */
const CODE = /\/(workerd|node)$|\.so(\.|$)|\.node$/;

/** Seconds of processor time that a process has used, to the microsecond. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    );
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
  } catch {
    return undefined; // not Linux, or a thread has ended meanwhile
  }
}

/** The fields of /proc/<pid>/stat after the name, which may hold spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // ended meanwhile
  }
}
