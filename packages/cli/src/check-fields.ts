/**
 * Counters and collections that live in a field only.
 *
 * To accuse no cache, a field is reported only when all of this holds: it begins as a number, a list, a
 * map, a set or an empty object; a method that runs after waking changes it; nothing that runs on waking
 * fills it; no change of it comes from storage or from sockets; and nothing ever stores it.
 */

import type { Class, Node } from "oxc-parser";

import type { ClassInfo } from "./classes.ts";
import { hibernates } from "./classes.ts";
import type { TextEdit } from "./edits.ts";
import type { FieldUse } from "./field-uses.ts";
import { isFresh, usesOf } from "./field-uses.ts";
import type { Problem } from "./finding.ts";
import { regionsOf } from "./regions.ts";
import { bare, contains, fieldOfThis, keyName, nameOf, walk } from "./syntax.ts";
import { placeOf } from "./text-file.ts";

/** `state-in-field`. */
export function checkFields(cls: ClassInfo): Problem[] {
  if (!hibernates(cls) || !isRoom(cls)) return [];
  const regions = regionsOf(cls.node);
  return candidates(cls.node).flatMap((field): Problem[] => {
    const uses = regions.flatMap((region) => usesOf(region, field.name));
    const change = lostChange(uses);
    // A number that is only ever set is a mark, such as the time of something; one that grows is a count.
    if (field.what === "counter" && !uses.some((use) => counts(use, field.name))) return [];
    return change ? [problem(cls, field, change)] : [];
  });
}

/** `this.count++`, `this.count += n`, `this.count = this.count + n`. */
function counts({ kind, node }: FieldUse, name: string): boolean {
  if (kind === "change") return true;
  return (
    kind === "assign" &&
    node.type === "BinaryExpression" &&
    contains(node, (inner) => fieldOfThis(inner) === name)
  );
}

/** A change that a sleep forgets, unless something keeps it or makes it good. */
function lostChange(uses: readonly FieldUse[]): FieldUse | undefined {
  if (uses.some(({ kind }) => kind === "load" || kind === "store" || kind === "transient"))
    return undefined;
  const changes = uses.filter(({ kind }) => kind === "change" || kind === "assign");
  // What a start fills, other than with an empty value, is a cache.
  const filled = changes.some(
    ({ startup, node, kind }) => startup && !(kind === "assign" && isFresh(node)),
  );
  if (filled) return undefined;
  return changes.find((change) => !change.startup && !isBalanced(change, changes));
}

/** `this.running++` and `this.running--` in one function count what is under way. */
function isBalanced({ step, region }: FieldUse, changes: readonly FieldUse[]): boolean {
  if (step === undefined) return false;
  return changes.some(
    (other) => other.region === region && other.step !== undefined && other.step !== step,
  );
}

/** An object without sockets may well be a cache or a limiter, which is free to forget. */
function isRoom({ kind, node, ancestors }: ClassInfo): boolean {
  if (kind !== "object") return true;
  return [node, ...ancestors].some((cls) =>
    contains(cls, (inner) => SOCKET_NAMES.has(nameOf(inner) ?? "")),
  );
}

const SOCKET_NAMES: ReadonlySet<string> = new Set([
  "WebSocketPair",
  "acceptWebSocket",
  "getWebSockets",
  "webSocketMessage",
]);

interface Field {
  readonly name: string;
  readonly at: number;
  readonly what: "counter" | "collection";
  /** Whether its type says that it holds sockets. */
  readonly ofSockets: boolean;
  /** The declaration, when the field has one; JavaScript may only assign it in the constructor. */
  readonly declaration:
    | {
        readonly start: number;
        readonly end: number;
        readonly access: string;
        readonly initial: string;
      }
    | undefined;
}

