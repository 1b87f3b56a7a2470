// `npm run -s types` looks at every TypeScript project of the tree.
import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

import { expect, test } from "vitest";

import { ROOT } from "../workspace.ts";

test("the solution names every project", () => {
  const { references } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8")) as {
    references: { path: string }[];
  };
  const named = references.map(({ path }) => path.replace(/\/tsconfig\.json$/, ""));
  const found = globSync("{packages,examples,scripts,bench}/**/tsconfig.json", {
    cwd: ROOT,
    exclude: (path) => /node_modules|dist|outside|fixtures/.test(path),
  }).map((path) => path.split(sep).slice(0, -1).join("/"));
  expect(named.filter((path) => !path.endsWith(".json")).toSorted()).toEqual(found.toSorted());
});
