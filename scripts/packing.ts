// Builds and packs the public packages, as they would be published, into a new temporary folder.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { mustRun, pnpm, publicPackages, type Package } from "./workspace.ts";

export type Tarball = { name: string; path: string; package: Package };

export async function packAll(): Promise<{ folder: string; tarballs: Tarball[] }> {
  await mustRun(process.execPath, [join(import.meta.dirname, "build.ts")]);
  const folder = mkdtempSync(join(tmpdir(), "greenroom-pack-"));
  const tarballs = await Promise.all(
    publicPackages().map(async (each) => {
      const output = await pnpm(["pack", "--json", "--pack-destination", folder], {
        cwd: each.dir,
      });
      // npx may warn before the JSON.
      const { filename } = JSON.parse(output.slice(output.indexOf("{"))) as { filename: string };
      return { name: each.manifest.name, path: filename, package: each };
    }),
  );
  return { folder, tarballs };
}
