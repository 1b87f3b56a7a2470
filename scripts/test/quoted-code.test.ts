// The code of the page on coming from partyserver is the code that packages/server/test/moved-poll.test.ts runs.
import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

import { expect, test } from "vitest";

import { blocksOf } from "../doc-blocks.ts";
import { ROOT } from "../workspace.ts";

const FOLDER = join(ROOT, "packages/server/test/poll");

test("the page quotes every file of the poll, whole, as it is run", () => {
  const page = readFileSync(join(ROOT, "docs/guide/coming-from-partyserver.md"), "utf8");
  const quoted = blocksOf(page).flatMap(({ name, code }) =>
    name === undefined ? [] : [[name, code.trim().split("\n").slice(1).join("\n")] as const],
  );
  const files = globSync("*/*.ts", { cwd: FOLDER }).map(
    (path) =>
      [
        path.split(sep).join("/"),
        withoutPurpose(readFileSync(join(FOLDER, path), "utf8")),
      ] as const,
  );
  expect(files.length).toBeGreaterThan(5);
  expect(Object.fromEntries(quoted)).toEqual(Object.fromEntries(files));
});

/** A file of the repository says what it is for; on the page the text around it does. */
function withoutPurpose(source: string): string {
  const lines = source.trim().split("\n");
  return lines.slice(lines.findIndex((line) => !line.startsWith("//"))).join("\n");
}
