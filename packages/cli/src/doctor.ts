/** Examines one project: reads it, runs every check, and with `fix` makes the changes that are safe. */

import { writeFileSync } from "node:fs";
import { dirname, relative, sep } from "node:path";

import { CLASS_CHECKS, WORKER_CHECKS } from "./checks.ts";
import type { ConfigFile } from "./config.ts";
import { environmentNames, findConfig, readConfig } from "./config.ts";
import { DoctorError } from "./doctor-error.ts";
import type { TextEdit } from "./edits.ts";
import { applyEdits, linesChanged } from "./edits.ts";
import type { Environment } from "./environment.ts";
import { environmentOf } from "./environment.ts";
import type { Finding, Problem } from "./finding.ts";
import { placedAt } from "./placed.ts";
import { docsOf, RULES } from "./rules.ts";
import type { SettingsReader } from "./settings.ts";
import { plainReader, wranglerReader } from "./settings.ts";
import { isSuppressed } from "./suppressed.ts";
import { placeOf } from "./text-file.ts";
import { workersOf } from "./worker.ts";

/** What to examine. */
export interface DoctorOptions {
  /** A directory or a configuration file. @default the nearest configuration upwards from `cwd` */
  readonly path?: string | undefined;
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** One environment. @default the top level and every environment */
  readonly environment?: string | undefined;
  /** Make the changes that are safe, in the files. @default false */
  readonly fix?: boolean | undefined;
}

/** What was found. */
export interface Diagnosis {
  /** The project's directory, absolute. */
  readonly root: string;
  /** The configuration file, relative to it. */
  readonly config: string;
  /** What is left, in the order of files and lines. */
  readonly findings: readonly Finding[];
  /** What `fix` has mended. */
  readonly fixed: readonly Finding[];
  /** What could not be examined, in sentences. */
  readonly notes: readonly string[];
  /** How much was examined. */
  readonly examined: {
    readonly environments: number;
    readonly files: number;
    readonly classes: number;
  };
}

/** A fix can uncover another finding; more rounds than this would go in circles. */
const MAX_ROUNDS = 5;

/** Examines a project; throws a `DoctorError` if that is impossible. */
export function diagnose(options: DoctorOptions = {}): Diagnosis {
  const cwd = options.cwd ?? process.cwd();
  const configPath = findConfig(cwd, options.path);
  const fixed: Finding[] = [];
  for (let round = 1; ; round++) {
    const { problems, ...examination } = examine(configPath, options.environment);
    const root = dirname(configPath);
    const mended = options.fix === true && round <= MAX_ROUNDS ? mend(problems) : [];
    if (mended.length === 0) {
      const findings = problems.map((problem) => findingOf(problem, root));
      return { root, config: shown(root, configPath), findings, fixed, ...examination };
    }
    fixed.push(...mended.map((problem) => findingOf(problem, root)));
  }
}

interface Examination {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly examined: Diagnosis["examined"];
}

function examine(configPath: string, only: string | undefined): Examination {
  const config = readConfig(configPath);
  const fromFile = plainReader(config);
  const wrangler = wranglerReader(configPath);
  const notes = wrangler
    ? []
    : ["Wrangler is not installed here: its configuration was read without it."];
  const complaints: Problem[] = [];
  const read = (name: string | undefined): Environment => {
    const settings = wrangler?.(name) ?? fromFile(name);
    if (typeof settings !== "string") return environmentOf(config, name, settings);
    complaints.push(invalid(config, settings));
    return environmentOf(config, name, settingsOf(fromFile, name));
  };

  const top = read(undefined);
  const environments = namesToRead(config, only).map((name) =>
    name === undefined ? top : read(name),
  );
  const { workers, notes: unread } = workersOf(environments, top);
  const programs = new Set(workers.flatMap(({ program }) => program ?? []));
  const problems = [
    ...complaints,
    ...workers.flatMap((worker) => WORKER_CHECKS.flatMap((check) => check(worker))),
    ...[...programs].flatMap(({ classes }) =>
      classes.flatMap((cls) => CLASS_CHECKS.flatMap((check) => check(cls))),
    ),
  ];
  const files = new Set([...programs].flatMap(({ code }) => [...code.modules.keys()]));
  return {
    problems: inOrder(
      problems.filter((problem) => !isSuppressed(problem)),
      configPath,
    ),
    notes: [...notes, ...unread].map((note) => note.replaceAll(`${dirname(configPath)}${sep}`, "")),
    examined: {
      environments: environments.length,
      files: files.size,
      classes: [...programs].reduce((sum, { classes }) => sum + classes.length, 0),
    },
  };
}

