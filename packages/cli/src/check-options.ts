/** Static options that are not static, and hibernation switched off. */

import type { Node, PropertyDefinition } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import { hibernateIn, hibernateProperty } from "./classes.ts";
import type { Problem } from "./finding.ts";
import { bare, keyName } from "./syntax.ts";

/** What is read from the class itself, with options by which it is told from a field of the app's own. */
const STATIC_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  options: ["hibernate"],
  lifecycle: ["expireAfter", "rearm"],
  log: ["history", "entries", "bytes"],
};

/** `options-not-static` and `hibernate-off`. */
export function checkOptions(cls: ClassInfo): Problem[] {
  if (cls.kind !== "room" && cls.kind !== "server") return [];
  return cls.node.body.body.flatMap((member): Problem[] => {
    if (member.type !== "PropertyDefinition" || !member.value) return [];
    const key = keyName(member.key, member.computed) ?? "";
    const known = Object.hasOwn(STATIC_OPTIONS, key) ? STATIC_OPTIONS[key] : undefined;
    // A plain server has options only.
    if (!known || (key !== "options" && cls.kind !== "room")) return [];
    if (member.static) return key === "options" ? hibernateOff(cls, member) : [];
    if (!propertyNames(member.value).some((name) => known.includes(name))) return [];
    return [notStatic(cls, member, key)];
  });
}

function propertyNames(value: Node): string[] {
  const object = bare(value);
  if (object.type !== "ObjectExpression") return [];
  return object.properties.flatMap((each) =>
    each.type === "Property" ? (keyName(each.key, each.computed) ?? []) : [],
  );
}

function notStatic(cls: ClassInfo, member: PropertyDefinition, key: string): Problem {
  const { file } = cls.module;
  // TypeScript's order: private static override readonly.
  const start = member.start + (member.accessibility ? member.accessibility.length + 1 : 0);
  return {
    rule: "options-not-static",
    file,
    at: member.start,
    message: `${cls.name} sets ${key} as an instance field; it is read from the class.`,
    advice: `Write static ${key}.`,
    edits: [{ file, start, end: start, text: "static " }],
    // A room hibernates either way; a plain server would begin to, which its fields may not survive.
    safe: cls.kind === "room" && hibernateIn(member.value ?? member) !== false,
  };
}

function hibernateOff(cls: ClassInfo, member: PropertyDefinition): Problem[] {
  const option = member.value && hibernateProperty(member.value);
  if (!option || !member.value || hibernateIn(member.value) !== false) return [];
  const { file } = cls.module;
  const { start, end } = bare(option.value);
  return [
    {
      rule: "hibernate-off",
      file,
      at: option.start,
      message: `${cls.name} sets hibernate: false.`,
      severity: cls.kind === "room" ? "error" : "warning",
      why:
        cls.kind === "room"
          ? "A Greenroom room refuses to start without hibernation."
          : "Without hibernation the object is billed for as long as anyone is connected.",
      advice:
        cls.kind === "room"
          ? "Remove the option, or write true."
          : "Write true, and keep what must survive in storage.",
      edits: [{ file, start, end, text: "true" }],
      // A plain server keeps its fields by not sleeping: it must be changed by someone who knows them.
      safe: cls.kind === "room",
    },
  ];
}
