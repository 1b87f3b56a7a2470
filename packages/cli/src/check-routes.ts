/** What `routeRooms` lets in against the rooms that are bound. */

import type { Node, ObjectExpression } from "oxc-parser";

import { classExportedAs } from "./classes.ts";
import { meaningOf } from "./code.ts";
import type { TextEdit } from "./edits.ts";
import type { Binding } from "./environment.ts";
import type { Problem } from "./finding.ts";
import type { Module } from "./module.ts";
import { nearest } from "./nearest.ts";
import { insertSibling } from "./siblings.ts";
import { bare, calledName, keyName, memberName, nameOf, walk } from "./syntax.ts";
import type { Worker, WorkerProgram } from "./worker.ts";

/** `route-without-room` and `room-without-route`. */
export function checkRoutes(worker: Worker): Problem[] {
  const { program } = worker;
  if (!program) return [];
  const tables = [...program.code.modules.values()].flatMap((module) =>
    routeTables(program, module),
  );
  return [...routesWithoutRoom(worker, tables), ...roomsWithoutRoute(worker, program, tables)];
}

/** The `rooms` of one call of `routeRooms`. */
interface RouteTable {
  readonly module: Module;
  readonly call: Node;
  /** Undefined when the list is computed. */
  readonly rooms: ObjectExpression | undefined;
  readonly routes: readonly Route[];
}

interface Route {
  readonly name: string;
  /** The binding, and where it is named. */
  readonly binding: string;
  readonly at: number;
  readonly end: number;
}

function routesWithoutRoom({ environment }: Worker, tables: readonly RouteTable[]): Problem[] {
  const bound = environment.bindings.map(({ name }) => name);
  // An environment that forgot all its bindings is one finding, not one for each route.
  if (bound.length === 0 && environment.name !== undefined) return [];
  return tables.flatMap(({ module, routes }) =>
    routes.flatMap((route): Problem[] => {
      if (bound.includes(route.binding)) return [];
      const meant = nearest(route.binding, bound);
      const known =
        bound.length === 0
          ? "there are no Durable Object bindings"
          : `there are ${bound.join(", ")}`;
      return [
        {
          rule: "route-without-room",
          file: module.file,
          at: route.at,
          message: `The route "${route.name}" leads to env.${route.binding}, which is no Durable Object binding${of(environment.name)}; ${known}.`,
          advice:
            meant === undefined
              ? `Bind ${route.binding} under durable_objects.`
              : `Did you mean env.${meant}?`,
          edits:
            meant === undefined
              ? []
              : [{ file: module.file, start: route.at, end: route.end, text: meant }],
          safe: meant !== undefined,
        },
      ];
    }),
  );
}

function roomsWithoutRoute(
  { environment, top }: Worker,
  program: WorkerProgram,
  tables: readonly RouteTable[],
): Problem[] {
  // Without a list, or with one that is computed, a room may be reached in ways that cannot be seen.
  const [table] = tables;
  if (!table || tables.some(({ rooms }) => rooms === undefined)) return [];
  if (environment !== top) return [];
  const used = mentionedNames(program);
  const bound = environment.bindings.map(({ name }) => name);
  // A room that a misspelt route was meant for is that route's finding.
  for (const { binding } of tables.flatMap(({ routes }) => routes)) {
    const meant = bound.includes(binding) ? undefined : nearest(binding, bound);
    if (meant !== undefined) used.add(meant);
  }
  return environment.bindings.flatMap((binding): Problem[] => {
    if (binding.script !== undefined || used.has(binding.name)) return [];
    const cls = classExportedAs(program.classes, program.code, binding.className);
    if (cls?.kind !== "room") return [];
    return [
      {
        rule: "room-without-route",
        file: table.module.file,
        at: table.call.start,
        message: `The room ${binding.className} is bound as ${binding.name}, but no route leads to it and nothing else uses it.`,
        advice: `Add it to the rooms of routeRooms, or remove the binding.`,
        edits: addRoute(table, binding),
      },
    ];
  });
}

function addRoute({ module, rooms }: RouteTable, { name }: Binding): TextEdit[] {
  const last = rooms?.properties.at(-1);
  if (!rooms) return [];
  const key = name.toLowerCase().replaceAll("_", "-");
  const entry = `${/^[a-z]\w*$/.test(key) ? key : JSON.stringify(key)}: env.${name}`;
  if (!last)
    return [{ file: module.file, start: rooms.start, end: rooms.end, text: `{ ${entry} }` }];
  return insertSibling(module.file, last.start, last.end, entry);
}

function routeTables(program: WorkerProgram, module: Module): RouteTable[] {
  const tables: RouteTable[] = [];
  walk(module.program, (node) => {
    if (node.type !== "CallExpression" || calledName(node) !== "routeRooms") return undefined;
    const callee = bare(node.callee);
    const meaning =
      callee.type === "Identifier" ? meaningOf(program.code, module, callee.name) : undefined;
    if (meaning?.kind !== "package" || meaning.from !== "@greenroom/server") return undefined;
    const options = node.arguments
      .map(bare)
      .find((argument) => argument.type === "ObjectExpression");
    const rooms = options && property(options, "rooms");
    const object =
      rooms?.type === "ObjectExpression" &&
      rooms.properties.every((each) => each.type === "Property")
        ? rooms
        : undefined;
    tables.push({ module, call: node, rooms: object, routes: object ? routesOf(object) : [] });
    return undefined;
  });
  return tables;
}

function routesOf(rooms: ObjectExpression): Route[] {
  return rooms.properties.flatMap((each): Route[] => {
    if (each.type !== "Property") return [];
    const value = bare(each.value);
    const binding = bindingOf(value);
    if (binding === undefined || value.type !== "MemberExpression" || value.computed) return [];
    const { start, end } = value.property;
    return [{ name: keyName(each.key, each.computed) ?? binding, binding, at: start, end }];
  });
}

/** The binding that `env.X`, `this.env.X` or `c.env.X` names. */
function bindingOf(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const owner = bare(node.object);
  return (nameOf(owner) ?? memberName(owner)) === "env" ? memberName(node) : undefined;
}

function property(object: ObjectExpression, name: string): Node | undefined {
  for (const each of object.properties) {
    if (each.type === "Property" && keyName(each.key, each.computed) === name)
      return bare(each.value);
  }
  return undefined;
}

/** Every name that is read from something, taken apart, or quoted: what could reach a binding. */
function mentionedNames({ code }: WorkerProgram): Set<string> {
  const names = new Set<string>();
  for (const { program } of code.modules.values()) {
    walk(program, (node) => {
      if (
        node.type === "TSTypeAnnotation" ||
        node.type === "TSInterfaceDeclaration" ||
        node.type === "TSTypeAliasDeclaration"
      )
        return "skip";
      const member = memberName(node);
      if (member !== undefined) names.add(member);
      if (node.type === "Literal" && typeof node.value === "string") names.add(node.value);
      if (node.type === "ObjectPattern") {
        for (const each of node.properties) {
          const key = each.type === "Property" ? keyName(each.key, each.computed) : undefined;
          if (key !== undefined) names.add(key);
        }
      }
      return undefined;
    });
  }
  return names;
}

function of(environment: string | undefined): string {
  return environment === undefined ? "" : ` of the environment ${environment}`;
}
