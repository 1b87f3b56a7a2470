/**
 * The rules of the source as a plug-in for oxlint and ESLint, for those who want them in the editor.
 *
 * Each file is examined as if it were a Worker's main module, so that a room is recognised through the files
 * that it imports. What depends on the configuration stays with `greenroom doctor`.
 */

import { CLASS_CHECKS } from "./checks.ts";
import { classesOf } from "./classes.ts";
import { readCode } from "./code.ts";
import type { Problem } from "./finding.ts";
import type { RuleId } from "./rules.ts";
import { docsOf, RULES } from "./rules.ts";
import { isSuppressed } from "./suppressed.ts";
import { placeOf, textFile } from "./text-file.ts";

/** What a linter gives to a rule, as far as these need it. */
export interface LintContext {
  readonly filename: string;
  readonly sourceCode: { readonly text: string };
  report(problem: { message: string; loc: { line: number; column: number } }): void;
}

/** A rule as linters load it. */
export interface LintRule {
  readonly meta: {
    readonly type: "problem";
    readonly docs: { readonly description: string; readonly url: string };
    readonly schema: readonly [];
  };
  create(context: LintContext): { Program(): void };
}

/** The rules that need no configuration. */
const SOURCE_RULES = [
  "options-not-static",
  "hibernate-off",
  "timer-in-room",
  "state-in-field",
  "socket-accept",
  "one-alarm-slot",
  "raw-alarm",
  "delete-all",
  "entry-point-without-super",
] as const satisfies readonly RuleId[];

/** The plug-in: `"jsPlugins": ["greenroom/lint"]` and `"rules": { "greenroom/timer-in-room": "error" }`. */
const plugin: {
  readonly meta: { readonly name: string };
  readonly rules: Readonly<Record<string, LintRule>>;
} = {
  meta: { name: "greenroom" },
  rules: Object.fromEntries(SOURCE_RULES.map((rule) => [rule, lintRule(rule)])),
};

// oxlint-disable-next-line import/no-default-export -- linters load a plug-in by its default export
export default plugin;

function lintRule(rule: RuleId): LintRule {
  return {
    meta: {
      type: "problem",
      docs: { description: RULES[rule].why, url: docsOf(rule) },
      schema: [],
    },
    create: (context) => ({
      Program: (): void => {
        for (const problem of problemsIn(context.filename, context.sourceCode.text)) {
          if (problem.rule !== rule) continue;
          const { line, column } = placeOf(problem.file, problem.at);
          context.report({
            message: `${problem.message} ${problem.advice}`,
            loc: { line, column: column - 1 },
          });
        }
      },
    }),
  };
}

/** The file that was examined last: every rule asks for the same one in turn. */
let last:
  | { readonly path: string; readonly text: string; readonly problems: readonly Problem[] }
  | undefined;

function problemsIn(path: string, text: string): readonly Problem[] {
  if (last?.path !== path || last.text !== text)
    last = { path, text, problems: examine(path, text) };
  return last.problems;
}

function examine(path: string, text: string): readonly Problem[] {
  // Most files have no class, and need not be parsed a second time.
  if (!/\bclass\b/.test(text)) return [];
  const code = readCode(path, textFile(path, text));
  if (typeof code === "string") return [];
  return classesOf(code, new Set())
    .filter(({ module }) => module === code.entry)
    .flatMap((cls) => CLASS_CHECKS.flatMap((check) => check(cls)))
    .filter((problem) => !isSuppressed(problem));
}
