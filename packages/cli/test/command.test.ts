// The command as a shell sees it: arguments, what is printed, and the exit code.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { showsColours } from "../src/colours.ts";
import type { ExitCode } from "../src/command.ts";
import { runCommand } from "../src/command.ts";

// The first diagnosis loads all of wrangler: a second, and more when the machine is busy.
vi.setConfig({ testTimeout: 30_000 });

const FIXTURES = join(import.meta.dirname, "fixtures");
const BIN = join(import.meta.dirname, "../src/bin.ts");

function run(
  args: string[],
  coloured = false,
  cwd = FIXTURES,
): { code: ExitCode; out: string; err: string } {
  let out = "";
  let err = "";
  const code = runCommand(args, {
    cwd,
    out: (text) => (out += `${text}\n`),
    err: (text) => (err += `${text}\n`),
    coloured,
    version: "1.2.3",
  });
  return { code, out, err };
}

describe("exit codes", () => {
  let empty = "";
  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), "greenroom-empty-"));
    writeFileSync(join(empty, "broken.jsonc"), '{\n  "name": "x",\n  "main" "y"\n}\n');
    writeFileSync(join(empty, "broken.toml"), 'name = "x"\nmain = = "y"\n');
  });
  afterAll(() => rmSync(empty, { recursive: true }));

  test("0 for a clean project", () => {
    const { code, out } = run(["doctor", "clean-toml"]);
    expect(code).toBe(0);
    expect(out).toContain(
      "no findings (wrangler.toml, 3 environments, 1 source file, 1 class examined)",
    );
  });

  test("1 for findings", () => {
    const { code, out } = run(["doctor", "naive-worker"]);
    expect(code).toBe(1);
    expect(out).toContain("5 errors, 3 warnings; 1 can be fixed with --fix");
  });

  test.each([
    ["no command", [], "greenroom <command>"],
    ["an unknown command", ["docter"], 'There is no command "docter"'],
    ["an unknown option", ["doctor", "--fixx"], "--fixx"],
    ["two paths", ["doctor", "clean-toml", "clean-room"], "one path"],
    ["a path that is not there", ["doctor", "nowhere"], "nowhere does not exist"],
    [
      "an unknown environment",
      ["doctor", "clean-toml", "--env", "prod"],
      "There are: staging, preview.",
    ],
    [
      "a file that is no configuration",
      ["doctor", "clean-toml/src/server.ts"],
      "not a wrangler configuration",
    ],
  ])("2 for %s", (_title, args, message) => {
    const { code, out, err } = run(args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
  });

  test("2 for a directory without a configuration", () => {
    expect(run(["doctor", empty]).code).toBe(2);
  });

  test.each([
    ["broken.jsonc", "broken.jsonc:3:"],
    ["broken.toml", "broken.toml:2:"],
  ])("2 for %s, with the place of the fault", (file, place) => {
    const { code, err } = run(["doctor", join(empty, file)]);
    expect(code).toBe(2);
    expect(err).toContain(place);
  });

  test("2 as JSON, when asked for it", () => {
    const { code, out, err } = run(["doctor", "nowhere", "--json"]);
    expect(code).toBe(2);
    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      error: { message: "nowhere does not exist." },
    });
  });
});

describe("help", () => {
  test.each([[["--help"]], [["-h"]], [["help"]]])("%j lists the commands", (args) => {
    const { code, out } = run(args);
    expect(code).toBe(0);
    expect(out).toContain("doctor");
  });

  test.each([[["doctor", "--help"]], [["help", "doctor"]]])(
    "%j names every option, the exit codes and examples",
    (args) => {
      const { code, out } = run(args);
      expect(code).toBe(0);
      for (const part of ["--fix", "--json", "--env", "Exit code", "Examples:", "greenroom-ignore"])
        expect(out).toContain(part);
    },
  );

  test("--version prints the version", () => {
    expect(run(["--version"]).out).toBe("1.2.3\n");
  });
});

