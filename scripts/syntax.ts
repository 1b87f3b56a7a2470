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

/** A test, and whether it names what was asked for. */
export type NamingTest = Title & { named: boolean };

/** What is looked for: anything of these modules, and properties of these names. */
export type Wanted = { isModule: (from: string) => boolean; properties: readonly string[] };

/** Whether a file names any of it. */
export function namesAny(path: string, source: string, wanted: Wanted): boolean {
  if (importsOf(path, source).some(({ from, typeOnly }) => !typeOnly && wanted.isModule(from))) {
    return true;
  }
  let found = false;
  visit(parse(path, source), ({ type, name }) => {
    found ||= type === "Identifier" && name !== undefined && wanted.properties.includes(name);
  });
  return found;
}

/** Each call of test or it: whether it names any of it, itself or through a helper of its file. */
export function testsNaming(path: string, source: string, wanted: Wanted): NamingTest[] {
  const program = parse(path, source);
  const names = new Set(wanted.properties);
  const helpers = new Map<string, Node>();
  for (const statement of program.body ?? []) {
    if (
      statement.type === "ImportDeclaration" &&
      wanted.isModule(String(statement.source?.value))
    ) {
      for (const { local } of statement.specifiers ?? []) if (local?.name) names.add(local.name);
    }
    for (const { name, node } of declaredBy(statement)) helpers.set(name, node);
  }
  const isNamed = (node: Node): boolean => {
    let found = false;
    visit(node, ({ type, name }) => {
      found ||= type === "Identifier" && name !== undefined && names.has(name);
    });
    return found;
  };
  for (let known = -1; known !== names.size;) {
    known = names.size;
    for (const [name, node] of helpers) if (isNamed(node)) names.add(name);
  }
  const tests: NamingTest[] = [];
  visit(program, (node) => {
    if (node.type !== "CallExpression" || !/^(test|it)$/.test(rootName(node.callee))) return;
    const title = node.arguments?.[0];
    const text = title && textOf(title);
    // `test.each(table)` is the callee of another call, and has no title of its own.
    if (!title || text === undefined) return;
    tests.push({ text, line: lineAt(source, title.start), named: isNamed(node) });
  });
  return tests;
}

/** The functions and constants that a statement of the top level declares. */
function declaredBy(statement: Node): { name: string; node: Node }[] {
  if (statement.type === "FunctionDeclaration") {
    return [{ name: statement.id?.name ?? "", node: statement }];
  }
  return (statement.declarations ?? []).flatMap((node) =>
    node.id?.name === undefined ? [] : [{ name: node.id.name, node }],
  );
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
  local?: Node;
  body?: Node[];
  id?: Node;
  declarations?: Node[];
  callee?: Node;
  object?: Node;
  tag?: Node;
  arguments?: Node[];
  quasis?: { value: { cooked: string } }[];
};

function parse(path: string, source: string): Node {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  return program as unknown as Node; // as far as this file looks at it
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
