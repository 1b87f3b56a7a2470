/** The findings for people: what, where, why, and the lines to change. */

import type { Paint } from "./colours.ts";
import type { Diagnosis } from "./doctor.ts";
import type { Finding, LineEdit } from "./finding.ts";

/** The whole report, without a line break at its end. */
export function report(diagnosis: Diagnosis, paint: Paint): string {
  const { findings, fixed, notes } = diagnosis;
  const blocks = [
    ...fixed.map((finding) => fixedLine(finding, paint)),
    ...findings.map((finding) => block(finding, paint)),
    ...notes.map((note) => `${paint.dim("note")}  ${note}`),
    summary(diagnosis, paint),
  ];
  return blocks.join("\n\n");
}

function block(finding: Finding, paint: Paint): string {
  const {
    severity,
    rule,
    pitfall,
    file,
    line,
    column,
    message,
    why,
    advice,
    edits,
    fixable,
    docs,
  } = finding;
  const colour = severity === "error" ? paint.red : paint.yellow;
  const lines = [
    `${paint.bold(`${file}:${line}:${column}`)}  ${colour(severity)}  ${rule}${pitfall === null ? "" : paint.dim(`  pitfall ${pitfall}`)}`,
    `  ${message}`,
    `  ${paint.dim("why")}  ${why}`,
    `  ${paint.dim("do")}   ${advice}${fixable ? paint.dim(" (--fix does it)") : ""}`,
    ...edits.flatMap((edit) => change(edit, finding, paint)),
    `  ${paint.dim(`see  ${docs}`)}`,
  ];
  return lines.join("\n");
}

function change(edit: LineEdit, { file, line }: Finding, paint: Paint): string[] {
  const elsewhere = edit.file !== file || edit.line !== line;
  const before = edit.before.split("\n");
  const after = edit.after.split("\n");
  // Lines that stay the same, in front and behind, are not shown.
  while (before.length > 0 && after.length > 0 && before[0] === after[0]) {
    before.shift();
    after.shift();
  }
  while (before.length > 0 && after.length > 0 && before.at(-1) === after.at(-1)) {
    before.pop();
    after.pop();
  }
  return [
    ...(elsewhere ? [`       ${paint.dim(`${edit.file}:${edit.line}`)}`] : []),
    ...before.map((text) => paint.red(`     - ${text}`.trimEnd())),
    ...after.map((text) => paint.green(`     + ${text}`.trimEnd())),
  ];
}

function fixedLine({ file, line, column, rule, message }: Finding, paint: Paint): string {
  return `${paint.bold(`${file}:${line}:${column}`)}  ${paint.green("fixed")}  ${rule}\n  ${message}`;
}

function summary({ config, findings, fixed, examined }: Diagnosis, paint: Paint): string {
  const { environments, files, classes } = examined;
  const read = `${config}, ${count(environments, "environment")}, ${count(files, "source file")}, ${count(classes, "class", "classes")} examined`;
  const mended = fixed.length > 0 ? `${fixed.length} fixed; ` : "";
  if (findings.length === 0) return `${paint.green(`${mended}no findings`)} (${read})`;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const fixable = findings.filter((finding) => finding.fixable).length;
  const parts = [
    ...(errors > 0 ? [paint.red(count(errors, "error"))] : []),
    ...(findings.length > errors ? [paint.yellow(count(findings.length - errors, "warning"))] : []),
  ];
  const hint = fixable > 0 ? `; ${fixable} can be fixed with --fix` : "";
  return `${mended}${parts.join(", ")}${hint} (${read})`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
