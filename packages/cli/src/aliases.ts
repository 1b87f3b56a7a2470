/**
 * Import paths that a project abbreviates: `paths` of the nearest tsconfig.json and `imports` of the nearest
 * package.json. What they cannot resolve is a package's.
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { parse } from "jsonc-parser";

/** The paths that a request may mean, first choice first; none if it is no abbreviation. */
export type Aliases = (request: string) => readonly string[];

/** Reads the abbreviations that hold for a Worker's main module. */
export function aliasesFor(main: string): Aliases {
  const patterns = [...tsconfigPatterns(main), ...packagePatterns(main)];
  return (request) => patterns.flatMap((pattern) => expand(pattern, request));
}

/** `@/*` with the places that it stands for. */
interface Pattern {
  readonly alias: string;
  readonly targets: readonly string[];
}

function tsconfigPatterns(main: string): Pattern[] {
  const path = nearestFile(main, "tsconfig.json");
  const options =
    path === undefined
      ? undefined
      : record(record(parse(readFileSync(path, "utf8")))?.["compilerOptions"]);
  if (path === undefined || !options) return [];
  const { baseUrl } = options;
  const base = resolve(dirname(path), typeof baseUrl === "string" ? baseUrl : ".");
  return patternsOf(options["paths"], base);
}

function packagePatterns(main: string): Pattern[] {
  const path = nearestFile(main, "package.json");
  if (path === undefined) return [];
  return patternsOf(record(parse(readFileSync(path, "utf8")))?.["imports"], dirname(path));
}

function patternsOf(map: unknown, base: string): Pattern[] {
  return Object.entries(record(map) ?? {}).map(([alias, value]) => ({
    alias,
    targets: texts(value).map((target) => join(base, target)),
  }));
}

/** The paths in a list, or in the conditions of a package's `imports`. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return Object.values(record(value) ?? {}).flatMap(texts);
}

function expand({ alias, targets }: Pattern, request: string): string[] {
  const [before = "", after] = alias.split("*");
  if (after === undefined) return request === alias ? [...targets] : [];
  if (!request.startsWith(before) || !request.endsWith(after)) return [];
  const rest = request.slice(before.length, request.length - after.length);
  return targets.map((target) => target.replace("*", () => rest));
}

function nearestFile(from: string, name: string): string | undefined {
  for (let directory = dirname(from); ; directory = dirname(directory)) {
    const path = join(directory, name);
    if (existsSync(path)) return path;
    if (directory === dirname(directory)) return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
