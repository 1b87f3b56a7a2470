/** The value of a number that is written down: `30 * 60_000`, or the name of such a constant. */

import type { Node } from "oxc-parser";

import type { Module } from "./module.ts";
import { bare } from "./syntax.ts";

/** The number that an expression stands for, or undefined if that is not plain to see. */
export function numberOf(module: Module, expression: Node, depth = 0): number | undefined {
  const node = bare(expression);
  if (node.type === "Literal") return typeof node.value === "number" ? node.value : undefined;
  if (node.type === "Identifier") {
    const value = depth > 5 ? undefined : module.declarations.get(node.name);
    return value && bare(value).type !== "Identifier"
      ? numberOf(module, value, depth + 1)
      : undefined;
  }
  if (node.type !== "BinaryExpression") return undefined;
  const left = numberOf(module, node.left, depth + 1);
  const right = numberOf(module, node.right, depth + 1);
  if (left === undefined || right === undefined) return undefined;
  switch (node.operator) {
    case "*":
      return left * right;
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "/":
      return left / right;
    default:
      return undefined;
  }
}
