// Figures that pages quote from committed results. A quote is a comment and the figure behind it:
//
//   <!-- result: bench.json; fanout; greenroom; 100 members, 32 in flight: deliveries; ratio -->14
//
// the file, then what names the record (for a file without records: the keys), then the field, or
// "times" and another target: how many times that one it is, repetition by repetition where the file has
// them, and otherwise by the medians. A table of one metric is a block that is written from the results as a whole:
//
//   <!-- results: bench.json; fanout; 100 members, 32 in flight: deliveries -->
//   <!-- /results -->
//
// and so is the table of the goals: <!-- goals: bench.json --> to <!-- /goals -->.
//
// Pure: pages and results come in as values.

import { ratioIn, type Repeated } from "../bench/paired.ts";
import { goalsTable, type Run } from "../bench/reached.ts";
import type { Result } from "../bench/results.ts";

/** Results by file name, as they were read. */
export type Results = ReadonlyMap<string, unknown>;

/** A page whose quotes are right, and what was wrong with them. */
export type Mended = { text: string; faults: string[]; quotes: number };

type Json = Record<string, unknown>;

const QUOTE = /<!-- result: ([^>]*?) -->(-?\d[\d,]*(?:\.\d+)?|)/g;
const BLOCK = /<!-- (results|goals): ([^>]*?) -->\n[\s\S]*?<!-- \/\1 -->/g;
/** What names a record, in this order. */
const NAMES = ["scenario", "target", "metric", "curve", "measure"];

/** Holds a page to the results. */
export function mend(page: string, results: Results): Mended {
  const faults: string[] = [];
  let quotes = 0;
  const lineOf = (offset: number): number => page.slice(0, offset).split("\n").length;
  const withBlocks = page.replace(BLOCK, (block, kind: string, what: string, offset: number) => {
    quotes += 1;
    const table = kind === "goals" ? goalsOf(results, what) : tableOf(results, parts(what));
    if (table === undefined) {
      faults.push(`line ${lineOf(offset)}: no result is called "${what}"`);
      return block;
    }
    const right = `<!-- ${kind}: ${what} -->\n\n${table}\n\n<!-- /${kind} -->`;
    if (right !== block) faults.push(`line ${lineOf(offset)}: the table is not that of "${what}"`);
    return right;
  });
  const text = withBlocks.replace(QUOTE, (quote, what: string, figure: string, offset: number) => {
    quotes += 1;
    const value = valueOf(results, parts(what));
    if (typeof value !== "number" || Number.isNaN(value)) {
      faults.push(`line ${lineOf(offset)}: no figure is called "${what}"`);
      return quote;
    }
    if (isRounded(figure, value)) return quote;
    faults.push(`line ${lineOf(offset)}: "${figure}" is quoted where "${what}" is ${value}`);
    return `<!-- result: ${what} -->${roundedLike(figure, value)}`;
  });
  return { text, faults, quotes };
}

/** Whether a figure is the value within half of its own last digit that counts. */
export function isRounded(figure: string, value: number): boolean {
  if (figure === "") return false;
  return Math.abs(Number(figure.replaceAll(",", "")) - value) <= stepOf(figure) / 2 + 1e-9;
}

/** The value with as many digits that count as the figure has. */
export function roundedLike(figure: string, value: number): string {
  if (value < 0) return `-${roundedLike(figure, -value)}`;
  const digits = figure.replaceAll(/[,-]/g, "");
  const counting = digits.includes(".")
    ? digits.replace(".", "").replace(/^0+/, "")
    : digits.replace(/0+$/, "");
  const rounded = value.toPrecision(Math.max(2, counting.length));
  return Number(rounded) >= 1_000
    ? Number(rounded).toLocaleString("en-US")
    : rounded.includes("e")
      ? String(Number(rounded))
      : rounded;
}

/** What the last digit that counts stands for: 0.1 in 13.9, 1,000 in 321,000. */
function stepOf(figure: string): number {
  const digits = figure.replaceAll(/[,-]/g, "");
  const decimals = digits.split(".")[1];
  if (decimals !== undefined) return 10 ** -decimals.length;
  return 10 ** (/0*$/.exec(digits.slice(1))?.[0].length ?? 0);
}

function parts(what: string): string[] {
  return what.split(";").map((part) => part.trim());
}

function valueOf(results: Results, [file = "", ...names]: string[]): unknown {
  const field = names.pop() ?? "";
  const records = recordsOf(results, file, names);
  if (records.length === 1) {
    const [record] = records as [Json];
    if (!field.startsWith("times ")) return record[field];
    const target = field.slice("times ".length);
    const { repetitions = [] } = results.get(file) as { repetitions?: Repeated[] };
    const { scenario, metric, target: own } = record as unknown as Result; // SAFETY: a result of the bench
    const paired = ratioIn(repetitions, { scenario, metric }, own, target);
    if (paired) return paired.ratio;
    const others = names.map((name) => (name === own ? target : name));
    return Number(record["median"]) / Number(recordsOf(results, file, others)[0]?.["median"]);
  }
  let value = results.get(file);
  for (const name of [...names, field]) value = (value as Json | null | undefined)?.[name];
  return value;
}

/** The records whose names are these, each found in one of its names, and no two in the same. */
function recordsOf(results: Results, file: string, names: string[]): Json[] {
  const { results: records } = (results.get(file) ?? {}) as { results?: Json[] };
  if (!Array.isArray(records) || names.length === 0) return [];
  return records.filter((record) => {
    const own = NAMES.map((name) => record[name]);
    return names.every((name) => {
      const at = own.indexOf(name);
      return at >= 0 && own.splice(at, 1).length === 1;
    });
  });
}

function goalsOf(results: Results, file: string): string | undefined {
  const run = (results.get(file) ?? {}) as Partial<Run>;
  return Array.isArray(run.results) ? goalsTable({ ...run, results: run.results }) : undefined;
}

/** A table with a line for each target. */
function tableOf(results: Results, [file = "", ...names]: string[]): string | undefined {
  const records = recordsOf(results, file, names);
  if (records.length === 0) return undefined;
  const { unit, baseline } = records[0] as { unit: string; baseline: string };
  const lines = records.map(({ target, median, min, max, ratio }) => {
    const spread = min === max ? "" : `${shown(min)} to ${shown(max)}`;
    return `| ${String(target)} | ${shown(median)} | ${spread} | ${ratio === null ? "" : Number(ratio).toFixed(2)} |`;
  });
  return [`| | ${unit} | | times ${baseline} |`, "|---|--:|---|--:|", ...lines].join("\n");
}

function shown(value: unknown): string {
  const number = Number(value);
  return number >= 1_000 ? number.toLocaleString("en-US") : String(number);
}