function namesToRead(config: ConfigFile, only: string | undefined): (string | undefined)[] {
  const names = environmentNames(config);
  if (only === undefined) return [undefined, ...names];
  if (names.includes(only)) return [only];
  const known =
    names.length === 0
      ? "The configuration has no environments."
      : `There are: ${names.join(", ")}.`;
  throw new DoctorError(`There is no environment "${only}".`, known);
}

/** Wrangler's complaint, at the first key that it names. */
function invalid(config: ConfigFile, complaint: string): Problem {
  const lines = complaint
    .split("\n")
    .slice(1)
    .map((line) => line.trim().replace(/^- /, ""))
    .filter(Boolean);
  const message = lines.length > 0 ? lines.join(" ") : complaint;
  return {
    rule: "config-invalid",
    file: config.file,
    at: namedPlace(config, message),
    message,
    advice: "Mend what wrangler complains about; the other findings may change with it.",
  };
}

/** Where the first quoted path of a sentence stands: "durable_objects.bindings[0]". */
function namedPlace(config: ConfigFile, message: string): number {
  const path = /"([\w.[\]-]+)"/.exec(message)?.[1]?.match(/[\w-]+/g) ?? [];
  const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  for (let length = steps.length; length > 0; length--) {
    const node = placedAt(config.root, ...steps.slice(0, length));
    if (node) return node.start;
  }
  return 0;
}

function settingsOf(
  reader: SettingsReader,
  name: string | undefined,
): Exclude<ReturnType<SettingsReader>, string> {
  const settings = reader(name);
  return typeof settings === "string" ? {} : settings;
}

/** By file, the configuration first, then by place; what two environments inherit is told once. */
function inOrder(problems: readonly Problem[], configPath: string): Problem[] {
  const keys = new Set<string>();
  const rank = ({ file }: Problem): string => (file.path === configPath ? "" : file.path);
  return problems
    .filter(({ rule, file, at }) => {
      const key = `${rule} ${file.path} ${at}`;
      return !keys.has(key) && keys.add(key);
    })
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a.at - b.at));
}

/** Makes the safe changes that fit beside each other, and gives the problems that they end. */
function mend(problems: readonly Problem[]): Problem[] {
  const safe = problems.filter(isFixable);
  const { files, applied } = applyEdits(safe.map(({ edits }): readonly TextEdit[] => edits ?? []));
  for (const [path, text] of files) writeFileSync(path, text);
  return safe.filter((_, index) => applied[index]);
}

function isFixable({ safe, edits }: Problem): boolean {
  return safe === true && edits !== undefined && edits.length > 0;
}

function findingOf(problem: Problem, root: string): Finding {
  const { rule, file, at, message, advice, edits = [] } = problem;
  const { severity, why, pitfall } = RULES[rule];
  return {
    rule,
    severity: problem.severity ?? severity,
    pitfall: pitfall ?? null,
    file: shown(root, file.path),
    ...placeOf(file, at),
    message,
    why: problem.why ?? why,
    advice,
    fixable: isFixable(problem),
    edits: linesChanged(edits).map(({ file: changed, line, before, after }) => ({
      file: shown(root, changed.path),
      line,
      before,
      after,
    })),
    docs: docsOf(rule),
  };
}

function shown(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}
