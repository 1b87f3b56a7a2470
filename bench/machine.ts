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

/** The process that `parent` started from an executable of this name. */
export function childOf(parent: number, executable: string): number | undefined {
  try {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .find(
        (pid) =>
          Number(statOf(pid)?.[1]) === parent &&
          readlinkSync(`/proc/${pid}/exe`).endsWith(executable),
      );
  } catch {
    return undefined; // a system without /proc: the figures of processor time are left out
  }
}

/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) / 100; // ticks of 10 ms, user and system
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
