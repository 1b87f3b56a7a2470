/**
 * Changes to a configuration file, as the fewest characters that make them: values are replaced where they
 * stand and siblings are put in beside their neighbours, in the indentation that is there.
 */

import type { ConfigFile } from "./config.ts";
import type { TextEdit } from "./edits.ts";
import type { Binding, Environment } from "./environment.ts";
import { pathOf } from "./environment.ts";
import type { Placed, PlacedMember } from "./placed.ts";
import { memberAt, placedAt } from "./placed.ts";
import { insertSibling } from "./siblings.ts";
import { endOfLine, indentAt, lineBreak, startsLine } from "./text-file.ts";

/** Writes another text over a value. */
export function replaceText(
  config: ConfigFile,
  node: Placed | undefined,
  value: string,
): TextEdit[] {
  if (!node) return [];
  // A JSON string is a TOML basic string as well.
  return [{ file: config.file, start: node.start, end: node.end, text: JSON.stringify(value) }];
}

/** Adds a compatibility flag, in the list that is there or in a new one beside the date. */
export function addFlag({ config, name }: Environment, flag: string): TextEdit[] {
  const path = pathOf(config, name, "compatibility_flags");
  const list = placedAt(config.root, ...path);
  if (list?.kind === "array") return addItem(config, list, JSON.stringify(flag));
  const date = memberAt(config.root, ...pathOf(config, name, "compatibility_date"));
  return date ? addMember(config, date, "compatibility_flags", `[${JSON.stringify(flag)}]`) : [];
}

/** Adds a migration that creates classes, after the last one or as the first. */
export function addMigration(environment: Environment, classes: readonly string[]): TextEdit[] {
  const { config, name } = environment;
  const path = pathOf(config, name, "migrations");
  const list = placedAt(config.root, ...path);
  const tag = freeTag(list);
  if (config.format === "toml") return addTomlMigration(config, path, list, tag, classes);
  const item = `{ "tag": ${JSON.stringify(tag)}, "new_sqlite_classes": ${jsonList(classes)} }`;
  if (list?.kind === "array") return addItem(config, list, item);
  const neighbour = memberAt(config.root, ...path.slice(0, -1), "durable_objects");
  return neighbour ? addMember(config, neighbour, "migrations", `[${item}]`) : [];
}

/** Repeats bindings in an environment that has none. */
export function addBindings(
  { config, name }: Environment,
  bindings: readonly Binding[],
): TextEdit[] {
  if (name === undefined) return [];
  const rows = bindings.map(({ name: binding, className, script }) => ({
    name: binding,
    class_name: className,
    ...(script === undefined ? {} : { script_name: script }),
  }));
  if (config.format === "toml") {
    const header = `[[env.${name}.durable_objects.bindings]]`;
    const blocks = rows.map((row) =>
      [
        header,
        ...Object.entries(row).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
      ].join("\n"),
    );
    return appendToml(config, blocks.join("\n\n"));
  }
  const owner = placedAt(config.root, "env", name);
  const last = owner?.kind === "object" ? [...owner.members.values()].at(-1) : undefined;
  const value = `{ "bindings": [${rows.map(spaced).join(", ")}] }`;
  if (last) return addMember(config, last, "durable_objects", value);
  return owner
    ? [
        {
          file: config.file,
          start: owner.start,
          end: owner.end,
          text: `{ "durable_objects": ${value} }`,
        },
      ]
    : [];
}

/** Adds a class to the `exports` map that is there. */
export function addExport({ config, name }: Environment, className: string): TextEdit[] {
  const path = pathOf(config, name, "exports");
  const map = placedAt(config.root, ...path);
  if (map?.kind !== "object") return [];
  const last = [...map.members.values()].at(-1);
  if (config.format === "json") {
    return last
      ? addMember(config, last, className, '{ "type": "durable-object", "storage": "sqlite" }')
      : [];
  }
  const header = `[${path.join(".")}.${className}]`;
  return appendToml(config, `${header}\ntype = "durable-object"\nstorage = "sqlite"`);
}

/** Puts a key and its value, given in JSON, after a member of the same object. */
function addMember(
  config: ConfigFile,
  after: PlacedMember,
  key: string,
  value: string,
): TextEdit[] {
  if (config.format === "json") {
    return insertSibling(
      config.file,
      after.keyStart,
      after.value.end,
      `${JSON.stringify(key)}: ${value}`,
    );
  }
  const { file } = config;
  if (!startsLine(file, after.keyStart)) return [];
  const end = endOfLine(file, after.value.end);
  const text = `${lineBreak(config.file)}${indentAt(file, after.keyStart)}${key} = ${value}`;
  return [{ file, start: end, end, text }];
}

function addItem(config: ConfigFile, list: Placed & { kind: "array" }, item: string): TextEdit[] {
  const last = list.items.at(-1);
  if (last) return insertSibling(config.file, last.start, last.end, item);
  return [{ file: config.file, start: list.start, end: list.end, text: `[${item}]` }];
}

function addTomlMigration(
  config: ConfigFile,
  path: readonly (string | number)[],
  list: Placed | undefined,
  tag: string,
  classes: readonly string[],
): TextEdit[] {
  const item = `tag = ${JSON.stringify(tag)}\nnew_sqlite_classes = ${jsonList(classes)}`;
  const last = list?.kind === "array" ? list.items.at(-1) : undefined;
  // A list written inline cannot be continued with a table: the item goes inside it.
  if (
    last &&
    list?.kind === "array" &&
    config.file.text[list.start] === "[" &&
    config.file.text[list.start + 1] !== "["
  ) {
    return addItem(config, list, `{ ${item.replace("\n", ", ")} }`);
  }
  const block = `[[${path.join(".")}]]\n${item}`;
  if (!last) return appendToml(config, block);
  const end = endOfLine(config.file, last.end);
  const text = `\n\n${block}`.replaceAll("\n", lineBreak(config.file));
  return [{ file: config.file, start: end, end, text }];
}

function appendToml(config: ConfigFile, block: string): TextEdit[] {
  const { file } = config;
  const end = file.text.length;
  const gap = file.text.endsWith("\n") ? "\n" : "\n\n";
  return [
    { file, start: end, end, text: `${gap}${block}\n`.replaceAll("\n", lineBreak(config.file)) },
  ];
}

function freeTag(list: Placed | undefined): string {
  const items = list?.kind === "array" ? list.items : [];
  const tags = items.map((item) => {
    const tag = placedAt(item, "tag");
    return tag?.kind === "scalar" ? String(tag.value) : "";
  });
  for (let number = items.length + 1; ; number++) {
    if (!tags.includes(`v${number}`)) return `v${number}`;
  }
}

function jsonList(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

function spaced(row: Readonly<Record<string, string>>): string {
  const members = Object.entries(row).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{ ${members.join(", ")} }`;
}
