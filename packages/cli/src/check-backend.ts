/** Classes that use SQL against the storage that the configuration gives them. */

import type { ClassInfo } from "./classes.ts";
import { classExportedAs } from "./classes.ts";
import { replaceText } from "./config-edits.ts";
import type { ConfigFile } from "./config.ts";
import type { TextEdit } from "./edits.ts";
import type { DeclaredClass, Environment } from "./environment.ts";
import { pathOf } from "./environment.ts";
import type { Problem } from "./finding.ts";
import { itemsAt, memberAt, placedAt } from "./placed.ts";
import { contains, keyName, memberName } from "./syntax.ts";
import type { Worker } from "./worker.ts";

/** `new-classes-with-sql`. */
export function checkBackend({ environment, program }: Worker): Problem[] {
  if (!program) return [];
  const onKv = [...environment.classes.values()].filter(({ backend }) => backend === "kv");
  const needing = onKv.flatMap((declared) => {
    const cls = classExportedAs(program.classes, program.code, declared.name);
    const reason = cls && needsSql(cls);
    return reason === undefined ? [] : [{ declared, reason }];
  });
  const moving = new Set(needing.map(({ declared }) => declared.name));
  return needing.map(({ declared, reason }) => ({
    rule: "new-classes-with-sql",
    file: environment.config.file,
    at: declared.at,
    message: `${declared.name} ${reason}, but ${declaredAs(environment)}.`,
    advice:
      `If ${declared.name} was never deployed, make the change. If it was, its storage cannot be converted: ` +
      "add a class of a new name under new_sqlite_classes in a new migration, and bind that one.",
    edits: edit(environment, declared, moving),
  }));
}

/** Why a class needs SQL, as the middle of a sentence. */
function needsSql({ kind, node, ancestors }: ClassInfo): string | undefined {
  if (kind === "room") return "is a Greenroom room, which lives in SQL";
  if (kind !== "object" && kind !== "server") return undefined;
  const uses = [node, ...ancestors].some((cls) =>
    contains(cls, (inner) => {
      if (inner.type === "MemberExpression") return SQL_ONLY.has(memberName(inner) ?? "");
      // const { sql } = this.ctx.storage
      return inner.type === "ObjectPattern" && inner.properties.some(namesSql);
    }),
  );
  return uses ? "uses SQL" : undefined;
}

const SQL_ONLY: ReadonlySet<string> = new Set(["sql", "transactionSync"]);

function namesSql(property: { type: string; key?: Parameters<typeof keyName>[0] }): boolean {
  return (
    property.type === "Property" &&
    property.key !== undefined &&
    keyName(property.key, false) === "sql"
  );
}

function declaredAs({ usesExports }: Environment): string {
  return usesExports ? 'its storage is "legacy-kv"' : "it is listed under new_classes";
}

function edit(
  environment: Environment,
  { backendAt, name }: DeclaredClass,
  moving: ReadonlySet<string>,
): TextEdit[] {
  const { config, usesExports } = environment;
  if (usesExports)
    return replaceText(
      config,
      placedAt(config.root, ...pathOf(config, environment.name, "exports"), name, "storage"),
      "sqlite",
    );
  const migration = itemsAt(config.root, ...pathOf(config, environment.name, "migrations")).find(
    (item) => memberAt(item, "new_classes")?.keyStart === backendAt,
  );
  const list = migration && memberAt(migration, "new_classes");
  // Two lists to change at once are for a person.
  if (!list || memberAt(migration, "new_sqlite_classes")) return [];
  const names = itemsAt(list.value).flatMap((item) =>
    item.kind === "scalar" ? String(item.value) : [],
  );
  const staying = names.filter((each) => !moving.has(each));
  if (staying.length === 0) {
    const start = config.file.text.indexOf("new_classes", backendAt);
    return [
      { file: config.file, start, end: start + "new_classes".length, text: "new_sqlite_classes" },
    ];
  }
  const kept = listMember(config, "new_classes", staying);
  const moved = listMember(
    config,
    "new_sqlite_classes",
    names.filter((each) => moving.has(each)),
  );
  const gap = config.format === "toml" ? "\n" : ", ";
  return [
    { file: config.file, start: list.keyStart, end: list.value.end, text: `${kept}${gap}${moved}` },
  ];
}

function listMember({ format }: ConfigFile, key: string, names: readonly string[]): string {
  const list = `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
  return format === "toml" ? `${key} = ${list}` : `${JSON.stringify(key)}: ${list}`;
}
