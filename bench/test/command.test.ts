// What the command says to what it cannot do: a line, before anything is started.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { childrenOf } from "../machine.ts";
import { STATE } from "../workerd.ts";

const COMMAND = join(import.meta.dirname, "../main.ts");

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly said: string;
}

function bench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (fault, out, said) =>
      resolve({ code: fault?.code ?? 0, out, said }),
    );
  });
}

test.concurrent.each([
  [["nowhere"], /^There is no scenario "nowhere"; there are connects, cost, echo, .*wake\.$/],
  [["all", "nowhere"], /^There is no scenario "nowhere"/],
  [["echo", "--targets", "raw,nobody"], /^There is no target "nobody"; there are raw, colyseus, /],
  [["echo", "--reps", "0"], /^--reps is 0; it takes a whole number from 1\.$/],
  [
    ["echo", "--seconds=-1"],
    /^--seconds is -1; it takes a number of seconds above 0, at most 3,600\.$/,
  ],
  [["echo", "--frob"], /^Unknown option '--frob'\. See --help\.$/],
  [
    ["echo", "--size", "200000"],
    /^--size is 200000; it takes a whole number from 1, at most 2,000\.$/,
  ],
  [["echo", "--reps", "2", "--reps", "3"], /^--reps is given twice\. See --help\.$/],
  [["echo", "--out", "nowhere/run.json"], /^--out nowhere\/run\.json cannot be written: ENOENT\.$/],
  [["echo", "--profile", "p", "--targets", "socket.io"], /^--profile is of workerd, and none /],
  [["--reps", "3"], /^Which scenario\? One that `--list` names, or `all`\.$/],
] as const)("%j is answered by a line", async (args, line) => {
  const { code, out, said } = await bench(...args);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(said.trim()).toMatch(line);
});

test("a target that has no part in a scenario is told, and one that is named twice is measured once", async () => {
  const args = "cost --targets raw,raw,ws-sqlite-full --entries 4 --rooms 3 --json".split(" ");
  const { code, out, said } = await bench(...args);
  expect(code).toBe(0);
  const results = JSON.parse(out) as { target: string; metric: string }[];
  expect(new Set(results.map(({ target }) => target))).toEqual(new Set(["raw"]));
  expect(new Set(results.map(({ metric }) => metric)).size).toBe(results.length);
  expect(said).toContain("warning: cost: ws-sqlite-full has no part in it.");
  expect(said).toContain("warning: --rooms has no effect on cost.");
});

test("--list is for machines, too", async () => {
  const { out } = await bench("--list", "--json");
  const { scenarios, targets } = JSON.parse(out) as Record<string, { name: string }[]>;
  expect(scenarios?.map(({ name }) => name)).toContain("fanout");
  expect(targets?.[0]).toMatchObject({ name: "raw" });
});

/** Starts the command, and waits until it measures. */
async function measuring(...args: string[]): Promise<{ child: ChildProcess; said: () => string }> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  await new Promise<void>((resolve) => {
    child.stderr.on("data", (more: Buffer) => {
      text += more.toString();
      if (text.includes("repetition 1")) resolve();
    });
  });
  return { child, said: () => text };
}

test.runIf(process.platform === "linux")(
  "a server that dies is told in a line, and the others are measured",
  async () => {
    const args = "echo --targets ws-sqlite-normal,socket.io --seconds 0.2 --reps 2".split(" ");
    const { child, said } = await measuring(...args);
    const peer = childrenOf(child.pid!, "node").find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("peers/socket.io"),
    );
    process.kill(peer!, "SIGKILL");
    expect(await once(child, "close")).toEqual([1, null]);
    const failures = said()
      .split("\n")
      .filter((line) => line.startsWith("failed:"));
    expect(failures).toEqual(["failed: echo, socket.io is left out: its server has ended."]);
    expect(said()).toContain("repetition 2 of 2, ws-sqlite-normal");
  },
);

test.runIf(process.platform === "linux").each(["SIGINT", "SIGTERM"] as const)(
  "%s ends it at once, and leaves no server and no file behind",
  async (signal) => {
    const { child } = await measuring(..."echo --targets raw,socket.io --seconds 30".split(" "));
    const servers = [...childrenOf(child.pid!, "workerd"), ...childrenOf(child.pid!, "node")];
    const found = (): string[] => [...new Set(servers.flatMap(foldersOf))];
    await expect.poll(() => found().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    const folders = found();
    child.kill(signal);
    expect(await once(child, "close")).toEqual([signal === "SIGINT" ? 130 : 143, null]);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
    await expect.poll(() => servers.filter(isRunning), { timeout: 10_000 }).toEqual([]);
  },
);

/** The folders of the bench that a process was told of, or has files open in. */
function foldersOf(pid: number): string[] {
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ""; // closed meanwhile
    }
  });
  const told = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  return [...told, ...open]
    .filter((path) => path.startsWith(`${STATE}/`))
    .map((path) => join(STATE, path.slice(STATE.length + 1).split("/")[0]!));
}

/** Whether a process is there, and no mere entry that nobody has asked for yet. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
