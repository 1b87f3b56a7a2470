/** What a class does with one of its fields: changes it, assigns it, loads it, stores it. */

import type { Node } from "oxc-parser";

import type { Region } from "./regions.ts";
import {
  bare,
  calledName,
  contains,
  fieldOfThis,
  isFunction,
  nameOf,
  textOf,
  walk,
} from "./syntax.ts";

/**
 * `assign` and `change` alter the field. `load`: the new value comes from storage or from the sockets.
 * `store`: the value goes into storage. `transient`: it holds what is under way, such as a promise's resolve.
 */
export interface FieldUse {
  readonly kind: "assign" | "change" | "load" | "store" | "transient";
  /** For an assignment the new value, else the expression. */
  readonly node: Node;
  /** `++` or `--`, for a change by one. */
  readonly step?: string | undefined;
  readonly region: string;
  readonly startup: boolean;
}

/** Methods that alter a list, a map or a set. */
const CHANGING: ReadonlySet<string> = new Set([
  "push",
  "unshift",
  "pop",
  "shift",
  "splice",
  "set",
  "add",
  "delete",
  "clear",
  "sort",
  "reverse",
  "fill",
]);

/** Names that a value passes on its way from or to somewhere that survives a sleep. */
const LASTING =
  /^(storage|sql|kv|exec|put|transaction|transactionSync|setState|serializeAttachment|deserializeAttachment|getWebSockets|getConnections?|timers|fetch|DB|prepare)$/;

/** A value that a new instance begins with: a number, or something empty. */
export function isFresh(value: Node): boolean {
  const node = bare(value);
  switch (node.type) {
    case "Literal":
      return typeof node.value === "number" || typeof node.value === "bigint";
    case "UnaryExpression":
      return node.operator === "-" && isFresh(node.argument);
    case "ArrayExpression":
      return node.elements.length === 0;
    case "ObjectExpression":
      return node.properties.length === 0;
    case "NewExpression":
      return (
        ["Map", "Set", "Array"].includes(nameOf(bare(node.callee)) ?? "") &&
        node.arguments.length === 0
      );
    default:
      return false;
  }
}

/** Every use of a field in one function of the class. */
export function usesOf(region: Region, field: string): FieldUse[] {
  const uses: FieldUse[] = [];
  const add = (kind: FieldUse["kind"], node: Node, startup: boolean): void => {
    const step = node.type === "UpdateExpression" ? node.operator : undefined;
    uses.push({ kind, node, step, region: region.name, startup });
  };
  const mentions = (node: Node): boolean => contains(node, (inner) => fieldOfThis(inner) === field);
  // `n = this.count` ... `put("count", n)`: a text that names the field ties it to storage.
  const key = field.replace(/^#/, "");

  walk(region.node, (node, parents) => {
    // What the platform runs before anything else is part of waking, wherever it is written.
    const startup =
      region.startup || parents.some((parent) => calledName(parent) === "blockConcurrencyWhile");
    if (node.type === "AssignmentExpression") {
      const target = bare(node.left);
      if (fieldOfThis(target) === field) {
        add(
          comesFromStorage(node.right) ? "load" : node.operator === "=" ? "assign" : "change",
          node.right,
          startup,
        );
      } else if (target.type === "MemberExpression" && fieldOfThis(bare(target.object)) === field) {
        add(
          comesFromStorage(node.right) ? "load" : isTransient(node.right) ? "transient" : "change",
          node,
          startup,
        );
      }
    } else if (
      node.type === "UpdateExpression" ||
      (node.type === "UnaryExpression" && node.operator === "delete")
    ) {
      const target = bare(node.argument);
      const owner = target.type === "MemberExpression" ? bare(target.object) : target;
      if (fieldOfThis(target) === field || fieldOfThis(owner) === field)
        add("change", node, startup);
    } else if (node.type === "CallExpression") {
      const callee = bare(node.callee);
      if (
        callee.type === "MemberExpression" &&
        fieldOfThis(callee.object) === field &&
        CHANGING.has(calledName(node) ?? "")
      ) {
        const kind = node.arguments.some(isTransient)
          ? "transient"
          : node.arguments.some(comesFromStorage)
            ? "load"
            : "change";
        add(kind, node, startup);
      } else if (
        isLasting(callee) &&
        (node.arguments.some(mentions) || node.arguments.some((argument) => names(argument, key)))
      ) {
        add("store", node, startup);
      }
    } else if (
      node.type === "TaggedTemplateExpression" &&
      isLasting(bare(node.tag)) &&
      (mentions(node.quasi) || names(node.quasi, key))
    ) {
      add("store", node, startup);
    }
    return undefined;
  });
  return uses;
}

/** Whether some name on the way to what is called is one that lasts: `this.ctx.storage.sql.exec`. */
function isLasting(callee: Node): boolean {
  return contains(callee, (node) => node.type === "Identifier" && LASTING.test(node.name));
}

function comesFromStorage(value: Node): boolean {
  return contains(
    value,
    (node) =>
      node.type === "AwaitExpression" || (node.type === "Identifier" && LASTING.test(node.name)),
  );
}

/** A function, or a promise's `resolve`: nothing that storage could keep. */
function isTransient(value: Node): boolean {
  return contains(
    value,
    (node) =>
      isFunction(node) ||
      (node.type === "Identifier" && /^(resolve|reject|deferred|controller)$/.test(node.name)),
  );
}

function names(value: Node, key: string): boolean {
  return contains(value, (node) => {
    const text = node.type === "TemplateElement" ? node.value.raw : (textOf(node) ?? "");
    return text.split(/[^\w$]+/).includes(key);
  });
}
