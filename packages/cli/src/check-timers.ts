/** Timers that live in a room's memory. */

import type { CallExpression, Node } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import { hibernates } from "./classes.ts";
import { numberOf } from "./constants.ts";
import type { TextEdit } from "./edits.ts";
import type { Problem } from "./finding.ts";
import { regionsOf } from "./regions.ts";
import {
  bare,
  calledName,
  contains,
  fieldOfThis,
  isClass,
  isFunction,
  memberName,
  nameOf,
  walk,
} from "./syntax.ts";

/** A shorter wait than this is no plan, unless what it does must not be lost (ms). */
const BRIEF = 1_000;

/** A pause in a handler that is longer than this is not a pause: the room would sleep (ms). */
const LONG_PAUSE = 10_000;

/** A time limit that is longer than this is a plan, however it is written (ms). */
const LONG_LIMIT = 5 * 60_000;

/** `timer-in-room`. */
export function checkTimers(cls: ClassInfo): Problem[] {
  // A server that does not hibernate keeps its timers for as long as anyone is connected.
  if (!hibernates(cls)) return [];
  const problems: Problem[] = [];
  for (const member of cls.node.body.body) {
    walk(member, (node, parents) => {
      if (isClass(node)) return "skip";
      const timer = node.type === "CallExpression" ? timerName(cls, node) : undefined;
      if (
        timer !== undefined &&
        node.type === "CallExpression" &&
        !isHarmless(cls, timer, node, parents)
      ) {
        problems.push(problem(cls, timer, node, parents));
      }
      return undefined;
    });
  }
  return problems;
}

type Timer = "setTimeout" | "setInterval";

/** The platform's timer that is called, unless the module has a function of that name itself. */
function timerName(cls: ClassInfo, call: CallExpression): Timer | undefined {
  const name = calledName(call);
  if (name !== "setTimeout" && name !== "setInterval") return undefined;
  const callee = bare(call.callee);
  if (callee.type === "MemberExpression") {
    return ["globalThis", "self"].includes(nameOf(bare(callee.object)) ?? "") ? name : undefined;
  }
  const own = cls.module.imports.has(name) || cls.module.declarations.has(name);
  return own ? undefined : name;
}

function isHarmless(
  cls: ClassInfo,
  timer: Timer,
  call: CallExpression,
  parents: readonly Node[],
): boolean {
  const [callback, wait] = call.arguments;
  const delay = wait ? numberOf(cls.module, wait) : 0;
  if (isClearedHere(timer, parents) && (delay === undefined || delay <= LONG_LIMIT)) return true;
  if (timer === "setInterval") return false;
  if (delay !== undefined && delay < BRIEF)
    return delay === 0 || !callback || !hasLastingEffect(cls, callback);
  const pause = callback !== undefined && settlesPromise(callback, parents);
  return pause && (delay === undefined || delay <= LONG_PAUSE);
}

/** `const t = setTimeout(...)` with `clearTimeout(t)` in the same method: a time limit, not a plan. */
function isClearedHere(timer: Timer, parents: readonly Node[]): boolean {
  const name = variableOf(parents);
  const method = parents.find(isFunction);
  const clear = timer === "setTimeout" ? "clearTimeout" : "clearInterval";
  if (name === undefined || method === undefined) return false;
  return contains(
    method,
    (node) =>
      node.type === "CallExpression" &&
      calledName(node) === clear &&
      node.arguments.some((argument) => nameOf(bare(argument)) === name),
  );
}

/** Calls whose loss is seen by somebody: what they would have stored or ended stays as it was. */
const LASTING_CALLS: ReadonlySet<string> = new Set([
  "put",
  "exec",
  "deleteAll",
  "close",
  "publish",
]);

