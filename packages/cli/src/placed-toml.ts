/** Reads TOML into values that know their place. */

import type { AST } from "toml-eslint-parser";
import { ParseError, parseTOML } from "toml-eslint-parser";

import type { Placed, PlacedArray, PlacedObject } from "./placed.ts";
import { ConfigSyntaxError } from "./placed.ts";

/** Parses a TOML text. */
export function parsePlacedToml(text: string): Placed {
  const root: PlacedObject = { kind: "object", start: 0, end: text.length, members: new Map() };
  for (const entry of parse(text).body[0].body) {
    if (entry.type === "TOMLKeyValue") placeKeyValue(root, entry);
    else placeTable(root, entry);
  }
  return root;
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof ParseError) throw new ConfigSyntaxError(error.message, error.index);
    throw error;
  }
}

function placeTable(root: PlacedObject, table: AST.TOMLTable): void {
  const [start, end] = table.range;
  let owner: PlacedObject = root;
  for (const [index, step] of table.resolvedKey.entries()) {
    if (typeof step === "number") continue;
    const next = table.resolvedKey[index + 1];
    owner =
      typeof next === "number"
        ? itemOf(owner, step, next, start, end)
        : tableOf(owner, step, start, end);
  }
  for (const entry of table.body) placeKeyValue(owner, entry);
}

/** The table under a key, made when this is its first mention. */
function tableOf(owner: PlacedObject, key: string, start: number, end: number): PlacedObject {
  const known = owner.members.get(key)?.value;
  if (known?.kind === "object") {
    known.end = Math.max(known.end, end);
    return known;
  }
  const table: PlacedObject = { kind: "object", start, end, members: new Map() };
  owner.members.set(key, { keyStart: start, value: table });
  return table;
}

/** One item of a list of tables. */
function itemOf(
  owner: PlacedObject,
  key: string,
  index: number,
  start: number,
  end: number,
): PlacedObject {
  const known = owner.members.get(key)?.value;
  const list: PlacedArray =
    known?.kind === "array" ? known : { kind: "array", start, end, items: [] };
  if (list !== known) owner.members.set(key, { keyStart: start, value: list });
  list.end = Math.max(list.end, end);
  const item = list.items[index];
  if (item?.kind === "object") {
    item.end = Math.max(item.end, end);
    return item;
  }
  const fresh: PlacedObject = { kind: "object", start, end, members: new Map() };
  list.items[index] = fresh;
  return fresh;
}

function placeKeyValue(owner: PlacedObject, { key, value, range }: AST.TOMLKeyValue): void {
  const names = key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));
  const last = names.pop();
  let table = owner;
  for (const name of names) table = tableOf(table, name, range[0], range[1]);
  if (last !== undefined) table.members.set(last, { keyStart: range[0], value: placeValue(value) });
}

function placeValue(node: AST.TOMLContentNode): Placed {
  const [start, end] = node.range;
  if (node.type === "TOMLArray")
    return { kind: "array", start, end, items: node.elements.map(placeValue) };
  if (node.type === "TOMLValue") return { kind: "scalar", start, end, value: node.value };
  const table: PlacedObject = { kind: "object", start, end, members: new Map() };
  for (const entry of node.body) placeKeyValue(table, entry);
  return table;
}
