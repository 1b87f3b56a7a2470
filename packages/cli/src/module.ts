/** One source file, parsed: what it imports, what it exports, and what it declares at the top level. */

import { extname } from "node:path";

import type { Class, Node, Program, Statement } from "oxc-parser";
import { parseSync } from "oxc-parser";

import { isClass, keyName } from "./syntax.ts";
import type { TextFile } from "./text-file.ts";
import { placeOf } from "./text-file.ts";

/** A parsed source file. */
export interface Module {
  readonly file: TextFile;
  readonly program: Program;
  /** By local name. */
  readonly imports: ReadonlyMap<string, Reference>;
  /** By exported name. */
  readonly exports: ReadonlyMap<string, Exported>;
  /** What `export * from` names. */
  readonly stars: readonly string[];
  /** Top-level classes, functions, and the values of top-level variables, by name. */
  readonly declarations: ReadonlyMap<string, Node>;
  /** Every module that is loaded at run time. */
  readonly requests: readonly string[];
}

/** A name in another module; `*` is all of it. */
export interface Reference {
  readonly from: string;
  readonly name: string;
}

/** What an exported name stands for. */
export type Exported =
  | { readonly kind: "local"; readonly name: string }
  | { readonly kind: "node"; readonly node: Node }
  | ({ readonly kind: "reference" } & Reference);

/** Parses a file; a string says why it could not. */
export function parseModule(file: TextFile): Module | string {
  const { program, errors } = parseSync(file.path, file.text, { lang: languageOf(file.path) });
  const [fatal] = errors;
  // Lesser errors leave a tree behind; an empty one means that nothing could be read.
  if (fatal && program.body.length === 0) {
    const { line, column } = placeOf(file, fatal.labels[0]?.start ?? 0);
    return `${file.path}:${line}:${column} could not be parsed: ${fatal.message}`;
  }
  return summarise(file, program);
}

function languageOf(path: string): "ts" | "tsx" | "jsx" {
  const extension = extname(path);
  if (extension === ".tsx") return "tsx";
  return extension === ".ts" || extension === ".mts" || extension === ".cts" ? "ts" : "jsx";
}

function summarise(file: TextFile, program: Program): Module {
  const imports = new Map<string, Reference>();
  const exports = new Map<string, Exported>();
  const declarations = new Map<string, Node>();
  const stars: string[] = [];
  const requests = new Set<string>();

  const declare = (node: Statement | Node): readonly string[] => {
    const found = declared(node);
    for (const [name, value] of found) declarations.set(name, value);
    return found.map(([name]) => name);
  };

  for (const node of program.body) {
    if (node.type === "ImportDeclaration" && node.importKind !== "type") {
      requests.add(node.source.value);
      for (const specifier of node.specifiers) {
        if (specifier.type === "ImportSpecifier" && specifier.importKind === "type") continue;
        const name =
          specifier.type === "ImportSpecifier"
            ? exportName(specifier.imported)
            : specifier.type === "ImportDefaultSpecifier"
              ? "default"
              : "*";
        imports.set(specifier.local.name, { from: node.source.value, name });
      }
    } else if (node.type === "ExportNamedDeclaration" && node.exportKind !== "type") {
      if (node.source) requests.add(node.source.value);
      if (node.declaration) {
        for (const name of declare(node.declaration)) exports.set(name, { kind: "local", name });
      }
      for (const specifier of node.specifiers) {
        if (specifier.exportKind === "type") continue;
        const local = exportName(specifier.local);
        exports.set(
          exportName(specifier.exported),
          node.source
            ? { kind: "reference", from: node.source.value, name: local }
            : { kind: "local", name: local },
        );
      }
    } else if (node.type === "ExportAllDeclaration" && node.exportKind !== "type") {
      requests.add(node.source.value);
      if (node.exported)
        exports.set(exportName(node.exported), {
          kind: "reference",
          from: node.source.value,
          name: "*",
        });
      else stars.push(node.source.value);
    } else if (node.type === "ExportDefaultDeclaration") {
      declare(node.declaration);
      exports.set("default", { kind: "node", node: node.declaration });
    } else {
      declare(node);
    }
  }
  return { file, program, imports, exports, stars, declarations, requests: [...requests] };
}

/** The names that a statement declares, each with what it stands for. */
function declared(node: Statement | Node): (readonly [string, Node])[] {
  if (isClass(node)) {
    const { id } = node as Class;
    return id ? [[id.name, node]] : [];
  }
  if (node.type === "FunctionDeclaration") return node.id ? [[node.id.name, node]] : [];
  if (node.type !== "VariableDeclaration") return [];
  return node.declarations.flatMap(({ id, init }): (readonly [string, Node])[] => {
    if (id.type === "Identifier") return [[id.name, init ?? id]];
    if (id.type !== "ObjectPattern") return [];
    // Destructured names are kept so that they count as declared, and stand for nothing known.
    return id.properties.flatMap((property) => {
      const name = property.type === "Property" ? keyName(property.value, false) : undefined;
      return name === undefined ? [] : [[name, id]];
    });
  });
}

function exportName(node: Node): string {
  return keyName(node, false) ?? "";
}
