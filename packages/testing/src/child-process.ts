/** Finds children of this process: by their parent and their executable, never by name alone. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** The process ids of this process's children that run `executable`. */
export function childrenRunning(executable: string): number[] {
  const children = process.platform === "linux" ? fromProc() : fromPs();
  return children
    .filter(({ parent, path }) => parent === process.pid && basename(path) === executable)
    .map(({ pid }) => pid);
}

interface Running {
  readonly pid: number;
  readonly parent: number;
  /** Of the executable. */
  readonly path: string;
}

function fromProc(): Running[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
        // After the name, which may hold spaces: the state, then the parent.
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        if (parent !== process.pid) return [];
        return [{ pid: Number(entry), parent, path: readlinkSync(`/proc/${entry}/exe`) }];
      } catch {
        return []; // ended meanwhile, or somebody else's
      }
    });
}

function fromPs(): Running[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  return lines.split("\n").flatMap((line) => {
    const [, pid, parent, path] = /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    return path === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), path }];
  });
}
