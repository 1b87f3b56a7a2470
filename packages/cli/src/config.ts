/** Finds a project's wrangler configuration and reads it with its positions. */

import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { DoctorError } from "./doctor-error.ts";
import { parsePlacedJson } from "./placed-json.ts";
import { parsePlacedToml } from "./placed-toml.ts";
import type { Placed } from "./placed.ts";
import { ConfigSyntaxError, placedAt } from "./placed.ts";
import type { TextFile } from "./text-file.ts";
import { placeOf, readTextFile } from "./text-file.ts";

/** The names that wrangler looks for, in its order. */
const CONFIG_NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

/** A configuration file, parsed. */
export interface ConfigFile {
  readonly file: TextFile;
  readonly format: "json" | "toml";
  readonly root: Placed;
}

/**
 * The configuration file that a path means: the file itself, or the one in the directory.
 * Without a path it is the nearest one upwards from `cwd`, as for wrangler.
 */
export function findConfig(cwd: string, path?: string): string {
  if (path === undefined) return findUpwards(cwd);
  const target = resolve(cwd, path);
  if (!existsSync(target)) {
    throw new DoctorError(
      `${path} does not exist.`,
      "Pass a project's directory or its wrangler configuration file.",
    );
  }
  if (!statSync(target).isDirectory()) {
    if (/\.(jsonc?|toml)$/.test(target)) return target;
    throw new DoctorError(
      `${path} is not a wrangler configuration.`,
      "Pass a directory, or a file that ends in .json, .jsonc or .toml.",
    );
  }
  const found = configIn(target);
  if (found !== undefined) return found;
  throw new DoctorError(
    `There is no wrangler configuration in ${path}.`,
    `A Worker's directory has one of ${CONFIG_NAMES.join(", ")}.`,
  );
}

/** Reads and parses a configuration file. */
export function readConfig(path: string): ConfigFile {
  const file = readTextFile(path);
  const format = path.endsWith(".toml") ? "toml" : "json";
  try {
    const root = format === "toml" ? parsePlacedToml(file.text) : parsePlacedJson(file.text);
    if (root.kind !== "object") throw new ConfigSyntaxError("The file holds no object", 0);
    return { file, format, root };
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    const { line, column } = placeOf(file, error.offset);
    throw new DoctorError(
      `${path}:${line}:${column} cannot be parsed: ${error.message}.`,
      `Mend the ${format === "toml" ? "TOML" : "JSON"} first; nothing else can be checked before.`,
    );
  }
}

/** The names under `env`. */
export function environmentNames(config: ConfigFile): string[] {
  const environments = placedAt(config.root, "env");
  return environments?.kind === "object" ? [...environments.members.keys()] : [];
}

function findUpwards(from: string): string {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = configIn(directory);
    if (found !== undefined) return found;
    if (directory === dirname(directory)) break;
  }
  throw new DoctorError(
    `There is no wrangler configuration in ${from} or above it.`,
    `Run it in a Worker's directory, which has one of ${CONFIG_NAMES.join(", ")}, or pass its path.`,
  );
}

function configIn(directory: string): string | undefined {
  return CONFIG_NAMES.map((name) => join(directory, name)).find((path) => existsSync(path));
}
