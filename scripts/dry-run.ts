// Bundles the reference Worker as a deploy would, without deploying it.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT, run } from "./workspace.ts";

const folder = mkdtempSync(join(tmpdir(), "greenroom-dry-run-"));
const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const args = ["--env-file=wrangler.env", wrangler, "deploy", "--dry-run", "--outdir", folder];
const { code, output } = await run(process.execPath, args);
const bundled = existsSync(join(folder, "worker.js"));
rmSync(folder, { recursive: true });

if (code !== 0 || !bundled || /warning/i.test(output)) {
  console.error(output);
  console.error(
    "`wrangler deploy --dry-run` of the reference Worker failed, warned, or wrote no bundle",
  );
  process.exit(1);
}
console.log(output.match(/Total Upload:.*/)?.[0] ?? "bundled");
