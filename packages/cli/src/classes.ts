/**
 * The classes of a Worker and what each one is in the end: a hand-written Durable Object, a partyserver
 * server, or a Greenroom room, also through classes and files in between.
 */

import type { Class, Node, ObjectProperty } from "oxc-parser";

import type { Code, Meaning } from "./code.ts";
import { exportedMeaning, meaningOf } from "./code.ts";
import type { Module } from "./module.ts";
import { bare, isClass, isFunction, keyName, memberName, nameOf, walk } from "./syntax.ts";

/**
 * `object`: extends the platform's DurableObject. `server`: partyserver's Server. `room`: Greenroom's Room or
 * anything with its lifecycle. `other`: none of these. `unknown`: its base lies outside the project.
 */
export type Kind = "object" | "server" | "room" | "other" | "unknown";

/** A class of the project. */
export interface ClassInfo {
  /** "(anonymous)" for a class without a name. */
  readonly name: string;
  readonly module: Module;
  readonly code: Code;
  readonly node: Class;
  readonly kind: Kind;
  /** The project's own classes that it extends, nearest first. */
  readonly ancestors: readonly Class[];
}

const KNOWN_BASES: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  "cloudflare:workers": {
    DurableObject: "object",
    WorkerEntrypoint: "other",
    WorkflowEntrypoint: "other",
    RpcTarget: "other",
  },
  partyserver: { Server: "server" },
  "y-partyserver": { YServer: "server" },
  "@greenroom/server": { Room: "room", RoomServer: "room" },
};

/**
 * Every class in the code. `bound` holds the class names of the configuration: an exported class of such a
 * name that extends nothing is a Durable Object of the oldest form.
 */
export function classesOf(code: Code, bound: ReadonlySet<string>): ClassInfo[] {
  const boundNodes = new Set(
    [...bound].map((name) => exportedMeaning(code, code.entry, name)).map(nodeOf),
  );
  return [...code.modules.values()].flatMap((module) => {
    const found: ClassInfo[] = [];
    walk(module.program, (node, parents) => {
      if (!isClass(node)) return undefined;
      const cls = node as Class;
      const shadowed = (name: string): boolean =>
        parents.some((parent) => declaresParameter(parent, name));
      const { kind, ancestors } = lineage(code, module, cls, shadowed, boundNodes);
      found.push({
        name: cls.id?.name ?? variableOf(parents) ?? "(anonymous)",
        module,
        code,
        node: cls,
        kind,
        ancestors,
      });
      return undefined;
    });
    return found;
  });
}

/** The class that the Worker exports under a name. */
export function classExportedAs(
  classes: readonly ClassInfo[],
  code: Code,
  name: string,
): ClassInfo | undefined {
  const meaning = exportedMeaning(code, code.entry, name);
  if (meaning?.kind !== "local") return undefined;
  const node = bare(meaning.node);
  return classes.find((cls) => cls.node === node);
}

/** Whether a class has memory that a sleep takes away while its sockets live on. */
export function hibernates(cls: ClassInfo): boolean {
  if (cls.kind === "room" || cls.kind === "object") return true;
  if (cls.kind !== "server") return false;
  const own = [cls.node, ...cls.ancestors]
    .map(hibernateOption)
    .find((value) => value !== undefined);
  return own === true;
}

/** What `static options` of a class says about hibernation; undefined if it says nothing. */
export function hibernateOption(cls: Class): boolean | undefined {
  for (const member of cls.body.body) {
    if (member.type !== "PropertyDefinition" || !member.static || !member.value) continue;
    if (keyName(member.key, member.computed) === "options") return hibernateIn(member.value);
  }
  return undefined;
}

/** The value of `hibernate` in an options object, if it is a plain one. */
export function hibernateIn(options: Node): boolean | undefined {
  const property = hibernateProperty(options);
  const value = property && bare(property.value);
  return value?.type === "Literal" && typeof value.value === "boolean" ? value.value : undefined;
}

/** The `hibernate` of an options object. */
export function hibernateProperty(options: Node): ObjectProperty | undefined {
  const object = bare(options);
  if (object.type !== "ObjectExpression") return undefined;
  return object.properties
    .filter((each) => each.type === "Property")
    .find((each) => keyName(each.key, each.computed) === "hibernate");
}

