// The tests in four kinds of projects: `node` (pure code, the client, the command, the scripts),
// `react-19` and `react-18` (the hooks), `workers` (rooms in real workerd) and `browser` (a real Chromium, driven from Node).
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, sep } from "node:path";

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Keeps wrangler and Miniflare offline in the tests, too.
process.loadEnvFile(join(import.meta.dirname, "wrangler.env"));

// Busy machines are slow, and a test that hangs is found all the same.
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };

// To start a process or a workerd for each file would take longer than most files. They share one,
// and a setup file takes away what a file leaves behind.
const inNode = { isolate: false, setupFiles: ["scripts/test/between-files.ts"] };
const inWorkerd = { isolate: false, setupFiles: ["packages/server/test/between-files.ts"] };

// What the tests in workerd are told: `npm run -s steps` asks for every step.
const bindings = { ALL_STEPS: process.env["ALL_STEPS"] ?? "" };

// Whoever tests rooms in workerd has a wrangler.jsonc, and the Worker that it names, under test/.
const workers = globSync("{packages,examples}/*/test/wrangler.jsonc", { cwd: import.meta.dirname })
  .map((path) => path.split(sep).join("/"))
  .map((configPath) => {
    const folder = dirname(configPath);
    const name = folder.split("/")[1];
    return {
      plugins: [cloudflareTest({ wrangler: { configPath }, miniflare: { bindings } })],
      test: {
        name: name === "server" ? "workers" : `workers-${name}`,
        ...timeouts,
        include: [`${folder}/**/*.test.ts`],
        exclude: ["**/*.node.test.ts", "**/*.browser.test.ts"],
        ...inWorkerd,
      },
    };
  });

// The hooks run on both versions of React; the older one has a folder of its own.
const react18 = join(import.meta.dirname, "packages/react/test/react-18/node_modules");
const older = ["react", "react-dom", "@testing-library/react"].map((name) => ({
  find: new RegExp(`^${name}(?=/|$)`),
  replacement: join(react18, name),
}));
const react = Object.entries({ "react-19": [], "react-18": older }).map(([name, alias]) => ({
  resolve: { alias },
  test: {
    name,
    environment: "happy-dom",
    ...timeouts,
    include: ["packages/react/test/**/*.test.{ts,tsx}"],
    exclude: ["**/*.browser.test.ts"],
    ...inNode,
  },
}));

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Many tests wait: for a process, a page, a clock. One worker more than there are cores.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          ...timeouts,
          include: [
            "packages/{protocol,client,cli}/test/**/*.test.{ts,tsx}",
            "{packages,examples}/*/test/**/*.node.test.ts",
            "scripts/test/**/*.test.ts",
            "bench/test/**/*.test.ts",
          ],
          ...inNode,
        },
      },
      ...react,
      ...workers,
      {
        test: {
          name: "browser",
          environment: "node",
          include: ["{packages,examples}/*/test/**/*.browser.test.ts"],
          globalSetup: "examples/test/browser-setup.ts",
          // After the others, which would slow down what the pages wait for; they wait more than they work.
          sequence: { groupOrder: 1 },
          maxWorkers: 3,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
