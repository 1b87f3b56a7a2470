/**
 * One environment of a Worker as the checks see it: its date, flags, bindings, and the classes that its
 * migrations or `exports` have left alive, each with the place where the file says so.
 */

import type { ConfigFile } from "./config.ts";
import type { Placed } from "./placed.ts";
import { itemsAt, memberAt, placedAt } from "./placed.ts";
import type { MigrationSetting, Settings } from "./settings.ts";

/** What the platform gives a class to store in. */
export type Backend = "sqlite" | "kv";

/** An environment; without a name it is the top level. */
export interface Environment {
  readonly name: string | undefined;
  readonly config: ConfigFile;
  readonly main: string | undefined;
  readonly date: string | undefined;
  readonly flags: readonly string[];
  readonly bindings: readonly Binding[];
  readonly classes: ReadonlyMap<string, DeclaredClass>;
  /** Whether `exports` is used, the newer form, in place of `migrations`. */
  readonly usesExports: boolean;
}

/** A Durable Object binding. */
export interface Binding {
  readonly name: string;
  readonly className: string;
  /** Set when the class lives in another Worker. */
  readonly script: string | undefined;
  readonly nameAt: Placed | undefined;
  readonly classAt: Placed | undefined;
}

/** A class that migrations or `exports` leave alive. */
export interface DeclaredClass {
  readonly name: string;
  readonly backend: Backend;
  /** Where its name stands. */
  readonly at: number;
  /** Where its backend is chosen: the list in a migration, or `storage` in `exports`. */
  readonly backendAt: number;
}

/** Puts settings and places together. */
export function environmentOf(
  config: ConfigFile,
  name: string | undefined,
  settings: Settings,
): Environment {
  const exported = exportedClasses(config, name, settings);
  return {
    name,
    config,
    main: settings.main,
    date: settings.compatibility_date,
    flags: settings.compatibility_flags ?? [],
    bindings: bindingsOf(config, name, settings),
    classes:
      exported.size > 0 ? exported : migratedClasses(config, name, settings.migrations ?? []),
    usesExports: exported.size > 0,
  };
}

/** Where an inheritable key of an environment stands: its own, or the top level's. */
export function pathOf(
  config: ConfigFile,
  environment: string | undefined,
  key: string,
): [...(string | number)[], string] {
  if (environment !== undefined && placedAt(config.root, "env", environment, key)) {
    return ["env", environment, key];
  }
  return [key];
}

/** Where to point when there is nothing better: at a key, else at the environment, else at the start. */
export function offsetOf(environment: Environment, key: string): number {
  const { config, name } = environment;
  const own = memberAt(config.root, ...pathOf(config, name, key));
  if (own) return own.keyStart;
  return (name === undefined ? undefined : memberAt(config.root, "env", name)?.keyStart) ?? 0;
}

function bindingsOf(config: ConfigFile, name: string | undefined, settings: Settings): Binding[] {
  const owner = name === undefined ? [] : ["env", name];
  const places = itemsAt(config.root, ...owner, "durable_objects", "bindings");
  return (settings.durable_objects?.bindings ?? []).map((binding, index) => ({
    name: binding.name,
    className: binding.class_name,
    script: binding.script_name,
    nameAt: placedAt(places[index], "name"),
    classAt: placedAt(places[index], "class_name"),
  }));
}

function exportedClasses(
  config: ConfigFile,
  environment: string | undefined,
  settings: Settings,
): Map<string, DeclaredClass> {
  const classes = new Map<string, DeclaredClass>();
  const path = pathOf(config, environment, "exports");
  for (const [name, entry] of Object.entries(settings.exports ?? {})) {
    const live =
      entry.state === undefined ||
      entry.state === "created" ||
      entry.state === "expecting-transfer";
    if (entry.type !== "durable-object" || !live) continue;
    const at = memberAt(config.root, ...path, name)?.keyStart ?? 0;
    const backendAt = placedAt(config.root, ...path, name, "storage")?.start ?? at;
    classes.set(name, {
      name,
      backend: entry.storage === "sqlite" ? "sqlite" : "kv",
      at,
      backendAt,
    });
  }
  return classes;
}

function migratedClasses(
  config: ConfigFile,
  environment: string | undefined,
  migrations: readonly MigrationSetting[],
): Map<string, DeclaredClass> {
  const classes = new Map<string, DeclaredClass>();
  const path = pathOf(config, environment, "migrations");
  for (const [index, migration] of migrations.entries()) {
    const created = (key: "new_classes" | "new_sqlite_classes", backend: Backend): void => {
      for (const [item, name] of (migration[key] ?? []).entries()) {
        const at = placedAt(config.root, ...path, index, key, item)?.start ?? 0;
        const backendAt = memberAt(config.root, ...path, index, key)?.keyStart ?? at;
        classes.set(name, { name, backend, at, backendAt });
      }
    };
    created("new_classes", "kv");
    created("new_sqlite_classes", "sqlite");
    for (const [item, { from, to }] of (migration.renamed_classes ?? []).entries()) {
      const old = classes.get(from);
      classes.delete(from);
      const at = placedAt(config.root, ...path, index, "renamed_classes", item, "to")?.start ?? 0;
      classes.set(to, {
        name: to,
        backend: old?.backend ?? "sqlite",
        at,
        backendAt: old?.backendAt ?? at,
      });
    }
    for (const [item, { to }] of (migration.transferred_classes ?? []).entries()) {
      // Its backend is the other Worker's business; SQLite is taken for granted so as not to accuse it.
      const at =
        placedAt(config.root, ...path, index, "transferred_classes", item, "to")?.start ?? 0;
      classes.set(to, { name: to, backend: "sqlite", at, backendAt: at });
    }
    for (const name of migration.deleted_classes ?? []) classes.delete(name);
  }
  return classes;
}
