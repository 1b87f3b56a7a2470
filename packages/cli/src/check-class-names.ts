/** Class names of the configuration against what the Worker exports. */

import { dirname, relative, sep } from "node:path";

import type { ClassInfo } from "./classes.ts";
import { exportedNames, moduleAt } from "./code.ts";
import type { Code } from "./code.ts";
import { replaceText } from "./config-edits.ts";
import type { TextEdit } from "./edits.ts";
import type { Problem } from "./finding.ts";
import { nearest } from "./nearest.ts";
import { isClass } from "./syntax.ts";
import type { Worker, WorkerProgram } from "./worker.ts";

/** `class-missing` and `class-not-exported`. */
export function checkClassNames(worker: Worker): Problem[] {
  const { program } = worker;
  if (!program) return [];
  const exported = exportedNames(program.code, program.code.entry);
  if (exported.open) return [];
  return mentions(worker).flatMap((mention): Problem[] => {
    if (exported.names.has(mention.name)) return [];
    const declared = program.classes.find(({ name }) => name === mention.name);
    if (!declared) return [missing(worker, program, mention, exported.names)];
    const alias = aliasOf(program, declared, exported.names);
    return [
      alias === undefined
        ? notExported(worker, program.code, declared, mention)
        : misnamed(worker, mention, alias),
    ];
  });
}

interface Mention {
  readonly name: string;
  readonly at: number;
  readonly end: number | undefined;
  /** Where the configuration says it, for a sentence. */
  readonly where: string;
}

/** Each place of the configuration that names a class of this Worker. */
function mentions({ environment }: Worker): Mention[] {
  const bound = environment.bindings.flatMap(({ name, className, script, classAt }) =>
    script === undefined && classAt
      ? [{ name: className, at: classAt.start, end: classAt.end, where: `the binding ${name}` }]
      : [],
  );
  const declared = [...environment.classes.values()].map(({ name, at }) => ({
    name,
    at,
    end: undefined,
    where: environment.usesExports ? "the map exports" : "a migration",
  }));
  return [...bound, ...declared];
}

function missing(
  { environment }: Worker,
  program: WorkerProgram,
  mention: Mention,
  exported: ReadonlySet<string>,
): Problem {
  const { config } = environment;
  const classes = program.classes.filter(
    ({ kind, name }) => kind !== "other" && exported.has(name),
  );
  const meant = nearest(
    mention.name,
    classes.map(({ name }) => name),
  );
  const main = shown(config.file.path, program.code.entry.file.path);
  const certain =
    meant !== undefined && mention.end !== undefined && environment.classes.has(meant);
  return {
    rule: "class-missing",
    file: config.file,
    at: mention.at,
    message: `${capital(mention.where)} names the class ${mention.name}, which ${main} does not export.`,
    advice:
      meant === undefined ? exportAdvice(mention.name, classes, main) : `Did you mean ${meant}?`,
    edits: meant === undefined ? [] : renameTo(environment.config, mention, meant),
    // Only a binding whose right name has its migration already: nothing was ever deployed under the wrong one.
    safe: certain,
  };
}

function exportAdvice(name: string, classes: readonly ClassInfo[], main: string): string {
  const known = classes.map((cls) => cls.name).join(", ");
  return known === ""
    ? `Export a class ${name} from ${main}.`
    : `Export it from ${main}, or name one of its classes: ${known}.`;
}

function misnamed({ environment }: Worker, mention: Mention, alias: string): Problem {
  return {
    rule: "class-missing",
    file: environment.config.file,
    at: mention.at,
    message: `${capital(mention.where)} names the class ${mention.name}, which is exported as ${alias}.`,
    advice:
      alias === "default"
        ? "Export the class by its name; a default export cannot be bound."
        : `Write ${alias}.`,
    edits: alias === "default" ? [] : renameTo(environment.config, mention, alias),
  };
}

function renameTo(
  config: Worker["environment"]["config"],
  mention: Mention,
  name: string,
): TextEdit[] {
  const end = mention.end ?? mention.at + mention.name.length + 2;
  const quoted = /["']/.test(config.file.text[mention.at] ?? "");
  if (!quoted) return [];
  return replaceText(config, { kind: "scalar", start: mention.at, end, value: mention.name }, name);
}

function notExported(
  { environment }: Worker,
  code: Code,
  cls: ClassInfo,
  mention: Mention,
): Problem {
  const { entry } = code;
  return {
    rule: "class-not-exported",
    file: cls.module.file,
    at: cls.node.id?.start ?? cls.node.start,
    message: `${capital(mention.where)} names ${cls.name}, but ${shown(environment.config.file.path, entry.file.path)} does not export it.`,
    advice: "Export the class from the Worker's main module, under its own name.",
    edits: exportEdits(code, cls),
    safe: true,
  };
}

/** The fewest words that make the entry export a class. */
function exportEdits(code: Code, cls: ClassInfo): TextEdit[] {
  const { entry } = code;
  const declaration = cls.module.declarations.get(cls.name);
  // A class inside a function cannot be exported from outside it.
  if (declaration === undefined) return [];
  const statement = cls.module.program.body.find((node) => node === cls.node);
  const here: TextEdit[] =
    statement && isClass(statement)
      ? [{ file: cls.module.file, start: statement.start, end: statement.start, text: "export " }]
      : [append(cls.module, `export { ${cls.name} };`)];
  if (cls.module === entry) return here;
  const own = cls.module.exports.has(cls.name) ? [] : here;
  const imported = entry.requests.find((request) => moduleAt(code, entry, request) === cls.module);
  const from = imported ?? specifier(entry.file.path, cls.module.file.path);
  return [...own, append(entry, `export { ${cls.name} } from "${from}";`)];
}

function append({ file }: ClassInfo["module"], line: string): TextEdit {
  const end = file.text.length;
  const gap = file.text.endsWith("\n") || file.text === "" ? "" : "\n";
  return { file, start: end, end, text: `${gap}${line}\n` };
}

function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to)
    .split(sep)
    .join("/")
    .replace(/\.tsx?$/, "");
  return path.startsWith(".") ? path : `./${path}`;
}

/** The name under which the Worker exports a class after all. */
function aliasOf(
  program: WorkerProgram,
  cls: ClassInfo,
  exported: ReadonlySet<string>,
): string | undefined {
  const { entry } = program.code;
  return [...exported].find((name) => {
    const target = entry.exports.get(name);
    if (target?.kind === "node") return target.node === cls.node;
    return target?.kind === "local" && entry.declarations.get(target.name) === cls.node;
  });
}

function shown(from: string, path: string): string {
  const short = relative(dirname(from), path).split(sep).join("/");
  return short === "" || short.startsWith("..") ? "main" : short;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
