/** The modules of the project that a Worker's entry reaches by its imports, and what a name in one of them stands for. */

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Node } from "oxc-parser";

import type { Aliases } from "./aliases.ts";
import { aliasesFor } from "./aliases.ts";
import type { Module } from "./module.ts";
import { parseModule } from "./module.ts";
import type { TextFile } from "./text-file.ts";
import { readTextFile } from "./text-file.ts";

/** Endings that a relative import may leave out or, for `.js`, stand for. */
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"] as const;

/** A file of generated code can be huge and is nobody's to mend. */
const MAX_CHARACTERS = 2_000_000;

/** The modules of one Worker. */
export interface Code {
  readonly aliases: Aliases;
  readonly entry: Module;
  readonly modules: ReadonlyMap<string, Module>;
  /** What could not be read or parsed, in sentences. */
  readonly notes: readonly string[];
}

/** What a name stands for: something in the project, or something of a package. */
export type Meaning =
  | { readonly kind: "local"; readonly module: Module; readonly name: string; readonly node: Node }
  | { readonly kind: "package"; readonly from: string; readonly name: string };

/** Reads the entry, from disk unless it is given, and everything that it imports from the project itself. */
export function readCode(main: string, entryFile?: TextFile): Code | string {
  const aliases = aliasesFor(main);
  const modules = new Map<string, Module>();
  const notes: string[] = [];
  const waiting = [main];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (modules.has(path)) continue;
    const file = path === main && entryFile ? entryFile : readTextFile(path);
    const module =
      file.text.length > MAX_CHARACTERS ? `${path} is too large to be read` : parseModule(file);
    if (typeof module === "string") {
      if (path === main) return module;
      notes.push(module);
      continue;
    }
    modules.set(path, module);
    for (const request of module.requests) {
      const target = resolveImport(aliases, path, request);
      if (target !== undefined) waiting.push(target);
    }
  }
  const entry = modules.get(main);
  return entry ? { aliases, entry, modules, notes } : `${main} could not be read`;
}

/** What a name in a module stands for, through imports and re-exports. */
export function meaningOf(
  code: Code,
  module: Module,
  name: string,
  depth = 0,
): Meaning | undefined {
  const node = module.declarations.get(name);
  if (node) return { kind: "local", module, name, node };
  const reference = module.imports.get(name);
  return reference && follow(code, module, reference.from, reference.name, depth);
}

/** What a module exports under a name. */
export function exportedMeaning(
  code: Code,
  module: Module,
  name: string,
  depth = 0,
): Meaning | undefined {
  // Re-exports may go round in circles.
  if (depth > 20) return undefined;
  const exported = module.exports.get(name);
  if (exported?.kind === "local") return meaningOf(code, module, exported.name, depth + 1);
  if (exported?.kind === "node") return { kind: "local", module, name, node: exported.node };
  if (exported) return follow(code, module, exported.from, exported.name, depth + 1);
  for (const star of name === "default" ? [] : module.stars) {
    const target = moduleAt(code, module, star);
    const meaning = target && exportedMeaning(code, target, name, depth + 1);
    if (meaning) return meaning;
  }
  return undefined;
}

/** Every name that a module exports; `open` when a re-export leads out of what was read. */
export function exportedNames(code: Code, module: Module): { names: Set<string>; open: boolean } {
  const names = new Set<string>();
  const seen = new Set<Module>();
  let open = false;
  const visit = (current: Module): void => {
    if (seen.has(current)) return;
    seen.add(current);
    for (const name of current.exports.keys()) names.add(name);
    for (const star of current.stars) {
      const target = moduleAt(code, current, star);
      if (target) visit(target);
      else open = true;
    }
  };
  visit(module);
  return { names, open };
}

/** The module of the project that an import leads to. */
export function moduleAt(code: Code, from: Module, request: string): Module | undefined {
  const path = resolveImport(code.aliases, from.file.path, request);
  return path === undefined ? undefined : code.modules.get(path);
}

function follow(
  code: Code,
  module: Module,
  from: string,
  name: string,
  depth: number,
): Meaning | undefined {
  const target = moduleAt(code, module, from);
  if (target) return name === "*" ? undefined : exportedMeaning(code, target, name, depth + 1);
  return from.startsWith(".") ? undefined : { kind: "package", from, name };
}

function resolveImport(aliases: Aliases, importer: string, request: string): string | undefined {
  if (request.startsWith(".")) return fileAt(join(dirname(importer), request));
  return aliases(request)
    .map(fileAt)
    .find((path) => path !== undefined);
}

/** The source file that a path without its ending, or with the one it will have, stands for. */
function fileAt(path: string): string | undefined {
  const base = path.replace(/\?.*$/, "");
  const stem = base.replace(/\.[mc]?jsx?$/, "");
  const candidates = [
    base,
    ...ENDINGS.map((ending) => base + ending),
    ...(stem === base ? [] : ENDINGS.map((ending) => stem + ending)),
    ...ENDINGS.map((ending) => join(base, `index${ending}`)),
  ];
  return candidates.find(
    (candidate) =>
      /\.[mc]?[jt]sx?$/.test(candidate) && existsSync(candidate) && statSync(candidate).isFile(),
  );
}
