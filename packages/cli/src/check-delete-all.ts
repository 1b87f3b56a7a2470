/** Storage that is cleared under an instance that goes on living. */

import type { CallExpression, Node } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import type { Problem } from "./finding.ts";
import type { Region } from "./regions.ts";
import { regionsOf } from "./regions.ts";
import { bare, calledName, contains, walk } from "./syntax.ts";

/** `delete-all`. */
export function checkDeleteAll(cls: ClassInfo): Problem[] {
  if (cls.kind !== "object" && cls.kind !== "server" && cls.kind !== "room") return [];
  const regions = regionsOf(cls.node);
  // Without a schema that only waking makes, the next message finds all that it needs.
  const schemaOnWaking = regions.some(({ startup, node }) => startup && createsTable(node));
  if (cls.kind !== "room" && !schemaOnWaking) return [];
  return regions.flatMap((region) =>
    cls.kind !== "room" && recovers(region)
      ? []
      : callsIn(region).map((call) => problem(cls, call)),
  );
}

function problem(cls: ClassInfo, call: CallExpression): Problem {
  const { file } = cls.module;
  const room = cls.kind === "room";
  return {
    rule: "delete-all",
    file,
    at: call.start,
    message: room
      ? `${cls.name} clears its storage with deleteAll().`
      : `${cls.name} clears its storage with deleteAll(), and makes its tables only on waking.`,
    why: room
      ? "Whoever is connected is not told that the room has ended, and the object's own fields still hold what was deleted."
      : undefined,
    advice: room
      ? "End the room with this.lifecycle.expire(), or let it expire (static lifecycle): that tells everyone, deletes everything, and starts again cleanly."
      : "Make the tables again right after it, or restart the object with this.ctx.abort().",
  };
}

function callsIn({ node }: Region): CallExpression[] {
  const calls: CallExpression[] = [];
  walk(node, (inner) => {
    if (inner.type === "CallExpression" && calledName(inner) === "deleteAll") {
      const callee = bare(inner.callee);
      if (callee.type === "MemberExpression" && bare(callee.object).type !== "ThisExpression")
        calls.push(inner);
    }
    return undefined;
  });
  return calls;
}

/** Whether a function that clears storage also puts the tables back, or ends the instance. */
function recovers({ node }: Region): boolean {
  return (
    createsTable(node) ||
    contains(node, (inner) => calledName(inner) === "abort" || isOwnCallToSchema(inner))
  );
}

/** `this.migrate()`, `this.createTables()` and the like: trusted to do what they say. */
function isOwnCallToSchema(node: Node): boolean {
  return /schema|table|migrat|init|setup|start|create|reset/i.test(calledName(node) ?? "");
}

function createsTable(node: Node): boolean {
  return contains(node, (inner) => {
    const text =
      inner.type === "TemplateElement"
        ? inner.value.raw
        : inner.type === "Literal" && typeof inner.value === "string"
          ? inner.value
          : "";
    return /\bcreate\s+table\b/i.test(text);
  });
}