/** Whether a callback stores something or closes sockets, also through methods of the class. */
function hasLastingEffect(
  cls: ClassInfo,
  callback: Node,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  return contains(callback, (node) => {
    if (node.type === "TaggedTemplateExpression") return fieldOfThis(node.tag) === "sql";
    if (LASTING_CALLS.has(calledName(node) ?? "")) return true;
    const method =
      node.type === "CallExpression" || node === callback ? methodNamed(node) : undefined;
    if (method === undefined || seen.has(method)) return false;
    const body = [cls.node, ...cls.ancestors]
      .flatMap((each) => regionsOf(each))
      .find(({ name }) => name === method);
    return body !== undefined && hasLastingEffect(cls, body.node, new Set([...seen, method]));
  });
}

/** The method in `this.save()`, or in `this.save` and `this.save.bind(this)` when it is the callback. */
function methodNamed(node: Node): string | undefined {
  const callee = node.type === "CallExpression" ? bare(node.callee) : node;
  return (
    fieldOfThis(callee) ??
    (callee.type === "MemberExpression" ? fieldOfThis(callee.object) : undefined)
  );
}

/** The variable that the timer's handle goes into. */
function variableOf(parents: readonly Node[]): string | undefined {
  const owner = parents.at(-1);
  if (owner?.type === "VariableDeclarator") return nameOf(owner.id);
  return owner?.type === "AssignmentExpression" ? nameOf(bare(owner.left)) : undefined;
}

/** `new Promise((resolve) => setTimeout(resolve, ms))`: a pause inside a handler that is running. */
function settlesPromise(callback: Node, parents: readonly Node[]): boolean {
  return parents.some((node) => {
    if (node.type !== "NewExpression" || nameOf(bare(node.callee)) !== "Promise") return false;
    const [executor] = node.arguments;
    if (executor?.type !== "ArrowFunctionExpression" && executor?.type !== "FunctionExpression")
      return false;
    const settlers = executor.params.map((parameter) => nameOf(parameter));
    return contains(
      callback,
      (inner) => inner.type === "Identifier" && settlers.includes(inner.name),
    );
  });
}

function problem(
  cls: ClassInfo,
  timer: Timer,
  call: CallExpression,
  parents: readonly Node[],
): Problem {
  const { file } = cls.module;
  const delay = call.arguments[1];
  const text = delay ? file.text.slice(delay.start, delay.end) : "0";
  const handler = cls.kind === "object" ? "alarm()" : "onAlarm()";
  return {
    rule: "timer-in-room",
    file,
    at: call.start,
    message: `${cls.name} calls ${timer} with a delay of ${text} ms.`,
    advice: `Set the alarm and do the work in ${handler}${timer === "setInterval" ? ", which sets it again" : ""}; it survives sleep, deploys and crashes.`,
    edits: alarmEdit(cls, call, parents, text),
  };
}

/** The call becomes an alarm, and with it the field that kept its handle; a variable or a promise needs a person. */
function alarmEdit(
  cls: ClassInfo,
  call: CallExpression,
  parents: readonly Node[],
  delay: string,
): TextEdit[] {
  const { file } = cls.module;
  const owner = parents.at(-1);
  const awaited = parents.some((node) => node.type === "NewExpression");
  if (awaited || owner?.type === "VariableDeclarator") return [];
  const { start, end } = owner?.type === "AssignmentExpression" ? owner : call;
  const sum = /^[\w.\s*]+$/.test(delay) ? delay : `(${delay})`;
  return [{ file, start, end, text: `${stateOf(cls)}.storage.setAlarm(Date.now() + ${sum})` }];
}

/** How a class calls its state: `this.ctx`, or what the oldest form keeps it under. */
export function stateOf({ node }: ClassInfo): string {
  if (node.superClass) return "this.ctx";
  let name = "ctx";
  walk(node, (inner) => {
    const member = memberName(inner);
    if (
      inner.type === "MemberExpression" &&
      inner.object.type === "ThisExpression" &&
      (member === "state" || member === "ctx")
    ) {
      name = member;
    }
    return undefined;
  });
  return `this.${name}`;
}