describe("the report", () => {
  test("says where, what, why, what to do, and which lines change", () => {
    const { out } = run(["doctor", "date-rpc"]);
    expect(out.split("\n\n")[0]).toBe(
      [
        "wrangler.json:4:25  error  compatibility-date  pitfall 7",
        '  compatibility_date is "2024-04-02", too old for RPC, by which rooms are started (2024-04-03).',
        "  why  The runtime behaves as it did on that day: what came later is switched off.",
        '  do   Set it to "2024-04-03" or later. (--fix does it)',
        '     -   "compatibility_date": "2024-04-02",',
        '     +   "compatibility_date": "2024-04-03",',
        "  see  docs/guide/doctor.md#compatibility-date",
      ].join("\n"),
    );
  });

  test("has colours for a terminal and none otherwise, and the same words", () => {
    const plain = run(["doctor", "options-room"]).out;
    const coloured = run(["doctor", "options-room"], true).out;
    expect(plain).not.toContain("\u001B");
    expect(coloured).toContain("\u001B[31m");
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replaceAll(/\u001B\[\d+m/g, "")).toBe(plain);
  });

  test("says what it could not examine", () => {
    expect(run(["doctor", "clean-without-main"]).out).toContain(
      "note  .output/server/index.mjs is not there",
    );
  });

  test("finds the configuration upwards from the directory it is run in", () => {
    expect(run(["doctor"], false, join(FIXTURES, "clean-toml/src")).code).toBe(0);
  });

  test("--env checks one environment", () => {
    expect(run(["doctor", "date-environment", "--env", "production"]).code).toBe(1);
    expect(run(["doctor", "environment-bare", "--env", "none"]).code).toBe(0);
  });
});

test("--json has the shape that machines rely on", () => {
  const { code, out } = run(["doctor", "date-rpc", "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({
    version: 1,
    config: "wrangler.json",
    findings: [
      {
        rule: "compatibility-date",
        severity: "error",
        pitfall: 7,
        file: "wrangler.json",
        line: 4,
        column: 25,
        message: expect.any(String),
        why: expect.any(String),
        advice: expect.any(String),
        fixable: true,
        edits: [
          {
            file: "wrangler.json",
            line: 4,
            before: '  "compatibility_date": "2024-04-02",',
            after: '  "compatibility_date": "2024-04-03",',
          },
        ],
        docs: "docs/guide/doctor.md#compatibility-date",
      },
    ],
    fixed: [],
    notes: [],
    summary: { errors: 1, warnings: 0, fixed: 0, environments: 1, files: 1, classes: 1 },
  });
});

test("the program runs by itself, without colours in a pipe, and gives its exit code", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "doctor", "naive-worker"], {
    cwd: FIXTURES,
    encoding: "utf8",
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined },
  });
  expect(stderr).toBe("");
  expect(status).toBe(1);
  expect(stdout).toContain("src/index.ts:21:5  error  socket-accept");
  expect(stdout).not.toContain("\u001B");
});

test.each([
  ["a terminal with colours", {}, { isTTY: true, hasColors: (): boolean => true }, true],
  ["a terminal without", {}, { isTTY: true, hasColors: (): boolean => false }, false],
  ["a pipe", {}, {}, false],
  ["a pipe that is told to", { FORCE_COLOR: "1" }, {}, true],
  [
    "a terminal that is told not to",
    { NO_COLOR: "1" },
    { isTTY: true, hasColors: (): boolean => true },
    false,
  ],
  ["both: NO_COLOR wins", { NO_COLOR: "1", FORCE_COLOR: "1" }, {}, false],
  ["FORCE_COLOR=0", { FORCE_COLOR: "0" }, { isTTY: true, hasColors: (): boolean => true }, false],
])("colours: %s", (_title, environment, stream, shown) => {
  expect(showsColours(environment, stream)).toBe(shown);
});
