// Installs packed packages into a project outside the workspace, without a network: what they
// depend on is taken from the workspace's own copies.
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Tarball } from "./packing.ts";
import { pnpm, publicPackages, readManifest, ROOT } from "./workspace.ts";

/** What a project has besides the packages. */
export type Tools = {
  /** Libraries, copied as they would be installed. */
  copied: string[];
  /** Commands, linked: they are large, and what they do is not under test. */
  linked?: string[];
};

/** Installs the packages, or those that are named. */
export async function installOutside(
  project: string,
  packed: Tarball[],
  { copied, linked = [] }: Tools,
): Promise<void> {
  const packages = Object.fromEntries(packed.map(({ name, path }) => [name, `file:${path}`]));
  const copies = workspaceCopies(copied);
  const tools = Object.fromEntries(copied.map((name) => [name, copies[name]!]));
  const links = Object.fromEntries(
    linked.map((name) => [name, `link:${realpathSync(join(ROOT, "node_modules", name))}`]),
  );
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      ...readManifest(project),
      dependencies: { ...packages, ...tools },
      devDependencies: links,
    }),
  );
  const overrides = { ...copies, ...packages };
  writeFileSync(
    join(project, "pnpm-workspace.yaml"),
    JSON.stringify({ packages: ["."], overrides, autoInstallPeers: false }),
  );
  await pnpm(["install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile"], {
    cwd: project,
  });
}

/** Everything the packages and the tools depend on, as `file:` paths of the installed copies. */
function workspaceCopies(tools: string[]): Record<string, string> {
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
  for (const name of tools) add(name, join(ROOT, "node_modules"));
  return copies;
}
