// What this repository itself deploys and shows as an example must be clean.
import { globSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { diagnose } from "../src/index.ts";

// The first diagnosis loads all of wrangler: a second, and more when the machine is busy.
vi.setConfig({ testTimeout: 30_000 });

const ROOT = join(import.meta.dirname, "../../..");
const CONFIGS = [
  "wrangler.jsonc",
  ...globSync("examples/**/wrangler.{json,jsonc,toml}", {
    cwd: ROOT,
    exclude: ["**/node_modules/**"],
  }),
];

test.each(CONFIGS)("finds nothing in %s", (config) => {
  const { findings, notes, examined } = diagnose({ path: join(ROOT, config) });
  expect(findings).toEqual([]);
  expect(notes).toEqual([]);
  expect(examined.files).toBeGreaterThan(0);
});

// Written by others to fail in real workerd: the doctor must see the mistakes in them, too.
test("names the pitfalls of the hand-written classes that the rooms are measured against", () => {
  const { findings } = diagnose({ path: join(ROOT, "packages/server/test") });
  const inClasses = findings.filter(({ file }) => file === "pitfalls/naive.ts");
  const inConfig = findings.filter(
    ({ file, message }) => file === "wrangler.jsonc" && message.startsWith("NaiveBackend"),
  );
  const named = [...inClasses, ...inConfig].map(({ pitfall }) => pitfall);
  expect(new Set(named)).toEqual(new Set([1, 2, 5, 6, 8, 9]));
});
