// Builds every public package to ESM with declarations, in its own dist/. The entries are the
// sources that the package's `exports` and `bin` name.
import { join } from "node:path";

import { build } from "tsdown";

import { Failure } from "./failure.ts";
import { publicPackages, type Manifest } from "./workspace.ts";

for (const { dir, manifest } of publicPackages()) {
  const building = build({
    cwd: dir,
    config: false,
    entry: entries(manifest).map((entry) => join(dir, entry)),
    format: "esm",
    platform: "neutral",
    target: "es2024",
    dts: true,
    sourcemap: true,
    clean: true,
    logLevel: "warn",
    failOnWarn: true,
    tsconfig: join(dir, "tsconfig.json"),
    deps: { neverBundle: [/^cloudflare:/, /^node:/] },
  });
  await building.catch((error: Error) => {
    throw new Failure(`${manifest.name} does not build: ${error.message}`);
  });
  console.log(`built ${manifest.name}`);
}

function entries({ exports = {}, bin = {} }: Manifest): string[] {
  const sources = [...Object.values(exports), ...Object.values(bin)];
  return [...new Set(sources.filter((path) => path.endsWith(".ts") || path.endsWith(".tsx")))];
}
