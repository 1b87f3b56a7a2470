// `npm start`: installs what is missing, builds the pages, and runs the reference Worker in workerd.
// Leaves nothing running behind it, however it is stopped: by Ctrl-C, by a signal to npm alone, or
// by the death of npm. Runs on any Node from 20; wrangler runs on the workspace's own.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

await import("./setup.mjs");

const root = join(import.meta.dirname, "..");
const onWindows = process.platform === "win32";

const wrangler = spawn(
  ownNode(),
  [
    "--env-file=wrangler.env",
    "node_modules/wrangler/bin/wrangler.js",
    "dev",
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);

let stopping = false;
wrangler.once("exit", (code) => {
  if (!stopping) process.exit(code ?? 1);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

// When npm dies, nobody is left to stop us.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void stop();
}, 500).unref();

/**
 * Ends wrangler, and then what it started: on a signal it exits without waiting for workerd, which
 * would hold the port for two more seconds. (On Ctrl-C in a terminal wrangler reads the key itself
 * and ends in order.)
 */
async function stop() {
  if (stopping) return;
  stopping = true;
  const started = descendantsOf(wrangler.pid);
  wrangler.kill("SIGTERM");
  await Promise.race([once(wrangler, "exit"), sleep(3000)]);
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    for (const pid of [wrangler.pid, ...started]) send(pid, signal);
    for (let tries = 0; tries < 20 && started.some((pid) => send(pid, 0)); tries++) {
      await sleep(50);
    }
  }
  process.exit(0);
}

function descendantsOf(pid) {
  if (onWindows) return [];
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const under = (id) =>
    rows.filter(([, ppid]) => ppid === id).flatMap(([child]) => [child, ...under(child)]);
  return under(pid);
}

/** Sends a signal; false when the process is gone. */
function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended already, which is what we want
  }
}

/** The Node that the lockfile brings for this platform, or the one that runs this. */
function ownNode() {
  const platform = `${onWindows ? "win" : process.platform}-${process.arch}`;
  const file = onWindows ? "bin/node.exe" : "bin/node";
  const paths = ["node", "node-bin"].map(
    (name) => `${root}/node_modules/${name}-${platform}/${file}`,
  );
  return paths.find((path) => existsSync(path)) ?? process.execPath;
}
