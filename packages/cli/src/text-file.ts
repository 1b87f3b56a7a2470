/**
 * A text with its lines: turns offsets into lines and columns for people, and lines back into text.
 *
 * Offsets count UTF-16 units, as both parsers do; lines and columns start at 1.
 */

import { readFileSync } from "node:fs";

/** A file as it was read, with the start of each line. */
export interface TextFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** A place that an editor can jump to. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Reads a file from disk. */
export function readTextFile(path: string): TextFile {
  return textFile(path, readFileSync(path, "utf8"));
}

/** Makes a file of a text that is in memory already. */
export function textFile(path: string, text: string): TextFile {
  const lineStarts = [0];
  for (let index = text.indexOf("\n"); index !== -1; index = text.indexOf("\n", index + 1)) {
    lineStarts.push(index + 1);
  }
  return { path, text, lineStarts };
}

/** The line and the column of an offset. */
export function placeOf(file: TextFile, offset: number): Place {
  let low = 0;
  let high = file.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((file.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (file.lineStarts[low] ?? 0) + 1 };
}

/** Where a line begins; the end of the text for a line that is not there. */
export function startOfLine(file: TextFile, line: number): number {
  return file.lineStarts[line - 1] ?? file.text.length;
}

/** Where the line of an offset ends, before its line break. */
export function endOfLine(file: TextFile, offset: number): number {
  const newline = file.text.indexOf("\n", offset);
  const end = newline === -1 ? file.text.length : newline;
  return file.text[end - 1] === "\r" && end > offset ? end - 1 : end;
}

/** The text of one line, without its break; empty for a line that is not there. */
export function lineText(file: TextFile, line: number): string {
  const start = file.lineStarts[line - 1];
  return start === undefined ? "" : file.text.slice(start, endOfLine(file, start));
}

/** The blanks that an offset's line begins with. */
export function indentAt(file: TextFile, offset: number): string {
  return /^[ \t]*/.exec(lineText(file, placeOf(file, offset).line))?.[0] ?? "";
}

/** Whether only blanks stand before an offset on its line. */
export function startsLine(file: TextFile, offset: number): boolean {
  return file.text.slice(startOfLine(file, placeOf(file, offset).line), offset).trim() === "";
}

/** The line break that a file is written with. */
export function lineBreak(file: TextFile): string {
  return file.text.includes("\r\n") ? "\r\n" : "\n";
}
