/**
 * `npm run -s steps`: crashes and evictions at every step of a ring and of a purge. `npm test` runs
 * the same tests with two steps of each kind of a ring, and with every step of a purge.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

import { ROOT } from "./workspace.ts";

const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const FILES = ["packages/server/test/steps.test.ts", "packages/server/test/evictions.test.ts"];

const child = spawn(process.execPath, [VITEST, "run", ...FILES], {
  cwd: ROOT,
  env: { ...process.env, ALL_STEPS: "yes" },
  stdio: "inherit",
});
child.on("close", (code) => (process.exitCode = code ?? 1));
