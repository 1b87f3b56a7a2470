// The tests in three kinds of projects: `node` (pure code, the client, the command, the scripts),
// `workers` (rooms in real workerd) and `browser` (a real Chromium, driven from Node).
import { globSync } from "node:fs";
import { dirname, join, sep } from "node:path";

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Keeps wrangler and Miniflare offline in the tests, too.
process.loadEnvFile(join(import.meta.dirname, "wrangler.env"));

// Busy machines are slow, and a test that hangs is found all the same.
const testTimeout = 30_000;

// Whoever tests rooms in workerd has a wrangler.jsonc, and the Worker that it names, under test/.
const workers = globSync("{packages,examples}/*/test/wrangler.jsonc", { cwd: import.meta.dirname })
  .map((path) => path.split(sep).join("/"))
  .map((configPath) => {
    const folder = dirname(configPath);
    const name = folder.split("/")[1];
    return {
      plugins: [cloudflareTest({ wrangler: { configPath } })],
      test: {
        name: name === "server" ? "workers" : `workers-${name}`,
        testTimeout,
        include: [`${folder}/**/*.test.ts`],
        exclude: ["**/*.node.test.ts", "**/*.browser.test.ts"],
      },
    };
  });

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          testTimeout,
          include: [
            "packages/{protocol,client,cli,react}/test/**/*.test.{ts,tsx}",
            "{packages,examples}/*/test/**/*.node.test.ts",
            "scripts/test/**/*.test.ts",
          ],
        },
      },
      ...workers,
      {
        test: {
          name: "browser",
          environment: "node",
          include: ["examples/*/test/**/*.browser.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
