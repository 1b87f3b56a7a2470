// Builds the pages into dist/, which the Worker serves as its assets: the index at `/`, and each
// example that has a page under its own name. `node examples/build.mjs chat` builds some of them.
// wrangler runs this on whatever Node the machine has: it is plain JavaScript.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { build } from "vite";

const folder = import.meta.dirname;
const dist = join(folder, "dist");

const examples = readdirSync(folder).filter((name) =>
  existsSync(join(folder, name, "vite.config.ts")),
);
const asked = process.argv.slice(2);

if (asked.length === 0) {
  await build({
    configFile: false,
    root: join(folder, "web"),
    base: "./",
    logLevel: "warn",
    build: { outDir: dist, emptyOutDir: true },
  });
}
await Promise.all(
  examples
    .filter((name) => asked.length === 0 || asked.includes(name))
    .map((name) =>
      build({
        configFile: join(folder, name, "vite.config.ts"),
        logLevel: "warn",
        build: { outDir: join(dist, name), emptyOutDir: true },
      }),
    ),
);
