// Packs every public package and checks the tarballs as a package manager, a bundler and TypeScript
// will read them: publint, are-the-types-wrong, and `exports` against `publishConfig.exports`.
import { packAll } from "./packing.ts";
import { publicPackages, run, type Manifest } from "./workspace.ts";

/** Every public path of the sources must be published, from the same place under dist/. */
export function unpublished({ exports = {}, bin = {}, publishConfig = {} }: Manifest): string[] {
  const sources = Object.entries({ ...exports, ...bin });
  const published = { ...publishConfig.exports, ...publishConfig.bin };
  return sources.flatMap(([name, source]) => {
    const target = published[name];
    const path = typeof target === "object" ? target.default : target;
    const expected = source.replace(/^\.\/src\/(.*)\.tsx?$/, "./dist/$1.js");
    return path === expected ? [] : [`"${name}" is published as ${path}, expected ${expected}`];
  });
}

if (import.meta.main) {
  let failed = false;
  const fault = (text: string): void => {
    failed = true;
    console.error(text);
  };
  for (const { manifest } of publicPackages()) {
    for (const text of unpublished(manifest)) fault(`${manifest.name}: ${text}`);
  }
  const tarballs = await packAll();
  for (const { name, path, package: each } of tarballs) {
    const publint = await run("publint", ["run", path, "--strict"]);
    if (publint.code !== 0) fault(`${name}: publint\n${publint.output}`);
    // A package that is only a command exports nothing to check.
    if (each.manifest.exports) {
      const attw = await run("attw", [path, "--profile", "esm-only", "--no-color"]);
      if (attw.code !== 0) fault(`${name}: are-the-types-wrong\n${attw.output}`);
    }
  }
  if (failed) process.exit(1);
  console.log(`${tarballs.length} packages export what they should`);
}
