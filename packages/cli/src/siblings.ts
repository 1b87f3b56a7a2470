/**
 * Puts one more member, item or property behind its neighbour, with a comma where one is needed, in the
 * neighbour's indentation, and leaving comments where they stand. The same in JSONC, TOML lists and TypeScript.
 */

import type { TextEdit } from "./edits.ts";
import type { TextFile } from "./text-file.ts";
import { endOfLine, indentAt, lineBreak, startsLine } from "./text-file.ts";

/** Inserts a text after the neighbour that stands from `start` to `end`. */
export function insertSibling(
  file: TextFile,
  start: number,
  end: number,
  text: string,
): TextEdit[] {
  const comma = commaAfter(file.text, end);
  const from = comma === undefined ? end : comma + 1;
  const lineEnd = endOfLine(file, from);
  if (!startsLine(file, start) || !isBlankOrComment(file.text.slice(from, lineEnd))) {
    const inserted = comma === undefined ? `, ${text}` : ` ${text},`;
    return [{ file, start: from, end: from, text: inserted }];
  }
  const line = `${lineBreak(file)}${indentAt(file, start)}${text}`;
  if (comma !== undefined) return [{ file, start: lineEnd, end: lineEnd, text: `${line},` }];
  if (lineEnd === end) return [{ file, start: end, end, text: `,${line}` }];
  return [
    { file, start: end, end, text: "," },
    { file, start: lineEnd, end: lineEnd, text: line },
  ];
}

/** The comma that follows a value, past blanks and comments. */
function commaAfter(text: string, from: number): number | undefined {
  const gap = /^(?:\s+|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/)*/.exec(text.slice(from))?.[0].length ?? 0;
  return text[from + gap] === "," ? from + gap : undefined;
}

function isBlankOrComment(rest: string): boolean {
  return /^\s*((\/\/|#).*|\/\*.*\*\/\s*)?$/.test(rest);
}
