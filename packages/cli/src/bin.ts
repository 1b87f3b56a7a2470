#!/usr/bin/env node
/** The entry of the `greenroom` command. */

import { readFileSync } from "node:fs";

import { showsColours } from "./colours.ts";
import { runCommand } from "./command.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

try {
  process.exitCode = runCommand(process.argv.slice(2), {
    cwd: process.cwd(),
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    coloured: showsColours(process.env, process.stdout),
    version: manifest.version,
  });
} catch (error) {
  // A fault of ours is not a finding of theirs.
  console.error(error);
  process.exitCode = 2;
}
