/** Entry points of the framework that a class overrides and does not call. */

import type { Node } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import type { Problem } from "./finding.ts";
import { bare, contains, isFunction, keyName, memberName } from "./syntax.ts";

/** Each entry point with the hook that is meant for the app. */
const HOOKS: Readonly<Record<string, string>> = {
  alarm: "onAlarm",
  fetch: "onRequest",
  webSocketMessage: "onMessage",
  webSocketClose: "onClose",
  webSocketError: "onError",
};

/** `entry-point-without-super`. */
export function checkEntryPoints(cls: ClassInfo): Problem[] {
  if (cls.kind !== "server" && cls.kind !== "room") return [];
  return cls.node.body.body.flatMap((member): Problem[] => {
    if (member.type !== "MethodDefinition" && member.type !== "PropertyDefinition") return [];
    const name = keyName(member.key, member.computed) ?? "";
    const body = member.value && bare(member.value);
    if (member.static || !Object.hasOwn(HOOKS, name) || !body || !isFunction(body)) return [];
    // An overload or an abstract method has no body to look into.
    if (member.type === "MethodDefinition" && !member.value.body) return [];
    if (callsSuper(body, name)) return [];
    const hook = HOOKS[name] ?? "";
    return [
      {
        rule: "entry-point-without-super",
        file: cls.module.file,
        at: member.key.start,
        message: `${cls.name} overrides ${name}() and never calls super.${name}().`,
        advice: `Use the hook ${hook}() instead, or call super.${name}() first.`,
        edits: [
          { file: cls.module.file, start: member.key.start, end: member.key.end, text: hook },
        ],
      },
    ];
  });
}

function callsSuper(body: Node, name: string): boolean {
  return contains(
    body,
    (node) =>
      node.type === "MemberExpression" && node.object.type === "Super" && memberName(node) === name,
  );
}
