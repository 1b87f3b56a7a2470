/**
 * Changes to text: how they are shown as whole lines, and how they are applied without touching
 * anything else of a file, so that comments and formatting stay.
 */

import type { TextFile } from "./text-file.ts";
import { endOfLine, placeOf, startOfLine } from "./text-file.ts";

/** Replaces the text between two offsets of a file. */
export interface TextEdit {
  readonly file: TextFile;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One file's change as whole lines. */
export interface LinesChanged {
  readonly file: TextFile;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Shows edits as the lines that they change, before and after. */
export function linesChanged(edits: readonly TextEdit[]): LinesChanged[] {
  return byFile(edits).map(([file, ofFile]) => {
    const first = placeOf(file, Math.min(...ofFile.map((edit) => edit.start))).line;
    const start = startOfLine(file, first);
    const end = endOfLine(file, Math.max(...ofFile.map((edit) => edit.end)));
    return {
      file,
      line: first,
      before: file.text.slice(start, end),
      after: splice(file.text.slice(start, end), ofFile, start),
    };
  });
}

/** Applies as many groups of edits as fit beside each other; a group goes in whole or not at all. */
export function applyEdits(groups: readonly (readonly TextEdit[])[]): {
  readonly files: ReadonlyMap<string, string>;
  readonly applied: readonly boolean[];
} {
  const accepted: TextEdit[] = [];
  const applied = groups.map((group) => {
    const fresh = group.filter((edit) => !accepted.some((other) => same(edit, other)));
    if (fresh.some((edit) => accepted.some((other) => touches(edit, other)))) return false;
    accepted.push(...fresh);
    return true;
  });
  const files = new Map(
    byFile(accepted).map(([file, edits]) => [file.path, splice(file.text, edits, 0)]),
  );
  return { files, applied };
}

function splice(text: string, edits: readonly TextEdit[], origin: number): string {
  // From the back, so that the offsets in front stay right; edits at one offset keep their order.
  const ordered = edits.toSorted((a, b) => a.start - b.start).toReversed();
  let result = text;
  for (const { start, end, text: inserted } of ordered) {
    result = result.slice(0, start - origin) + inserted + result.slice(end - origin);
  }
  return result;
}

function byFile(edits: readonly TextEdit[]): [TextFile, TextEdit[]][] {
  const files = new Map<string, [TextFile, TextEdit[]]>();
  for (const edit of edits) {
    const known = files.get(edit.file.path);
    if (known) known[1].push(edit);
    else files.set(edit.file.path, [edit.file, [edit]]);
  }
  return [...files.values()];
}

function same(a: TextEdit, b: TextEdit): boolean {
  return a.file.path === b.file.path && a.start === b.start && a.end === b.end && a.text === b.text;
}

function touches(a: TextEdit, b: TextEdit): boolean {
  return a.file.path === b.file.path && a.start <= b.end && b.start <= a.end;
}
