/** What every command here does with its command line: what is wrong is said in a line, before anything is started. */
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

interface Config<Some extends Options> {
  readonly options: Some;
  readonly allowPositionals?: boolean;
}

type Parsed<Some extends Options> = {
  readonly values: ReturnType<typeof parseArgs<{ readonly options: Some }>>["values"];
  readonly positionals: readonly string[];
};

/** Reads the command line; an option that is unknown, has no value or comes twice ends the command. */
export function commandLine<const Some extends Options>(config: Config<Some>): Parsed<Some> {
  try {
    const { tokens, ...parsed } = parseArgs({ ...config, tokens: true });
    const names = tokens.flatMap((each) => (each.kind === "option" ? [each.rawName] : []));
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) fail(`${twice} is given twice. See --help.`);
    return parsed;
  } catch (wrong) {
    return fail(`${(wrong as Error).message.split(". ")[0]}. See --help.`);
  }
}

/** The number that an option was given; `undefined` where it was not. */
export function numberIn(
  name: string,
  text: string | undefined,
  { whole = true, least = 0, most = Number.POSITIVE_INFINITY, above, of = "" }: Bounds,
): number | undefined {
  if (text === undefined) return undefined;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const isKind = whole ? Number.isSafeInteger(number) : Number.isFinite(number);
  const isAbove = above === undefined || number > above;
  if (isKind && number >= least && isAbove && number <= most) return number;
  const from = above === undefined ? `from ${least}` : `above ${above}`;
  const to = most === Number.POSITIVE_INFINITY ? "" : `, at most ${most.toLocaleString("en-US")}`;
  const kind = `${whole ? "whole " : ""}number${of && ` of ${of}`}`;
  return fail(`--${name} is ${text}; it takes a ${kind} ${from}${to}.`);
}

/** What an option's number may be. */
export interface Bounds {
  /** @default true */
  readonly whole?: boolean;
  /** @default 0 */
  readonly least?: number;
  /** Above this, and not this itself. */
  readonly above?: number;
  readonly most?: number;
  /** What it counts, in words. */
  readonly of?: string;
}

/** Ends the command where a file that it is to write in the end cannot be written. */
export function writable(option: string, path: string | undefined): void {
  if (path === undefined) return;
  const isNew = !existsSync(path);
  try {
    closeSync(openSync(path, "a"));
  } catch (wrong) {
    fail(`--${option} ${path} cannot be written: ${codeOf(wrong)}.`);
  }
  if (isNew) rmSync(path);
}

/** The JSON in a file; ends the command where there is none. */
export function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (wrong) {
    return fail(
      wrong instanceof SyntaxError
        ? `${path} is not JSON: ${wrong.message}.`
        : `${path} cannot be read: ${codeOf(wrong)}.`,
    );
  }
}

/** Of type never in the projects whose `process` is that of Workers, too. */
const exit: (code: number) => never = process.exit.bind(process);

/** Says why, and ends the command with 1. */
export function fail(why: string): never {
  console.error(why);
  return exit(1);
}

/** What a command ends with that cannot go on: a line, and 1. */
export function failed(wrong: unknown): never {
  return fail(`failed: ${causeOf(wrong)}.`);
}

/** What went wrong, in a line; `fetch` says it in its cause. */
export function causeOf(wrong: unknown): string {
  const { message, cause } = wrong as Error;
  const lines = cause instanceof Error ? [message, cause.message] : [message];
  return lines.map((line) => line.replace(/\.$/, "")).join(": ");
}

function codeOf(wrong: unknown): string {
  return (wrong as NodeJS.ErrnoException).code ?? String(wrong);
}
