/** The one alarm slot, used for more than one thing. */

import type { CallExpression } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import type { Problem } from "./finding.ts";
import { regionsOf } from "./regions.ts";
import { bare, calledName, contains, walk } from "./syntax.ts";
import { placeOf } from "./text-file.ts";

/** `one-alarm-slot` and `raw-alarm`. */
export function checkAlarms(cls: ClassInfo): Problem[] {
  if (cls.kind !== "object" && cls.kind !== "server" && cls.kind !== "room") return [];
  const settings = alarmSettings(cls);
  const [first] = settings;
  if (!first) return [];
  const others = settings.filter(({ when }) => when !== first.when);
  // Whoever looks at the alarm before setting it shares the slot knowingly.
  if (others.length > 0 && !asksForAlarm(cls))
    return others.map((other) => twice(cls, first, other));
  return cls.kind === "room" ? settings.map((setting) => raw(cls, setting)) : [];
}

interface Setting {
  readonly call: CallExpression;
  /** The time that it is set to, as written, without blanks. */
  readonly when: string;
  /** The method that sets it. */
  readonly region: string;
}

/** Every call that sets the alarm, other than from the alarm itself: setting it again there is how it repeats. */
function alarmSettings(cls: ClassInfo): Setting[] {
  const { text } = cls.module.file;
  return regionsOf(cls.node)
    .filter(({ name }) => name !== "alarm" && name !== "onAlarm")
    .flatMap(({ name, node }) => {
      const found: Setting[] = [];
      walk(node, (inner) => {
        const when =
          inner.type === "CallExpression" && isSetAlarm(inner) ? inner.arguments[0] : undefined;
        if (when && inner.type === "CallExpression") {
          found.push({
            call: inner,
            when: text.slice(when.start, when.end).replaceAll(/\s/g, ""),
            region: name,
          });
        }
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

function asksForAlarm(cls: ClassInfo): boolean {
  return contains(cls.node, (node) => calledName(node) === "getAlarm");
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
  room: "Use a named timer; each keeps its own time. (The room's expiry has its own place and is not disturbed.)",
  object:
    "Keep each due time as a row, set the alarm to the earliest, and let alarm() run what is due and set it again.",
} as const;
