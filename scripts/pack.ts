// Uses the packages as a stranger would: packs them, installs the tarballs into a project outside
// the workspace (scripts/outside, copied to a temporary folder), type-checks a room and its client
// there, lets two clients talk through the room in workerd, runs a suite of the test kit, and follows
// the tutorial. Needs no network.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createTestHarness } from "wrangler";

import { Failure } from "./failure.ts";
import { writeGuideSuite } from "./guide-suite.ts";
import { installOutside } from "./outside-install.ts";
import { packAll } from "./packing.ts";
import { followTutorial } from "./tutorial.ts";
import { mustRun, publicPackages, ROOT } from "./workspace.ts";

/** What the project outside uses besides the packages. */
const TOOLS = ["@cloudflare/workers-types", "@types/node", "valibot"];
const LINKED = ["vitest", "@cloudflare/vitest-plugin"];

process.loadEnvFile(join(ROOT, "wrangler.env"));
const outside = mkdtempSync(join(tmpdir(), "greenroom-outside-"));
const tarballs = await packAll();
try {
  cpSync(join(ROOT, "scripts/outside"), outside, { recursive: true });
  await installOutside(outside, tarballs, { copied: TOOLS, linked: LINKED });
  for (const config of ["tsconfig.json", "tsconfig.client.json", "tsconfig.test.json"]) {
    await mustRun("tsc", ["-p", join(outside, config)]);
  }
  console.log(`${tarballs.length} packages type-check outside the workspace`);
  await runCommands(outside);
  console.log(`two clients outside the workspace heard: ${await talk(outside)}`);
  console.log(`the test kit outside the workspace: ${await runSuite(outside, 5)}`);
  const guide = writeGuideSuite(outside);
  console.log(`the testing page's own tests: ${await runSuite(outside, 13, guide)}`);
  await misuse(outside);
  console.log(await followTutorial(tarballs));
} finally {
  rmSync(outside, { recursive: true });
}

/** Runs a suite of the test kit, of so many tests; gives how many have passed. */
async function runSuite(project: string, wanted: number, root = project): Promise<string> {
  const results = join(root, "results.json");
  const vitest = join(project, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--root", root, "--reporter", "json", "--outputFile", results];
  await mustRun(process.execPath, args, { cwd: root });
  const { numPassedTests: passed, numTotalTests: all } = JSON.parse(readFileSync(results, "utf8"));
  if (passed !== wanted || all !== wanted)
    throw new Failure(`${passed} of ${all} tests of the kit passed`);
  return `${passed} tests passed`;
}

/** In Node the kit says where it belongs. */
async function misuse(project: string): Promise<void> {
  const said = await mustRun(process.execPath, [join(project, "in-node.ts")], { cwd: project });
  if (!said.includes("runs inside of workerd")) throw new Failure(`the kit said in Node: ${said}`);
}

/** The packages' commands start, and explain themselves. */
async function runCommands(project: string): Promise<void> {
  for (const { manifest } of publicPackages()) {
    for (const name of Object.keys(manifest.bin ?? {})) {
      await mustRun(join(project, "node_modules/.bin", name), ["--help"], { cwd: project });
      console.log(`${name} --help runs outside the workspace`);
    }
  }
}

/** Runs the room in workerd, and the two clients against it; gives what they printed. */
async function talk(project: string): Promise<string> {
  const server = createTestHarness({ workers: [{ configPath: join(project, "wrangler.jsonc") }] });
  try {
    const { url } = await server.listen();
    const client = join(project, "client.ts");
    const heard = (await mustRun(process.execPath, [client, url.host], { cwd: project })).trim();
    if (heard !== "hello hello")
      throw new Failure(`the clients heard "${heard}", not "hello hello"`);
    return heard;
  } finally {
    await server.close();
  }
}
