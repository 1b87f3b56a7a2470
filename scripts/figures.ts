// Holds the figures that pages quote, and the pictures, to the committed results (docs/results/*.json).
// With `--fix` it writes what is right.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { commandLine, jsonIn } from "../bench/command-line.ts";
import type { Grown } from "../bench/growth/grown.ts";
import { benchPictures, growthPictures } from "../bench/plots/pictures.ts";
import type { Result } from "../bench/results.ts";
import { mend } from "./quotes.ts";
import { ROOT } from "./workspace.ts";

const PAGES = ["*.md", "docs/**/*.md", "packages/*/*.md", "examples/*/*.md", "bench/**/*.md"];
const RESULTS = join(ROOT, "docs/results");
const PICTURES = join(RESULTS, "plots");

const HELP = `npm run -s figures [-- --fix]

Ends with 1 where a page quotes a figure that is not in docs/results/*.json, or a picture is another one's.

  --fix    writes what is right
  --help`;

const { values } = commandLine({
  options: { fix: { type: "boolean" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const results = new Map(
  globSync("*.json", { cwd: RESULTS }).map((file) => [basename(file), jsonIn(join(RESULTS, file))]),
);
const faults: string[] = [];
let quotes = 0;

for (const page of globSync(PAGES, { cwd: ROOT, exclude: ["**/node_modules/**"] }).toSorted()) {
  const text = readFileSync(join(ROOT, page), "utf8");
  const mended = mend(text, results);
  quotes += mended.quotes;
  settle(page, text, mended.text);
  // What no result has cannot be mended.
  const left = values.fix ? mend(mended.text, results).faults : mended.faults;
  faults.push(...left.map((fault) => `${page}: ${fault}`));
}

const pictures = new Map([
  ...picturesOf("bench.json", () => benchPictures(recordsOf<Result>("bench.json"))),
  ...picturesOf("growth.json", () => growthPictures(recordsOf<Grown>("growth.json"))),
]);
for (const [file, picture] of pictures) {
  const path = join(PICTURES, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (text !== picture && !values.fix)
    faults.push(`docs/results/plots/${file} is not of the results`);
  settle(`docs/results/plots/${file}`, text, picture);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  if (!values.fix) console.error("\nnpm run -s figures:fix writes what is right.");
  process.exit(1);
}
console.log(`${quotes} quotes and ${pictures.size} pictures are those of the results`);

function settle(path: string, text: string, right: string): void {
  if (!values.fix || text === right) return;
  mkdirSync(join(ROOT, path, ".."), { recursive: true });
  writeFileSync(join(ROOT, path), right);
}

/** A file may be another command's, or of another day: that is a fault of it, and none of this script. */
function picturesOf(file: string, draw: () => Map<string, string>): Map<string, string> {
  try {
    return draw();
  } catch (wrong) {
    faults.push(`docs/results/${file} cannot be drawn: ${(wrong as Error).message}`);
    return new Map();
  }
}

function recordsOf<Item>(file: string): Item[] {
  const records = (results.get(file) as { results?: Item[] } | null | undefined)?.results;
  return Array.isArray(records) ? records : [];
}