interface Lineage {
  readonly kind: Kind;
  readonly ancestors: readonly Class[];
}

const UNKNOWN: Lineage = { kind: "unknown", ancestors: [] };

function lineage(
  code: Code,
  module: Module,
  cls: Class,
  shadowed: (name: string) => boolean,
  bound: ReadonlySet<Node | undefined>,
): Lineage {
  if (!cls.superClass) {
    const declares = cls.implements?.some(
      ({ expression }) => nameOf(expression) === "DurableObject",
    );
    return { kind: declares || bound.has(cls) ? "object" : "other", ancestors: [] };
  }
  const base = bare(cls.superClass);
  if (base.type === "Identifier" && shadowed(base.name)) return UNKNOWN;
  return evaluate(code, module, base, 0);
}

/** What a class built on an expression is. */
function evaluate(code: Code, module: Module, expression: Node, depth: number): Lineage {
  // A class that extends itself through an import is not worth a stack overflow.
  if (depth > 20) return UNKNOWN;
  const node = bare(expression);
  if (node.type === "Identifier") return ofMeaning(code, meaningOf(code, module, node.name), depth);
  if (node.type === "MemberExpression") return ofMeaning(code, namespaced(module, node), depth);
  if (isClass(node)) return ofClass(code, module, node as Class, depth);
  if (node.type !== "CallExpression") return UNKNOWN;

  const callee = bare(node.callee);
  if (callee.type === "MemberExpression" && memberName(callee) === "of") {
    const owner = evaluate(code, module, callee.object, depth + 1);
    return owner.kind === "room" ? { kind: "room", ancestors: [] } : UNKNOWN;
  }
  const meaning =
    callee.type === "Identifier"
      ? meaningOf(code, module, callee.name)
      : namespaced(module, callee);
  if (meaning?.kind !== "package") return UNKNOWN;
  const [argument] = node.arguments;
  const inner = argument ? evaluate(code, module, argument, depth + 1) : UNKNOWN;
  if (meaning.name === "withRoomLifecycle") return { kind: "room", ancestors: inner.ancestors };
  return meaning.from === "y-partyserver" ? inner : UNKNOWN;
}

function ofMeaning(code: Code, meaning: Meaning | undefined, depth: number): Lineage {
  if (meaning?.kind === "package") {
    const bases = KNOWN_BASES[meaning.from];
    const kind = bases && Object.hasOwn(bases, meaning.name) ? bases[meaning.name] : undefined;
    return { kind: kind ?? "unknown", ancestors: [] };
  }
  return meaning ? evaluateDeclared(code, meaning, depth) : UNKNOWN;
}

function evaluateDeclared(
  code: Code,
  meaning: Meaning & { kind: "local" },
  depth: number,
): Lineage {
  const node = bare(meaning.node);
  return isClass(node)
    ? ofClass(code, meaning.module, node as Class, depth)
    : evaluate(code, meaning.module, node, depth + 1);
}

function ofClass(code: Code, module: Module, cls: Class, depth: number): Lineage {
  if (!cls.superClass) return { kind: "other", ancestors: [cls] };
  const { kind, ancestors } = evaluate(code, module, cls.superClass, depth + 1);
  return { kind, ancestors: [cls, ...ancestors] };
}

/** What `namespace.Name` of `import * as namespace` stands for. */
function namespaced(module: Module, node: Node): Meaning | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const owner = nameOf(bare(node.object));
  const name = memberName(node);
  const reference = owner === undefined ? undefined : module.imports.get(owner);
  return reference?.name === "*" && name !== undefined
    ? { kind: "package", from: reference.from, name }
    : undefined;
}

function nodeOf(meaning: Meaning | undefined): Node | undefined {
  return meaning?.kind === "local" ? bare(meaning.node) : undefined;
}

function declaresParameter(node: Node, name: string): boolean {
  if (!isFunction(node) || !("params" in node) || !Array.isArray(node.params)) return false;
  return (node.params as Node[]).some((parameter) => nameOf(parameter) === name);
}

/** The name of the variable that a class expression is assigned to. */
function variableOf(parents: readonly Node[]): string | undefined {
  const parent = parents.at(-1);
  return parent?.type === "VariableDeclarator" ? nameOf(parent.id) : undefined;
}
