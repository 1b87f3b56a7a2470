// The same findings inside oxlint, at the same places.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import plugin from "../src/lint-plugin.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NAIVE = join(import.meta.dirname, "fixtures/naive-worker");
const folder = mkdtempSync(join(tmpdir(), "greenroom-lint-"));
afterAll(() => rmSync(folder, { recursive: true }));

// A second linter beside the tests: slow only when the machine is busy.
test("oxlint reports what the doctor finds in a source file", { timeout: 30_000 }, () => {
  const config = join(folder, "oxlint.json");
  const names = Object.keys(plugin.rules);
  writeFileSync(
    config,
    JSON.stringify({
      categories: { correctness: "off" },
      jsPlugins: [join(ROOT, "packages/cli/src/lint-plugin.ts")],
      rules: Object.fromEntries(names.map((name) => [`greenroom/${name}`, "error"])),
    }),
  );
  const { stdout } = spawnSync(
    join(ROOT, "node_modules/.bin/oxlint"),
    [
      "-c",
      config,
      "--disable-nested-config",
      "--no-ignore",
      "--format",
      "unix",
      join(NAIVE, "src/index.ts"),
    ],
    { cwd: ROOT, encoding: "utf8" },
  );
  const reported = [...stdout.matchAll(/index\.ts:(\d+):\d+: .*greenroom\(([\w-]+)\)/g)].map(
    ([, line, rule]) => `${line} ${rule}`,
  );
  const found = [
    ...readFileSync(join(NAIVE, "findings.txt"), "utf8").matchAll(
      /^src\/index\.ts:(\d+):\d+ \w+ (\S+)/gm,
    ),
  ];
  expect(sorted(reported)).toEqual(sorted(found.map(([, line, rule]) => `${line} ${rule}`)));
});

function sorted(lines: string[]): string[] {
  return lines.toSorted((a, b) => a.localeCompare(b));
}
