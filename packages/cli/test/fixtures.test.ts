// Every directory under fixtures/ is a small project. Its findings.txt says what the doctor finds in it, one
// line each; a project without one is clean. fixed/ holds the files that `--fix` changes, as it leaves them.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { Finding } from "../src/index.ts";
import { diagnose } from "../src/index.ts";

// The first diagnosis loads all of wrangler: a second, and more when the machine is busy.
vi.setConfig({ testTimeout: 30_000 });

const FIXTURES = join(import.meta.dirname, "fixtures");
const CACHE = join(import.meta.dirname, "../../../node_modules/.cache");
const NAMES = readdirSync(FIXTURES);
const CLEAN = NAMES.filter((name) => !existsSync(join(FIXTURES, name, "findings.txt")));
const FAULTY = NAMES.filter((name) => !CLEAN.includes(name));
const FIXABLE = NAMES.filter((name) => existsSync(join(FIXTURES, name, "fixed")));

describe("fixtures", () => {
  test("there are enough of them", () => {
    expect(FAULTY.length).toBeGreaterThanOrEqual(25);
    expect(CLEAN.length).toBeGreaterThanOrEqual(15);
  });

  test.each(FAULTY)("finds what is wrong in %s, and nothing else", (name) => {
    const { findings } = diagnose({ path: join(FIXTURES, name) });
    expect(findings.map(inALine)).toEqual(expected(name));
    for (const finding of findings) {
      expect(finding.message).not.toBe("");
      expect(finding.advice).not.toBe("");
    }
  });

  test.each(CLEAN)("finds nothing in %s", (name) => {
    expect(diagnose({ path: join(FIXTURES, name) }).findings).toEqual([]);
  });
});

// It makes the mistakes that everybody makes first; the doctor names those that can be seen.
describe("the naive worker of the nine pitfalls", () => {
  const { findings } = diagnose({ path: join(FIXTURES, "naive-worker") });

  test.each([
    [1, "hibernation clears memory", "private messageCount = 0;"],
    [2, "setTimeout dies with the instance", "setTimeout(() => this.expire(), IDLE)"],
    [5, "no hibernation API", "server!.accept()"],
    [6, "deleteAll drops the schema under a living instance", "this.ctx.storage.deleteAll()"],
    [7, "a compatibility date too old", '"compatibility_date": "2023-05-18"'],
    [8, "new_classes instead of new_sqlite_classes", '"new_classes": ["ChatRoom"]'],
    [9, "one alarm slot for two things", "setAlarm(Date.now() + IDLE)"],
  ])("pitfall %i, %s, is named at its line", (pitfall, _title, code) => {
    const lines = findings
      .filter((each) => each.pitfall === pitfall)
      .map(({ file, line }) => lineOf(file, line));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.some((line) => line.includes(code))).toBe(true);
  });
});

describe("--fix", () => {
  let folder = "";
  beforeAll(() => {
    // Inside the workspace, where wrangler is installed.
    mkdirSync(CACHE, { recursive: true });
    folder = mkdtempSync(join(CACHE, "greenroom-fix-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(FIXABLE)("changes in %s exactly what is safe", (name) => {
    const path = copyOf(name, folder);
    const { fixed, findings } = diagnose({ path, fix: true });
    for (const file of filesOf(join(FIXTURES, name, "fixed"))) {
      const fixed = readFileSync(join(FIXTURES, name, "fixed", file), "utf8");
      expect(readFileSync(join(path, file), "utf8")).toBe(fixed);
    }
    const [safe, left] = [
      expected(name).filter(isFixable),
      expected(name).filter((line) => !isFixable(line)),
    ];
    expect(fixed.map(inALine)).toEqual(safe);
    expect(findings.map(({ rule }) => rule)).toEqual(left.map((line) => line.split(" ")[2]));
  });

  test.each(FAULTY.filter((name) => !FIXABLE.includes(name)))("changes nothing in %s", (name) => {
    expect(expected(name).filter(isFixable)).toEqual([]);
  });

  test("changes nothing the second time", () => {
    const path = copyOf("date-room", folder);
    diagnose({ path, fix: true });
    const after = readFileSync(join(path, "wrangler.jsonc"), "utf8");
    expect(diagnose({ path, fix: true }).fixed).toEqual([]);
    expect(readFileSync(join(path, "wrangler.jsonc"), "utf8")).toBe(after);
  });

  test("leaves every file as it is without being asked", () => {
    const path = copyOf("migration-missing", folder);
    const before = readFileSync(join(path, "wrangler.jsonc"), "utf8");
    diagnose({ path });
    expect(readFileSync(join(path, "wrangler.jsonc"), "utf8")).toBe(before);
  });
});

describe("without wrangler", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "greenroom-alone-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // Only wrangler can say what wrangler refuses.
  test.each(NAMES.filter((name) => name !== "config-invalid"))(
    "finds the same in %s, with a note",
    (name) => {
      const { findings, notes } = diagnose({ path: copyOf(name, folder) });
      expect(findings.map(inALine)).toEqual(expected(name));
      expect(notes[0]).toContain("Wrangler is not installed");
    },
  );
});

function inALine({ file, line, column, severity, rule, fixable }: Finding): string {
  return `${file}:${line}:${column} ${severity} ${rule}${fixable ? " fixable" : ""}`;
}

function isFixable(line: string): boolean {
  return line.endsWith(" fixable");
}

function expected(name: string): string[] {
  const path = join(FIXTURES, name, "findings.txt");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

function copyOf(name: string, folder: string): string {
  const copy = join(mkdtempSync(join(folder, "project-")), name);
  cpSync(join(FIXTURES, name), copy, { recursive: true });
  return copy;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function lineOf(file: string, line: number): string {
  return readFileSync(join(FIXTURES, "naive-worker", file), "utf8").split("\n")[line - 1] ?? "";
}
