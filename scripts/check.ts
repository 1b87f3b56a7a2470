// `npm test`: runs every check, says which failed and why, and ends with the count of the tests.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";

import { STAGES, stagesWith, TESTS, type Check, type Stage } from "./checks.ts";
import { CHROMIUM_MISSING, findChromium } from "./chromium.ts";
import type { TestCount } from "./test-count.ts";
import { ROOT } from "./workspace.ts";

type Result = { name: string; ok: boolean; seconds: number; output: string };

const { values } = parseArgs({
  options: { only: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
});

const temporary = mkdtempSync(join(tmpdir(), "greenroom-check-"));
const countPath = join(temporary, "tests.json");
const scripts: Record<string, string> = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
).scripts;

if (values.help) {
  console.log(help());
} else {
  await main(stagesWith(values.only?.split(",")));
}
rmSync(temporary, { recursive: true });

async function main(stages: Stage[]): Promise<void> {
  const names = stages.flatMap(({ checks }) => checks.map(({ name }) => name));
  if (names.includes(TESTS) && !findChromium()) {
    console.error(CHROMIUM_MISSING);
    process.exitCode = 1;
    return;
  }
  const results: Result[] = [];
  for (const stage of stages) results.push(...(await runStage(stage)));
  const tests = names.includes(TESTS) ? testCount() : undefined;
  report(results, tests);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function runStage({ checks, atOnce }: Stage): Promise<Result[]> {
  const waiting = [...checks];
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const result = await runCheck(check);
      results.push(result);
      if (!values.json) printResult(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

async function runCheck({ name }: Check): Promise<Result> {
  const started = performance.now();
  let command = scripts[name]!;
  if (name === TESTS) {
    command += " --reporter=default --reporter=./scripts/test-count.ts";
  }
  const shown = name === TESTS && !values.json;
  const { code, output } = await runScript(command, shown);
  return { name, ok: code === 0, seconds: (performance.now() - started) / 1000, output };
}

function runScript(command: string, shown: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      cwd: ROOT,
      shell: true,
      stdio: ["ignore", shown ? "inherit" : "pipe", shown ? "inherit" : "pipe"],
      env: {
        ...process.env,
        ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
        TEST_COUNT_FILE: countPath,
        PATH: join(ROOT, "node_modules/.bin") + delimiter + process.env.PATH,
      },
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    // Some tools colour their output in CI, whoever reads it.
    const plain = (): string => (process.stdout.isTTY ? output : stripVTControlCharacters(output));
    child.on("close", (code) => resolve({ code: code ?? 1, output: plain() }));
  });
}

/** A run of the tests that left no count has failed as a whole. */
function testCount(): TestCount {
  if (!existsSync(countPath)) return { passed: 0, failed: 1 };
  return JSON.parse(readFileSync(countPath, "utf8"));
}

function printResult({ name, ok, seconds, output }: Result): void {
  console.log(`${ok ? "ok  " : "FAIL"} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(5)} s`);
  if (!ok && output) console.log(output.trimEnd().replace(/^/gm, "     "));
}

function report(results: Result[], tests: TestCount | undefined): void {
  if (values.json) {
    console.log(JSON.stringify({ checks: results, tests }, null, 2));
    return;
  }
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  if (failed.length > 0) {
    console.log(`\nfailed: ${failed.join(", ")} (each runs alone with npm run -s <name>)`);
  }
  if (tests) console.log(`\n${tests.passed} passed, ${tests.failed} failed`);
}

function help(): string {
  const checks = STAGES.flatMap((stage) => stage.checks);
  return [
    "npm test -- [--only <name,name>] [--json] [--help]",
    "",
    "Runs every check, or only the named ones; each is also a script: npm run -s <name>",
    "",
    ...checks.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`),
  ].join("\n");
}
