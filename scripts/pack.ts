// Uses the packages as a stranger would: packs them, installs the tarballs into a project outside
// the workspace (scripts/outside, copied to a temporary folder), type-checks a room and its client
// there, and lets two clients talk through the room in workerd. Needs no network: what the packages
// depend on is installed from the workspace's own copies.
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { createTestHarness } from "wrangler";

import { Failure } from "./failure.ts";
import { packAll, type Tarball } from "./packing.ts";
import { mustRun, pnpm, publicPackages, readManifest, ROOT } from "./workspace.ts";

/** What the project outside uses besides the packages. */
const TOOLS = ["@cloudflare/workers-types", "@types/node", "valibot"];

process.loadEnvFile(join(ROOT, "wrangler.env"));
const outside = mkdtempSync(join(tmpdir(), "greenroom-outside-"));
const { folder, tarballs } = await packAll();
try {
  cpSync(join(ROOT, "scripts/outside"), outside, { recursive: true });
  await install(outside, tarballs);
  for (const config of ["tsconfig.json", "tsconfig.client.json"]) {
    await mustRun("tsc", ["-p", join(outside, config)]);
  }
  console.log(`${tarballs.length} packages type-check outside the workspace`);
  await runCommands(outside);
  console.log(`two clients outside the workspace heard: ${await talk(outside)}`);
} finally {
  rmSync(folder, { recursive: true });
  rmSync(outside, { recursive: true });
}

async function install(project: string, packed: Tarball[]): Promise<void> {
  const packages = Object.fromEntries(packed.map(({ name, path }) => [name, `file:${path}`]));
  const copies = workspaceCopies();
  const tools = Object.fromEntries(TOOLS.map((name) => [name, copies[name]!]));
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ ...readManifest(project), dependencies: { ...packages, ...tools } }),
  );
  const overrides = { ...copies, ...packages };
  writeFileSync(
    join(project, "pnpm-workspace.yaml"),
    JSON.stringify({ packages: ["."], overrides, autoInstallPeers: false }),
  );
  await pnpm(["install", "--prefer-offline", "--ignore-scripts"], { cwd: project });
}

/** Everything the packages and the tools depend on, as `file:` paths of the installed copies. */
function workspaceCopies(): Record<string, string> {
  const copies: Record<string, string> = {};
  const add = (name: string, nodeModules: string): void => {
    if (copies[name]) return;
    const dir = realpathSync(join(nodeModules, name));
    copies[name] = `file:${dir}`;
    // A package's own dependencies are installed beside it.
    const beside = name.startsWith("@") ? dirname(dirname(dir)) : dirname(dir);
    const { dependencies, optionalDependencies } = readManifest(dir);
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (existsSync(join(beside, each))) add(each, beside);
      else copies[each] ??= "-"; // another platform's: left out
    }
  };
  for (const { dir, manifest } of publicPackages()) {
    for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
      if (!range.startsWith("workspace:")) add(name, join(dir, "node_modules"));
    }
  }
  for (const name of TOOLS) add(name, join(ROOT, "node_modules"));
  return copies;
}

/** The packages' commands start, and explain themselves. */
async function runCommands(project: string): Promise<void> {
  for (const { manifest } of publicPackages()) {
    for (const name of Object.keys(manifest.bin ?? {})) {
      await mustRun(join(project, "node_modules/.bin", name), ["--help"], { cwd: project });
      console.log(`${name} --help runs outside the workspace`);
    }
  }
}

/** Runs the room in workerd, and the two clients against it; gives what they printed. */
async function talk(project: string): Promise<string> {
  const server = createTestHarness({ workers: [{ configPath: join(project, "wrangler.jsonc") }] });
  try {
    const { url } = await server.listen();
    const client = join(project, "client.ts");
    const heard = (await mustRun(process.execPath, [client, url.host], { cwd: project })).trim();
    if (heard !== "hello hello")
      throw new Failure(`the clients heard "${heard}", not "hello hello"`);
    return heard;
  } finally {
    await server.close();
  }
}
