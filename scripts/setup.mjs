// Installs what the lockfile says, Node 26 for the workspace's own tools included. Runs on any Node
// from 20, before anything is installed, and does nothing when nothing changed since the last time.
// What only the documentation's site needs is left out, unless it is asked for with `--site`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const PNPM = "pnpm@12.21.0";

const root = join(import.meta.dirname, "..");
const withSite = process.argv.includes("--site");
const stamp = join(root, "node_modules/.cache", withSite ? "setup-site" : "setup");

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Greenroom needs Node 20 or newer; this is ${process.version}.`);
  process.exit(1);
}

const wanted = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.log(
    "Installing what the lockfile says. The first time takes a minute; later runs skip it.",
  );
  const args = ["-y", "--prefer-offline", PNPM, "install", "--frozen-lockfile"];
  if (!withSite) args.push("--filter", "!@greenroom/site");
  const { status } = spawnSync("npx", args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error("The installation failed; what pnpm said is above.");
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** What decides the installation: the lockfile, pnpm's settings and every manifest. */
function fingerprint() {
  const members = ["packages", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/package.json`),
  );
  const files = [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    ".pnpmfile.cjs",
    "package.json",
    "docs/package.json",
    "bench/package.json",
  ];
  const hash = createHash("sha256").update(`${root} ${PNPM} ${process.platform} ${process.arch}`);
  for (const file of [...files, ...members]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`\n${file}\n`).update(readFileSync(path));
  }
  return hash.digest("hex");
}