function candidates(cls: Class): Field[] {
  return cls.body.body.flatMap((member): Field[] => {
    if (member.type === "MethodDefinition" && member.kind === "constructor")
      return assignedIn(member.value);
    if (member.type !== "PropertyDefinition" || member.static || !member.value) return [];
    const name = keyName(member.key, member.computed);
    const what = kindOf(member.value);
    // A type that says functions, promises or signals is about what is under way, which no storage can keep.
    if (
      name === undefined ||
      what === undefined ||
      (member.typeAnnotation && holdsTransients(member.typeAnnotation))
    )
      return [];
    if (
      contains(
        member.value,
        (node) => node.type === "TSTypeParameterInstantiation" && holdsTransients(node),
      )
    )
      return [];
    const initial = bare(member.value);
    return [
      {
        name,
        at: member.key.start,
        what,
        ofSockets: contains(member, isSocketType),
        declaration: {
          start: member.start,
          end: member.end,
          access: member.accessibility ? `${member.accessibility} ` : "",
          initial: initial.type === "Literal" ? (initial.raw ?? "0") : "0",
        },
      },
    ];
  });
}

/** `this.count = 0` in a constructor, as JavaScript declares fields. */
function assignedIn(constructor: Node): Field[] {
  const fields: Field[] = [];
  walk(constructor, (node) => {
    if (node.type !== "AssignmentExpression" || node.operator !== "=") return undefined;
    const target = bare(node.left);
    if (target.type !== "MemberExpression" || target.object.type !== "ThisExpression")
      return undefined;
    const name = keyName(target.property, target.computed);
    const what = kindOf(node.right);
    if (name !== undefined && what !== undefined)
      fields.push({ name, at: target.start, what, ofSockets: false, declaration: undefined });
    return undefined;
  });
  return fields;
}

function kindOf(value: Node): Field["what"] | undefined {
  const node = bare(value);
  if (!isFresh(node)) return undefined;
  return node.type === "Literal" || node.type === "UnaryExpression" ? "counter" : "collection";
}

const TRANSIENT_TYPES =
  /^(Promise|PromiseLike|AbortController|AbortSignal|Timeout|PromiseWithResolvers|WeakRef|ReadableStream\w*|WritableStream\w*)$/;

function holdsTransients(type: Node): boolean {
  return contains(
    type,
    (node) =>
      node.type === "TSFunctionType" ||
      (node.type === "Identifier" && TRANSIENT_TYPES.test(node.name)),
  );
}

function isSocketType(node: Node): boolean {
  return (
    node.type === "TSTypeReference" && /^(WebSocket|Connection)$/.test(nameOf(node.typeName) ?? "")
  );
}

function problem(cls: ClassInfo, field: Field, change: FieldUse): Problem {
  const { file } = cls.module;
  const { line } = placeOf(file, change.node.start);
  const kept = field.what === "counter" ? "counts in the field" : "keeps a collection in the field";
  return {
    rule: "state-in-field",
    file,
    at: field.at,
    message: `${cls.name} ${kept} ${field.name}: ${change.region} changes it (line ${line}), and nothing stores it or fills it on waking.`,
    advice: field.ofSockets
      ? "The platform keeps them: ask this.ctx.getWebSockets(), and keep what belongs to one in serializeAttachment()."
      : field.what === "counter"
        ? "Keep the number in storage, where an increment is one row."
        : "Keep each entry as a row (CREATE TABLE IF NOT EXISTS ...), and fill the field from the rows on waking if it must be fast.",
    edits: edit(cls, field),
  };
}

/** A number can become a pair of accessors over storage: the code that uses it stays as it is. */
function edit(cls: ClassInfo, field: Field): TextEdit[] {
  if (field.what !== "counter" || !field.declaration || !cls.node.superClass) return [];
  const { file } = cls.module;
  const { start, end, access, initial } = field.declaration;
  const typed = /\.[mc]?tsx?$/.test(file.path);
  const key = JSON.stringify(field.name.replace(/^#/, ""));
  const indent = " ".repeat(placeOf(file, start).column - 1);
  const getter = `${access}get ${field.name}()${typed ? ": number" : ""} { return this.ctx.storage.kv.get${typed ? "<number>" : ""}(${key}) ?? ${initial}; }`;
  const setter = `${access}set ${field.name}(value${typed ? ": number" : ""}) { this.ctx.storage.kv.put(${key}, value); }`;
  return [{ file, start, end, text: `${getter}\n${indent}${setter}` }];
}
