// What the checks read from a source file: its imports, and the titles of its tests.
import { parseSync } from "vite";

export type Import = { from: string; typeOnly: boolean; line: number };

/** Every module that a source names: import, export-from, import() and import-type. */
export function importsOf(path: string, source: string): Import[] {
  const found: Import[] = [];
  const add = (literal: Node | null | undefined, typeOnly: boolean): void => {
    if (typeof literal?.value !== "string") return;
    found.push({ from: literal.value, typeOnly, line: lineAt(source, literal.start) });
  };
  visit(parse(path, source), (node) => {
    switch (node.type) {
      case "ImportDeclaration":
        return add(node.source, node.importKind === "type" || allTypes(node.specifiers));
      case "ExportNamedDeclaration":
        return add(node.source, node.exportKind === "type" || allTypes(node.specifiers));
      case "ExportAllDeclaration":
        return add(node.source, node.exportKind === "type");
      case "ImportExpression":
        return add(node.source, false);
      case "TSImportType":
        return add(node.source, true);
    }
  });
  return found;
}

export type Title = { text: string; line: number };

const TEST_FUNCTIONS = new Set(["test", "it", "describe"]);

/** The titles given to test, it and describe, with or without `.each(...)`, `.fails` and the like. */
export function testTitlesOf(path: string, source: string): Title[] {
  const found: Title[] = [];
  visit(parse(path, source), (node) => {
    if (node.type !== "CallExpression" || !TEST_FUNCTIONS.has(rootName(node.callee))) return;
    const title = node.arguments?.[0];
    if (!title) return;
    const text = textOf(title);
    if (text !== undefined) found.push({ text, line: lineAt(source, title.start) });
  });
  return found;
}

// The parser's nodes as far as this file looks at them.
type Node = {
  type: string;
  start: number;
  value?: unknown;
  name?: string;
  source?: Node | null;
  importKind?: string;
  exportKind?: string;
  specifiers?: Node[];
  callee?: Node;
  object?: Node;
  tag?: Node;
  arguments?: Node[];
  quasis?: { value: { cooked: string } }[];
};

function parse(path: string, source: string): Node {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  return program;
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === "string") visit(child as Node, see);
    }
  }
}

function allTypes(specifiers: Node[] = []): boolean {
  return (
    specifiers.length > 0 &&
    specifiers.every((each) => each.importKind === "type" || each.exportKind === "type")
  );
}

function rootName(node: Node | undefined): string {
  if (!node) return "";
  return node.name ?? rootName(node.object ?? node.callee ?? node.tag);
}

function textOf(node: Node): string | undefined {
  if (typeof node.value === "string") return node.value;
  return node.quasis?.map((quasi) => quasi.value.cooked).join("${}");
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}
