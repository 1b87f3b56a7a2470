/** The one alarm slot, used for more than one thing. */

import type { CallExpression, Node } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import type { Problem } from "./finding.ts";
import type { Region } from "./regions.ts";
import { regionsOf } from "./regions.ts";
import { bare, calledName, contains, nameOf, textOf, walk } from "./syntax.ts";
import { placeOf } from "./text-file.ts";

/** `one-alarm-slot` and `raw-alarm`. */
export function checkAlarms(cls: ClassInfo): Problem[] {
  if (cls.kind !== "object" && cls.kind !== "server" && cls.kind !== "room") return [];
  const settings = alarmSettings(cls);
  const conflicts = sharesKnowingly(cls)
    ? []
    : settings.flatMap((later, index): Problem[] => {
        const earlier = settings.slice(0, index).find((each) => conflict(each, later));
        return earlier ? [twice(cls, earlier, later)] : [];
      });
  if (conflicts.length > 0) return conflicts;
  return cls.kind === "room" ? settings.map((setting) => raw(cls, setting)) : [];
}

interface Setting {
  readonly call: CallExpression;
  /** The time that it is set to, as written, without blanks. */
  readonly when: string;
  /** Whether that is a time for one thing, as opposed to one that was worked out from several. */
  readonly fixed: boolean;
  /** Whether that comes from the arguments of the method. */
  readonly given: boolean;
  /** The method that sets it. */
  readonly region: string;
  /** The way down to the call. */
  readonly path: readonly Node[];
}

/** Every call that sets the alarm, other than from the alarm itself: setting it again there is how it repeats. */
function alarmSettings(cls: ClassInfo): Setting[] {
  const { text } = cls.module.file;
  return regionsOf(cls.node)
    .filter(({ name }) => name !== "alarm" && name !== "onAlarm")
    .flatMap((region) => {
      const found: Setting[] = [];
      walk(region.node, (inner, parents) => {
        if (inner.type !== "CallExpression" || !isSetAlarm(inner)) return undefined;
        const when = inner.arguments[0] && written(region, inner.arguments[0]);
        if (!when) return undefined;
        found.push({
          call: inner,
          when: text.slice(when.start, when.end).replaceAll(/\s/g, ""),
          fixed: isFixedHere(region, when),
          given: isGiven(region, when),
          region: region.name,
          path: [...parents, inner],
        });
        return undefined;
      });
      return found;
    });
}

/** `this.ctx.storage.setAlarm`, and not a method of the class's own that has the name. */
function isSetAlarm(call: CallExpression): boolean {
  const callee = bare(call.callee);
  return (
    calledName(call) === "setAlarm" &&
    callee.type === "MemberExpression" &&
    bare(callee.object).type !== "ThisExpression"
  );
}

/** The expression behind `const at = Date.now() + 60_000`. */
function written({ node }: Region, expression: Node): Node {
  const name = nameOf(bare(expression));
  let found = expression;
  if (name === undefined) return found;
  walk(node, (inner) => {
    if (inner.type === "VariableDeclarator" && inner.init && nameOf(inner.id) === name)
      found = inner.init;
    return undefined;
  });
  return found;
}

/** `Date.now() + something`, or whatever time the method is given. */
function isFixedHere(region: Region, when: Node): boolean {
  const name = nameOf(bare(when));
  if (name !== undefined) return parametersOf(region).includes(name);
  return contains(
    when,
    (sum) =>
      sum.type === "BinaryExpression" &&
      sum.operator === "+" &&
      contains(sum, (inner) => isClock(region, inner)),
  );
}

/** `Date.now()`, `date.getTime()`, or a variable that holds one. */
function isClock(region: Region, node: Node): boolean {
  const reads = (inner: Node): boolean => ["now", "getTime"].includes(calledName(inner) ?? "");
  return reads(node) || (node.type === "Identifier" && contains(written(region, node), reads));
}

/** Whether a time comes from what the function was called with, also by way of variables. */
function isGiven(region: Region, when: Node, depth = 0): boolean {
  const parameters = parametersOf(region);
  return contains(when, (node) => {
    if (node.type !== "Identifier") return false;
    if (parameters.includes(node.name)) return true;
    const value = written(region, node);
    return value !== node && depth < 5 && isGiven(region, value, depth + 1);
  });
}

function parametersOf({ node }: Region): string[] {
  return "params" in node && Array.isArray(node.params)
    ? node.params.flatMap((parameter: Node) => nameOf(parameter) ?? [])
    : [];
}

/** A class that asks for the alarm, or for the earliest of several times, shares the slot and knows it. */
function sharesKnowingly(cls: ClassInfo): boolean {
  return contains(cls.node, (node) => {
    const text = node.type === "TemplateElement" ? node.value.raw : (textOf(node) ?? "");
    return ["getAlarm", "min"].includes(calledName(node) ?? "") || /\bmin\s*\(/i.test(text);
  });
}

/** Two times that are not the same thing, and not two branches of one decision. */
function conflict(earlier: Setting, later: Setting): boolean {
  if (!earlier.fixed || !later.fixed || earlier.when === later.when) return false;
  const fork = earlier.path.findIndex((node, index) => node !== later.path[index]);
  const common = earlier.path[fork - 1];
  // In different methods there is nothing in common.
  if (common === undefined) return true;
  // One that a message asks for, and one that is set for every other message: the next message decides.
  if (MESSAGE_HOOKS.has(earlier.region) && earlier.given !== later.given) return true;
  if (BRANCHING.has(common.type)) return false;
  return !earlier.path.slice(fork).some(leaves);
}

const MESSAGE_HOOKS: ReadonlySet<string> = new Set(["webSocketMessage", "onMessage"]);

const BRANCHING: ReadonlySet<string> = new Set([
  "IfStatement",
  "ConditionalExpression",
  "SwitchStatement",
  "LogicalExpression",
]);

/** A block that ends by leaving the function: what comes after it does not follow it. */
function leaves(node: Node): boolean {
  const last = node.type === "BlockStatement" ? node.body.at(-1)?.type : undefined;
  return last === "ReturnStatement" || last === "ThrowStatement";
}

function twice(cls: ClassInfo, first: Setting, other: Setting): Problem {
  const { file } = cls.module;
  const { line } = placeOf(file, first.call.start);
  return {
    rule: "one-alarm-slot",
    file,
    at: other.call.start,
    message: `${cls.name} sets its one alarm to ${other.when} in ${other.region}, and to ${first.when} in ${first.region} (line ${line}): whichever comes later replaces the other.`,
    advice: ADVICE[cls.kind === "room" ? "room" : "object"],
  };
}

function raw(cls: ClassInfo, { call, when }: Setting): Problem {
  return {
    rule: "raw-alarm",
    file: cls.module.file,
    at: call.start,
    message: `${cls.name} sets the alarm itself, to ${when}.`,
    advice: ADVICE.room,
  };
}

const ADVICE = {
  room: "Give each its name: this.timers.set(name, { after: ms }, payload); the room's expiry is kept apart and is not disturbed.",
  object:
    "Keep each due time as a row, set the alarm to the earliest, and let alarm() run what is due and set it again.",
} as const;
