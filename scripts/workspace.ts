// The workspace as the scripts see it: where it is, which packages it publishes, and how to run a
// command in it.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { Failure } from "./failure.ts";

export const ROOT: string = join(import.meta.dirname, "..");

/** The version of pnpm that the lockfile was written with; the same as in setup.mjs. */
const PNPM = readFileSync(join(ROOT, "scripts/setup.mjs"), "utf8").match(/pnpm@[\d.]+/)![0];

export type Manifest = {
  name: string;
  version: string;
  private?: boolean;
  bin?: Record<string, string>;
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  publishConfig?: {
    bin?: Record<string, string>;
    exports?: Record<string, string | { types: string; default: string }>;
  };
};

export type Package = { dir: string; folder: string; manifest: Manifest };

/** The packages that are published, each after the ones it depends on. */
export function publicPackages(): Package[] {
  const packages = readdirSync(join(ROOT, "packages"))
    .map((folder) => ({ folder, dir: join(ROOT, "packages", folder) }))
    .filter(({ dir }) => existsSync(join(dir, "package.json")))
    .map(({ folder, dir }) => ({ folder, dir, manifest: readManifest(dir) }))
    .filter(({ manifest }) => !manifest.private);
  return inDependencyOrder(packages);
}

export function readManifest(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
}

export type Outcome = { code: number; output: string };

/** Runs a command from the workspace's root, or `cwd`, and gives its exit code and all it printed. */
export function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; onOutput?: (chunk: Buffer) => void } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    const chunks: Buffer[] = [];
    const keep = (chunk: Buffer): void => {
      chunks.push(chunk);
      options.onOutput?.(chunk);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** Like `run`, but a command that fails throws with what it printed. */
export async function mustRun(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { code, output } = await run(command, args, options);
  if (code !== 0) {
    const shown = [command, ...args].map((each) =>
      relative(ROOT, each).startsWith("..") ? each : each.replace(`${ROOT}/`, ""),
    );
    throw new Failure(`\`${shown.join(" ")}\` failed (${code})\n${output}`);
  }
  return output;
}

export function pnpm(args: string[], options: { cwd?: string } = {}): Promise<string> {
  return mustRun("npx", ["-y", "--prefer-offline", PNPM, ...args], options);
}

function inDependencyOrder(packages: Package[]): Package[] {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  const ordered = new Set<Package>();
  const visit = (each: Package): void => {
    for (const name of Object.keys(each.manifest.dependencies ?? {})) {
      const dependency = byName.get(name);
      if (dependency && !ordered.has(dependency)) visit(dependency);
    }
    ordered.add(each);
  };
  packages.forEach(visit);
  return [...ordered];
}
