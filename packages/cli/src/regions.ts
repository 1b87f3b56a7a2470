/**
 * The code of a class, function by function, and which of it runs when the instance wakes: what is built
 * there is a cache, and what is only ever built elsewhere is lost with a sleep.
 */

import type { Class, Node } from "oxc-parser";

import { bare, fieldOfThis, isFunction, keyName, walk } from "./syntax.ts";

/** One function of a class, or the initialiser of one of its fields. */
export interface Region {
  readonly name: string;
  readonly node: Node;
  /** Whether it runs on waking. */
  readonly startup: boolean;
}

/** Where a class may rebuild what it remembers. */
const STARTUP_NAMES: ReadonlySet<string> = new Set(["constructor", "onStart", "onLoad"]);

/** All instance code of a class. */
export function regionsOf(cls: Class): Region[] {
  const regions = cls.body.body.flatMap((member): Region[] => {
    if (member.type === "MethodDefinition" && !member.static) {
      return [named(keyName(member.key, member.computed) ?? "", member.value)];
    }
    if (member.type !== "PropertyDefinition" || member.static || !member.value) return [];
    const name = keyName(member.key, member.computed) ?? "";
    return isFunction(bare(member.value))
      ? [named(name, member.value)]
      : initialiser(name, member.value);
  });
  return withCallees(regions);
}

function named(name: string, node: Node): Region {
  return { name, node, startup: STARTUP_NAMES.has(name) };
}

/** A field's value runs on waking, but the functions in it run later: `handlers = this.handle({ say() {} })`. */
function initialiser(name: string, value: Node): Region[] {
  const regions: Region[] = [];
  walk(value, (node, parents) => {
    if (!isFunction(node)) return undefined;
    const owner = parents.at(-1);
    const key = owner?.type === "Property" ? keyName(owner.key, owner.computed) : undefined;
    regions.push(named(key ?? name, node));
    return "skip";
  });
  return regions;
}

/** What a start-up function calls runs on waking as well. */
function withCallees(regions: readonly Region[]): Region[] {
  const called = new Set<string>();
  const grow = (region: Region): void => {
    walk(region.node, (node) => {
      const name = node.type === "CallExpression" ? fieldOfThis(node.callee) : undefined;
      if (name !== undefined && !called.has(name)) {
        called.add(name);
        for (const callee of regions) if (callee.name === name && !callee.startup) grow(callee);
      }
      return undefined;
    });
  };
  for (const region of regions) if (region.startup) grow(region);
  return regions.map((region) => (called.has(region.name) ? { ...region, startup: true } : region));
}
