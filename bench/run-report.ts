/** A run as it is committed: what was measured, when, with what, and on which machine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";

import type { Repeated } from "./paired.ts";
import { round } from "./results.ts";

const ROOT = join(import.meta.dirname, "..");

/** What a figure depends on, besides the code. */
const PACKAGES = {
  workerd: "workerd",
  wrangler: "wrangler",
  miniflare: "miniflare",
  partyserver: "partyserver",
  partysocket: "partysocket",
  "socket.io": "socket.io",
  colyseus: "@colyseus/core",
  ws: "ws",
  typescript: "typescript",
} as const;

/** When, with what, and where. */
export interface RunContext {
  /** The day, as YYYY-MM-DD. */
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: {
    readonly system: string;
    readonly cores: number;
    readonly processor: string;
    readonly memoryGB: number;
  };
}

/** The context of a run that ends now. */
export function runContext(): RunContext {
  const versions = Object.entries(PACKAGES).map(([name, id]) => [name, versionOf(id)] as const);
  return {
    date: new Date().toISOString().slice(0, 10),
    versions: { node: process.versions.node, ...Object.fromEntries(versions) },
    machine: {
      system: `${platform()} ${release().split("-")[0]} ${arch()}`,
      cores: cpus().length,
      processor: cpus()[0]?.model.trim() ?? "unknown",
      memoryGB: Math.round(totalmem() / 2 ** 30),
    },
  };
}

/** A run with its context. */
export function runReport<Run extends object>(run: Run): RunContext & Run {
  return { ...runContext(), ...run };
}

/** A scenario that counts message by message is exact: so many values say nothing more than their median. */
const MOST_VALUES = 20;

/** A run as the text of its file: at its end the values of each repetition, a line each, for ratios between any two targets. */
export function fileOf(report: object, repeated: readonly Repeated[]): string {
  const lines = repeated
    .filter(({ values }) => values.length > 1 && values.length <= MOST_VALUES)
    .map((each) =>
      JSON.stringify({ ...each, values: each.values.map((value) => round(value ?? Number.NaN)) }),
    );
  const head = JSON.stringify(report, null, 2).slice(0, -2);
  if (lines.length === 0) return `${head}\n}\n`;
  return `${head},\n  "repetitions": [\n    ${lines.join(",\n    ")}\n  ]\n}\n`;
}

/** The version of a package as the bench finds it. */
function versionOf(id: string): string {
  for (const from of [import.meta.filename, join(ROOT, "package.json")]) {
    for (const folder of createRequire(from).resolve.paths(id) ?? []) {
      try {
        const text = readFileSync(join(folder, id, "package.json"), "utf8");
        return (JSON.parse(text) as { version: string }).version;
      } catch {
        // not in this folder: the next one is looked at
      }
    }
  }
  // workerd is no dependency of ours; miniflare brings it.
  const miniflare = createRequire(import.meta.resolve("miniflare"));
  try {
    return (miniflare(`${id}/package.json`) as { version: string }).version;
  } catch {
    return "unknown"; // told as such
  }
}
