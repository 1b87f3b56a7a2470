/** The `greenroom` command: its arguments, its help, what it prints, and its exit code. */

import { parseArgs } from "node:util";

import { paintFor } from "./colours.ts";
import { DoctorError } from "./doctor-error.ts";
import type { Diagnosis, DoctorOptions } from "./doctor.ts";
import { diagnose } from "./doctor.ts";
import { report } from "./report.ts";

/** Where a command reads and writes; a test gives its own. */
export interface CommandIo {
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `out` shows colours. */
  readonly coloured: boolean;
  readonly version: string;
}

/** 0: clean. 1: there are findings. 2: it could not run. */
export type ExitCode = 0 | 1 | 2;

const HELP = `greenroom <command>

  doctor   find what would break a room, before a deploy does

greenroom <command> --help says more.   greenroom --version prints the version.`;

const DOCTOR_HELP = `greenroom doctor [path] [--fix] [--json] [--env <name>]

Reads a Worker's wrangler configuration and the source that its main module reaches, and
reports what would break a room: where it is, why it matters, and the lines to change.

  path          a directory or a wrangler.json, .jsonc or .toml file
                (default: the nearest configuration, from the current directory upwards)
  --fix         make the changes that are safe; comments and formatting stay as they are
  --json        print the findings for machines
  --env <name>  check one environment (default: the top level and all of them)
  --help        print this

Exit code: 0 no findings, 1 findings, 2 it could not run.

A comment on the line, or on the one before it, accepts a finding:
  // greenroom-ignore timer-in-room: a game's clock, it may stop

Examples:
  greenroom doctor                       the Worker of this directory
  greenroom doctor apps/chat --fix       mend what can be mended in another one
  greenroom doctor --env production      as it is deployed to production
  greenroom doctor --json | jq '.findings[].rule'

Every rule is explained in docs/guide/doctor.md.`;

/** Runs the command with its arguments, the program's own name left out. */
export function runCommand(args: readonly string[], io: CommandIo): ExitCode {
  const [name, ...rest] = args;
  switch (name) {
    case "doctor":
      return doctor(rest, io);
    case undefined:
      io.err(HELP);
      return 2;
    case "--help":
    case "-h":
    case "help":
      io.out(rest[0] === "doctor" ? DOCTOR_HELP : HELP);
      return 0;
    case "--version":
    case "-v":
      io.out(io.version);
      return 0;
    default:
      return misuse(`There is no command "${name}".`, io);
  }
}

function doctor(args: readonly string[], io: CommandIo): ExitCode {
  const parsed = parse(args);
  if (typeof parsed === "string") return misuse(parsed, io, "doctor");
  if (parsed.help) {
    io.out(DOCTOR_HELP);
    return 0;
  }
  try {
    const diagnosis = diagnose({ ...parsed.options, cwd: io.cwd });
    io.out(parsed.json ? json(diagnosis) : report(diagnosis, paintFor(io.coloured)));
    return diagnosis.findings.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof DoctorError)) throw error;
    if (parsed.json)
      io.out(
        JSON.stringify(
          { version: 1, error: { message: error.message, hint: error.hint } },
          null,
          2,
        ),
      );
    else io.err(`${error.message} ${error.hint}`);
    return 2;
  }
}

interface Parsed {
  readonly help: boolean;
  readonly json: boolean;
  readonly options: DoctorOptions;
}

function parse(args: readonly string[]): Parsed | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fix: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        env: { type: "string", short: "e" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (positionals.length > 1) return `doctor takes one path, not ${positionals.length}.`;
    const { fix, json: asJson, env, help } = values;
    return { help, json: asJson, options: { path: positionals[0], environment: env, fix } };
  } catch (error) {
    // parseArgs says in a sentence which argument it does not know.
    return error instanceof Error ? error.message : String(error);
  }
}

/** The report for machines: `version` changes when its shape does. */
function json({ config, findings, fixed, notes, examined }: Diagnosis): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const summary = { errors, warnings: findings.length - errors, fixed: fixed.length, ...examined };
  return JSON.stringify({ version: 1, config, findings, fixed, notes, summary }, null, 2);
}

function misuse(message: string, io: CommandIo, command = ""): ExitCode {
  io.err(`${message}\ngreenroom ${command === "" ? "" : `${command} `}--help says what there is.`);
  return 2;
}
