// Builds the pages into dist/, which the Worker serves as its assets: the index at `/`, and each
// example that has a page under its own name. `--out FOLDER` builds them into another folder.
// wrangler runs this on whatever Node the machine has: it is plain JavaScript.
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { build } from "vite";

const { values } = parseArgs({ options: { out: { type: "string" } } });
const folder = import.meta.dirname;
const dist = values.out === undefined ? join(folder, "dist") : resolve(values.out);

const examples = readdirSync(folder).filter((name) =>
  existsSync(join(folder, name, "vite.config.ts")),
);

// The index first: it empties the folder.
await build({
  configFile: false,
  root: join(folder, "web"),
  base: "./",
  logLevel: "warn",
  build: { outDir: dist, emptyOutDir: true },
});
await Promise.all(
  examples.map((name) =>
    build({
      configFile: join(folder, name, "vite.config.ts"),
      logLevel: "warn",
      build: { outDir: join(dist, name), emptyOutDir: true },
    }),
  ),
);
