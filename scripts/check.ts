// `npm test`: runs every check, says which failed and why, and ends with the count of the tests.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, stripVTControlCharacters } from "node:util";

import { type Check, CHECKS, checksNamed, nextOf, TESTS } from "./checks.ts";
import { CHROMIUM_MISSING, findChromium } from "./chromium.ts";
import type { TestCount } from "./test-count.ts";
import { ROOT } from "./workspace.ts";

type Result = { name: string; ok: boolean; seconds: number; output: string };

/** So many checks at once: the tests, which use every core now and then, and one other. */
const AT_ONCE = 2;

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
  await main(checksNamed(values.only?.split(",")));
}
rmSync(temporary, { recursive: true });

async function main(checks: Check[]): Promise<void> {
  const hasTests = checks.some(({ name }) => name === TESTS);
  if (hasTests && !findChromium()) {
    console.error(CHROMIUM_MISSING);
    process.exitCode = 1;
    return;
  }
  const began = performance.now();
  const results = await runAll(checks);
  report(results, hasTests ? testCount() : undefined, secondsSince(began));
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** Runs each check as soon as it may; a check that fails stops no other. */
async function runAll(checks: Check[]): Promise<Result[]> {
  const waiting = [...checks];
  const running = new Map<Check, Promise<void>>();
  const results: Result[] = [];
  const begin = async (check: Check): Promise<void> => {
    const result = await runCheck(check);
    running.delete(check);
    results.push(result);
    if (!values.json) printResult(result, [...running.keys()]);
  };
  while (waiting.length + running.size > 0) {
    const next = running.size < AT_ONCE ? nextOf(waiting, [...running.keys()]) : undefined;
    if (next) {
      waiting.splice(waiting.indexOf(next), 1);
      running.set(next, begin(next));
    } else {
      await Promise.race(running.values());
    }
  }
  return results;
}

async function runCheck({ name }: Check): Promise<Result> {
  const began = performance.now();
  const isTests = name === TESTS;
  // What tests that pass have logged is of no use here.
  const flags = " --silent=passed-only --reporter=default --reporter=./scripts/test-count.ts";
  const command = scripts[name]! + (isTests ? flags : "");
  const { code, output } = await runScript(command, isTests && !values.json);
  return { name, ok: code === 0, seconds: secondsSince(began), output };
}

/** Runs a command; what it prints is kept, or shown line by line as it comes. */
function runScript(command: string, shown: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const isTerminal = process.stdout.isTTY;
    const child = spawn(command, {
      cwd: ROOT,
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...colours(isTerminal),
        TEST_COUNT_FILE: countPath,
        PATH: join(ROOT, "node_modules/.bin") + delimiter + process.env.PATH,
      },
    });
    // Some tools colour their output in CI, whoever reads it.
    const plain = (text: string): string => (isTerminal ? text : stripVTControlCharacters(text));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      // Whole lines, because two checks print.
      createInterface({ input: stream }).on("line", (line) => {
        if (shown) console.log(plain(line));
        else output += `${line}\n`;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: plain(output) }));
  });
}

/** A pipe is no terminal: tools have to be told that what they print ends in one, or does not. */
function colours(isTerminal: boolean): Record<string, string> {
  if (!isTerminal) return { NO_COLOR: "1" };
  return process.env.NO_COLOR ? {} : { FORCE_COLOR: "1" };
}

/** A run of the tests that left no count has failed as a whole. */
function testCount(): TestCount {
  if (!existsSync(countPath)) return { passed: 0, failed: 1 };
  return JSON.parse(readFileSync(countPath, "utf8"));
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}

function printResult({ name, ok, seconds, output }: Result, running: Check[]): void {
  const others = running.map((check) => check.name).join(", ");
  const rest = others && `   still running: ${others}`;
  console.log(`${line(ok, name, seconds)}${rest}`);
  if (!ok && output) console.log(output.trimEnd().replace(/^/gm, "     "));
}

function line(ok: boolean, name: string, seconds: number): string {
  return `${ok ? "ok  " : "FAIL"} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(5)} s`;
}

function report(results: Result[], tests: TestCount | undefined, seconds: number): void {
  if (values.json) {
    console.log(JSON.stringify({ checks: results, tests, seconds }, null, 2));
    return;
  }
  // Once more and together: between the lines of the tests they are hard to find.
  if (tests) {
    console.log(`\n${results.length} checks in ${seconds.toFixed(1)} s`);
    for (const each of results) console.log(line(each.ok, each.name, each.seconds));
  }
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  if (failed.length > 0) {
    console.log(`\nfailed: ${failed.join(", ")} (each runs alone with npm run -s <name>)`);
  }
  if (tests) console.log(`\n${tests.passed} passed, ${tests.failed} failed`);
}

function help(): string {
  return [
    "npm test -- [--only <name,name>] [--json] [--help]",
    "",
    "Runs every check, or only the named ones; each is also a script: npm run -s <name>",
    "",
    ...CHECKS.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`),
  ].join("\n");
}
