/** Reads JSON with comments and trailing commas into values that know their place. */

import type { Node, ParseError } from "jsonc-parser";
import { parseTree, printParseErrorCode } from "jsonc-parser";

import type { Placed, PlacedMember } from "./placed.ts";
import { ConfigSyntaxError } from "./placed.ts";

/** Parses a JSON or JSONC text, as tolerant as wrangler is. */
export function parsePlacedJson(text: string): Placed {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) throw new ConfigSyntaxError(printParseErrorCode(error.error), error.offset);
  if (!tree) throw new ConfigSyntaxError("The file is empty", 0);
  return place(tree);
}

function place(node: Node): Placed {
  const span = { start: node.offset, end: node.offset + node.length };
  if (node.type === "array") {
    return { kind: "array", ...span, items: (node.children ?? []).map(place) };
  }
  if (node.type !== "object") return { kind: "scalar", ...span, value: node.value };
  const members = new Map<string, PlacedMember>();
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    if (key && value) members.set(String(key.value), { keyStart: key.offset, value: place(value) });
  }
  return { kind: "object", ...span, members };
}
