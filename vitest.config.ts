// The tests in three projects: `node` (pure code, the client, the command, the scripts),
// `workers` (rooms in real workerd) and `browser` (a real Chromium, driven from Node).
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Keeps wrangler and Miniflare offline in the tests, too.
process.loadEnvFile(`${import.meta.dirname}/wrangler.env`);

// Packages with tests of rooms, each with a wrangler.jsonc and a worker.ts under test/.
const ROOM_PACKAGES = ["server"];

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          include: [
            "packages/{protocol,client,cli,react}/test/**/*.test.{ts,tsx}",
            "packages/*/test/**/*.node.test.ts",
            "examples/*/test/**/*.node.test.ts",
            "scripts/test/**/*.test.ts",
          ],
        },
      },
      ...ROOM_PACKAGES.map((name) => ({
        plugins: [
          cloudflareTest({ wrangler: { configPath: `packages/${name}/test/wrangler.jsonc` } }),
        ],
        test: {
          name: name === "server" ? "workers" : `workers-${name}`,
          include: [`packages/${name}/test/**/*.test.ts`],
          exclude: ["**/*.node.test.ts"],
        },
      })),
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
