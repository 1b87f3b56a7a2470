// Holds the packages to the directions of their dependencies:
//
//   protocol <- server, client <- react      testing may use all      nothing uses testing or cli
//
// and keeps partyserver and partysocket behind few files, so that either can be replaced.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { importsOf, type Import } from "./syntax.ts";
import { readManifest, ROOT } from "./workspace.ts";

/** What the sources of a package may import, besides their own files, `cloudflare:*` and what is below. */
const MAY_IMPORT: Record<string, { values: string[]; types?: string[]; node?: boolean }> = {
  protocol: { values: [], types: ["@standard-schema/spec"] },
  server: { values: ["@greenroom/protocol", "partyserver", "croner", "jose"], node: true },
  client: { values: ["@greenroom/protocol", "partysocket"] },
  react: { values: ["@greenroom/protocol", "@greenroom/client", "react"] },
  testing: {
    // vitest in the suites of the user's project, whose own it is.
    values: ["@greenroom/protocol", "@greenroom/client", "@greenroom/server", "vitest"],
    node: true,
  },
  // A command for Node may use what it likes, except the packages' tests.
  cli: { values: ["*"], node: true },
};

/** How many files of a package may import a module that we want to be able to replace. */
const FEW_FILES: { folder: string; module: string; files: number }[] = [
  { folder: "server", module: "partyserver", files: 2 },
  // Only what the sub-path `./cron` imports: rooms without cron do not carry it.
  { folder: "server", module: "croner", files: 1 },
  // The same for `./jwt`.
  { folder: "server", module: "jose", files: 1 },
  { folder: "client", module: "partysocket", files: 1 },
];

export type SourceFile = { path: string; folder: string; imports: Import[] };

/** Every import that points where it must not, as `file:line message`. */
export function violations(files: SourceFile[]): string[] {
  return [...files.flatMap(directionFaults), ...FEW_FILES.flatMap((rule) => tooMany(files, rule))];
}

function directionFaults({ path, folder, imports }: SourceFile): string[] {
  const rule = MAY_IMPORT[folder];
  if (!rule) return [`${path}: packages/${folder} has no rule in scripts/boundaries.ts`];
  return imports.flatMap((each) => {
    if (allowed(each, rule, folder, path)) return [];
    const kind = each.typeOnly ? "import types from" : "import";
    return [`${path}:${each.line} packages/${folder} may not ${kind} "${each.from}"`];
  });
}

function allowed(
  { from, typeOnly }: Import,
  rule: { values: string[]; types?: string[]; node?: boolean },
  folder: string,
  path: string,
): boolean {
  if (from.startsWith(".")) {
    return !relative(`packages/${folder}/src`, join(path, "..", from)).startsWith("..");
  }
  const name = moduleName(from);
  if (name === "@greenroom/testing" || name === "greenroom") return false;
  if (rule.values.includes(name) || rule.values.includes("*")) return true;
  if (typeOnly && rule.types?.includes(name)) return true;
  if (from.startsWith("node:")) return rule.node === true;
  if (from.startsWith("cloudflare:")) return folder === "server" || folder === "testing";
  return false;
}

function tooMany(files: SourceFile[], rule: (typeof FEW_FILES)[number]): string[] {
  const users = files.filter(
    ({ folder, imports }) =>
      folder === rule.folder && imports.some(({ from }) => moduleName(from) === rule.module),
  );
  if (users.length <= rule.files) return [];
  const names = users.map(({ path }) => path).join(", ");
  return [
    `packages/${rule.folder}: ${users.length} files import ${rule.module}, at most ${rule.files} may: ${names}`,
  ];
}

/** The package of a module: "@a/b/c" is of "@a/b". */
function moduleName(from: string): string {
  return from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");
}

/** A package that imports another must say so in its dependencies. */
function undeclared(files: SourceFile[]): string[] {
  return files.flatMap(({ path, folder, imports }) => {
    const dir = join(ROOT, "packages", folder);
    if (!existsSync(join(dir, "package.json"))) return [`${path}: ${folder} has no package.json`];
    const manifest = readManifest(dir);
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    return imports
      .map(({ from, line }) => ({ line, name: moduleName(from) }))
      .filter(({ name }) => !/^(\.|node:|cloudflare:)/.test(name) && !(name in declared))
      .map(({ name, line }) => `${path}:${line} "${name}" is not a dependency of ${manifest.name}`);
  });
}

function readSources(): SourceFile[] {
  return globSync("packages/*/src/**/*.{ts,tsx}", { cwd: ROOT }).map((found) => {
    const path = found.split(sep).join("/");
    const imports = importsOf(path, readFileSync(join(ROOT, path), "utf8"));
    return { path, folder: path.split("/")[1]!, imports };
  });
}

if (import.meta.main) {
  const files = readSources();
  const faults = [...violations(files), ...undeclared(files)];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
  console.log(`${files.length} files import only what they may`);
}
