/** Sockets that an object accepts by itself, past the hibernation API. */

import type { CallExpression, Class, Function as FunctionNode, Node } from "oxc-parser";

import { stateOf } from "./check-timers.ts";
import type { ClassInfo } from "./classes.ts";
import type { Problem } from "./finding.ts";
import {
  bare,
  calledName,
  childrenOf,
  contains,
  fieldOfThis,
  keyName,
  nameOf,
  walk,
} from "./syntax.ts";

/** `socket-accept`. */
export function checkSockets(cls: ClassInfo): Problem[] {
  if (cls.kind !== "object" && cls.kind !== "server" && cls.kind !== "room") return [];
  const sockets = socketNames(cls.node);
  const problems: Problem[] = [];
  walk(cls.node, (node, parents) => {
    if (node.type !== "CallExpression" || node.arguments.length > 0) return undefined;
    const socket = calledName(node) === "accept" ? receiver(node) : undefined;
    if (socket && isSocket(socket, sockets) && !isRefused(cls, socket, parents)) {
      problems.push(problem(cls, node, socket));
    }
    return undefined;
  });
  return problems;
}

function problem(cls: ClassInfo, call: CallExpression, socket: Node): Problem {
  const { file } = cls.module;
  const name = file.text.slice(socket.start, socket.end);
  const callee = bare(call.callee);
  // As written, with a "!" that the compiler asked for.
  const argument =
    callee.type === "MemberExpression"
      ? file.text.slice(callee.object.start, callee.object.end)
      : name;
  const framework = cls.kind !== "object";
  return {
    rule: "socket-accept",
    file,
    at: call.start,
    message: `${cls.name} accepts a socket with ${name}.accept(): it cannot sleep while anyone is connected.`,
    advice: framework
      ? "Leave sockets to the framework: remove this, and use onConnect and onMessage."
      : "Use the hibernation API, and move the listeners into webSocketMessage, webSocketClose and webSocketError.",
    edits: framework
      ? []
      : [
          {
            file,
            start: call.start,
            end: call.end,
            text: `${stateOf(cls)}.acceptWebSocket(${argument})`,
          },
        ],
  };
}

/** `accept()`, then `close()` in the same block: a refusal that a browser can read, and nobody stays connected. */
function isRefused(cls: ClassInfo, socket: Node, parents: readonly Node[]): boolean {
  const block = parents.findLast((node) => node.type === "BlockStatement");
  const { text } = cls.module.file;
  const name = text.slice(socket.start, socket.end);
  return childrenOf(block ?? socket).some((statement) => {
    const call = statement.type === "ExpressionStatement" ? bare(statement.expression) : undefined;
    if (call?.type !== "CallExpression" || calledName(call) !== "close") return false;
    const closed = receiver(call);
    return closed !== undefined && text.slice(closed.start, closed.end) === name;
  });
}

function receiver(call: CallExpression): Node | undefined {
  const callee = bare(call.callee);
  return callee.type === "MemberExpression" ? bare(callee.object) : undefined;
}

/** A name that is an end of a pair, `pair[1]`, or a field that one was put in. */
function isSocket(node: Node, sockets: ReadonlySet<string>): boolean {
  const own = nameOf(node);
  if (own !== undefined) return sockets.has(own);
  if (node.type !== "MemberExpression") return false;
  const owner = nameOf(bare(node.object));
  return owner !== undefined && node.computed && sockets.has(owner);
}

/** The names that hold a pair or an end of one, also where they are handed to another method. */
function socketNames(cls: Class): Set<string> {
  const names = new Set<string>();
  if (!contains(cls, isPair)) return names;
  for (let before = -1; before !== names.size;) {
    before = names.size;
    walk(cls, (node) => {
      if (node.type === "VariableDeclarator" && node.init && holdsSocket(node.init, names)) {
        for (const name of boundNames(node.id)) names.add(name);
      }
      if (node.type === "CallExpression") passOn(cls, node, names);
      return undefined;
    });
  }
  return names;
}

function isPair(node: Node): boolean {
  return node.type === "NewExpression" && nameOf(bare(node.callee)) === "WebSocketPair";
}

/** `new WebSocketPair()`, `Object.values(...)` of one, or a name or item that is known. */
function holdsSocket(init: Node, names: ReadonlySet<string>): boolean {
  const node = bare(init);
  if (isPair(node)) return true;
  if (node.type === "CallExpression" && calledName(node) === "values") {
    return node.arguments.some((argument) => holdsSocket(argument, names));
  }
  if (node.type === "Identifier") return names.has(node.name);
  return (
    node.type === "MemberExpression" && node.computed && names.has(nameOf(bare(node.object)) ?? "")
  );
}

function boundNames(pattern: Node): string[] {
  const name = nameOf(pattern);
  if (name !== undefined) return [name];
  if (pattern.type === "ArrayPattern")
    return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
  if (pattern.type !== "ObjectPattern") return [];
  return pattern.properties.flatMap((each) =>
    each.type === "Property" ? boundNames(each.value) : [],
  );
}

/** `this.join(server)`: what the method calls the socket is a socket as well. */
function passOn(cls: Class, call: CallExpression, names: Set<string>): void {
  const method = fieldOfThis(call.callee);
  if (method === undefined) return;
  const target = cls.body.body.find(
    (member) => "key" in member && keyName(member.key, member.computed) === method,
  );
  const value = target && "value" in target ? target.value : undefined;
  if (value?.type !== "FunctionExpression" && value?.type !== "ArrowFunctionExpression") return;
  const parameters = (value as FunctionNode).params;
  for (const [index, argument] of call.arguments.entries()) {
    const parameter = parameters[index];
    const name = parameter && nameOf(parameter);
    if (name !== undefined && holdsSocket(argument, names)) names.add(name);
  }
}
