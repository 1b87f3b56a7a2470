// Builds and packs the public packages, as they would be published, into a folder that is kept: who
// asks next gets the same tarballs, as long as nothing that goes into them has changed.
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";

import { mustRun, pnpm, publicPackages, ROOT, type Package } from "./workspace.ts";

export type Tarball = { name: string; path: string; package: Package };

const CACHE = join(ROOT, "node_modules/.cache/packed");

/** What decides the tarballs, beside the packages' own files. */
const SHARED = [
  "LICENSE",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "tsconfig.base.json",
  "scripts/build.ts",
  "scripts/packing.ts",
];

export async function packAll(): Promise<Tarball[]> {
  const folder = join(CACHE, fingerprint());
  if (!existsSync(folder)) {
    rmSync(CACHE, { recursive: true, force: true });
    await mustRun(process.execPath, [join(import.meta.dirname, "build.ts")]);
    // Under its name only when all of it is there.
    const unfinished = join(CACHE, `unfinished-${process.pid}`);
    mkdirSync(unfinished, { recursive: true });
    await Promise.all(publicPackages().map((each) => pack(each, unfinished)));
    renameSync(unfinished, folder);
  }
  return publicPackages().map((each) => ({
    name: each.manifest.name,
    path: join(folder, nameOf(each)),
    package: each,
  }));
}

async function pack(each: Package, folder: string): Promise<void> {
  const output = await pnpm(["pack", "--json", "--pack-destination", folder], { cwd: each.dir });
  // npx may warn before the JSON.
  const { filename } = JSON.parse(output.slice(output.indexOf("{"))) as { filename: string };
  renameSync(filename, join(folder, nameOf(each)));
}

function nameOf({ dir }: Package): string {
  return `${basename(dir)}.tgz`;
}

function fingerprint(): string {
  const own = publicPackages().flatMap(({ dir }) => {
    const files = globSync("{*,src/**/*}", { cwd: dir, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    if (files.length === 0) throw new Error(`${dir} has no files.`);
    return files.map((file) => relative(ROOT, file)).toSorted();
  });
  const hash = createHash("sha256");
  for (const file of [...SHARED, ...own]) {
    hash.update(`\n${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
