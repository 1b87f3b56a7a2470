/** Walking a syntax tree, and the few questions about its nodes that several checks ask. */

import type { Expression, Node } from "oxc-parser";
import { visitorKeys } from "oxc-parser";

/** Told of each node, outermost first; returning "skip" leaves out what is inside it. */
export type Visit = (node: Node, parents: readonly Node[]) => "skip" | undefined;

/** Walks a tree in source order. `parents` is the way down to the node and is reused: copy it to keep it. */
export function walk(root: Node, visit: Visit): void {
  const parents: Node[] = [];
  const step = (node: Node): void => {
    if (visit(node, parents) === "skip") return;
    parents.push(node);
    for (const child of childrenOf(node)) step(child);
    parents.pop();
  };
  step(root);
}

/** The nodes directly inside one. */
export function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = fields[key];
    return (Array.isArray(value) ? value : [value]).filter(isNode);
  });
}

/** Whether some node in a tree answers to a question. */
export function contains(
  root: Node,
  question: (node: Node, parents: readonly Node[]) => boolean,
): boolean {
  let found = false;
  walk(root, (node, parents) => {
    found ||= question(node, parents);
    return found ? "skip" : undefined;
  });
  return found;
}

/** An expression without what only TypeScript or the reader sees around it. */
export function bare(node: Expression | Node): Node {
  switch (node.type) {
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
    case "ChainExpression":
      return bare(node.expression);
    default:
      return node;
  }
}

/** The name after the dot, between literal brackets, or after the hash; undefined if it is computed. */
export function memberName(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  if (!node.computed)
    return node.property.type === "PrivateIdentifier"
      ? `#${node.property.name}`
      : nameOf(node.property);
  return textOf(node.property);
}

/** The last name of what is called: `exec` of `this.ctx.storage.sql.exec()`. */
export function calledName(node: Node): string | undefined {
  if (node.type !== "CallExpression") return undefined;
  const callee = bare(node.callee);
  return callee.type === "Identifier" ? callee.name : memberName(callee);
}

/** The name of the field in `this.x`, `this["x"]` or `this.#x`. */
export function fieldOfThis(node: Node): string | undefined {
  const member = bare(node);
  if (member.type !== "MemberExpression" || bare(member.object).type !== "ThisExpression")
    return undefined;
  return memberName(member);
}

/** The name of a property, method or field; undefined if it is computed. */
export function keyName(key: Node, computed: boolean): string | undefined {
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return computed ? textOf(key) : (nameOf(key) ?? textOf(key));
}

/** The text of a string literal. */
export function textOf(node: Node): string | undefined {
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** The name of an identifier. */
export function nameOf(node: Node): string | undefined {
  return node.type === "Identifier" ? node.name : undefined;
}

/** Whether a node is a function of any kind. */
export function isFunction(node: Node): boolean {
  return (
    node.type === "ArrowFunctionExpression" ||
    node.type === "FunctionExpression" ||
    node.type === "FunctionDeclaration"
  );
}

/** Whether a node is a class of any kind. */
export function isClass(node: Node): boolean {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
