// Type-checks every TypeScript block of the pages against the packages of this workspace. How a
// block becomes a file is in doc-blocks.ts; there is no way to leave a block out.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

import { blocksOf, filesOf } from "./doc-blocks.ts";
import { publicPackages, ROOT, run } from "./workspace.ts";

const PAGES = [
  "*.md",
  "docs/**/*.md",
  "packages/*/*.md",
  "examples/*/*.md",
  "bench/**/*.md",
  ".changeset/*.md",
];

// Inside the workspace, so that the blocks' imports resolve as the examples' do.
const FOLDER = join(ROOT, "node_modules/.cache/docs");

/** Code for the page runs with the DOM's types; all else with those of Workers. */
const IN_A_PAGE = /from "(@greenroom\/(client|react)|partysocket|react)|\bdocument\.|\bwindow\./;

type Project = { name: string; options: object; files: string[] };

const workers: Project = {
  name: "workers",
  options: { lib: ["ES2024"], types: ["@cloudflare/workers-types"] },
  files: [],
};
const browser: Project = {
  name: "browser",
  options: { lib: ["ES2024", "DOM", "DOM.Iterable"], types: ["vite/client"] },
  files: [],
};

rmSync(FOLDER, { recursive: true, force: true });
const pages = globSync(PAGES, { cwd: ROOT }).map((page) => page.split(sep).join("/"));
let count = 0;
for (const page of pages) {
  for (const { path, code, checked } of filesOf(blocksOf(readFileSync(join(ROOT, page), "utf8")))) {
    const file = `${page}/${path}`;
    mkdirSync(dirname(join(FOLDER, file)), { recursive: true });
    writeFileSync(join(FOLDER, file), code);
    if (!checked) continue;
    count++;
    (inAPage(code) ? browser : workers).files.push(file);
  }
}

const outputs = await Promise.all([workers, browser].map(check));
const errors = outputs.join("").trim();
if (errors) {
  console.error(errors);
  console.error(
    "\nAn error's path is the page, then the line where its block starts, then the file.",
  );
  process.exit(1);
}
console.log(`${count} blocks of ${pages.length} pages compile`);

function inAPage(code: string): boolean {
  return IN_A_PAGE.test(code) && !code.includes('"@greenroom/server"');
}

async function check({ name, options, files }: Project): Promise<string> {
  if (files.length === 0) return "";
  const config = join(FOLDER, `tsconfig.${name}.json`);
  const references = publicPackages().map(({ folder }) => ({
    path: `../../../packages/${folder}`,
  }));
  const compilerOptions = {
    ...options,
    composite: false,
    noEmit: true,
    emitDeclarationOnly: false,
    declaration: false,
    declarationMap: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: "force",
    jsx: "react-jsx",
    skipLibCheck: true,
    tsBuildInfoFile: null,
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: "../../../tsconfig.base.json", compilerOptions, references, files }),
  );
  const { code, output } = await run("tsc", ["-b", config, "--pretty", "false"]);
  if (code === 0) return "";
  return output.replaceAll("node_modules/.cache/docs/", "");
}
